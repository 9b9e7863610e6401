"""Which layers are factorised, and how: by the ranks that are asked for, or by a target over all layers at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from desktop_app.core.methods import LowRankMethod
from desktop_app.core.progress import Token
from desktop_app.core.rank import Factor, break_even, extents_of, factorise, kind_for, kind_is_open, saves
from desktop_app.core.rank_choice import chosen
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.factorisation.allocation import Allocation, Option
from desktop_app.steps.factorisation.candidates import GLANCE, Candidate, best_within, candidates, for_energy
from desktop_app.steps.factorisation.evidence import evidence
from desktop_app.steps.factorisation.regression import Regression, weight_alone
from desktop_app.steps.factorisation.sensitivity import Probe
from desktop_app.steps.factorisation.spending import Rung, spend
from desktop_app.steps.factorisation.systems import System
from desktop_app.steps.factorisation.whitened import approximate

NOT_WORTH = "it stays whole: the error of a rank would cost more than it saves"
TYPICAL = (0.6, 0.3)
"""Shares of a layer's operations at which its error is tried out."""


class Stopwatch(Protocol):
    """What layers take on this machine."""

    def times(self, system: System, factors: Sequence[Factor]) -> tuple[float, list[float]] | None:
        """Microseconds of the layer as it is, and as each of the factorisations; None where that cannot be told."""


@dataclass(frozen=True)
class Samples:
    """The calibration samples, as far as errors are weighed by them: none where that is not wanted."""

    batches: Sequence[Batch]
    seed: int
    token: Token


@dataclass
class Plan:
    """What becomes of the layers.

    Attributes:
        factors: Name of each layer that is factorised to its factorisation.
        left: Name of each other to the reason.
        competing: Names of the layers whose ranks are chosen over all layers at once.
    """

    factors: dict[str, Factor] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    competing: tuple[str, ...] = ()


class Planner:
    """Decides on the ranks.

    Args:
        model: The model.
        systems: Layers that can be factorised, in execution order.
        ranks: Name of a layer to the rank that is asked for; None where it is to be chosen.
        method: How.
        samples: What errors are weighed by.
        stopwatch: What tells how long layers take; None where nothing does.
    """

    def __init__(
        self,
        model: Model,
        systems: Sequence[System],
        ranks: Mapping[str, float | int | None],
        method: LowRankMethod,
        samples: Samples,
        stopwatch: Stopwatch | None,
    ) -> None:
        self._model, self._systems, self._ranks = model, systems, ranks
        self._method, self._samples, self._stopwatch = method, samples, stopwatch
        self._fixed = Plan(competing=tuple(one.layer.name for one in systems if ranks[one.layer.name] is None))
        self._competing: list[System] = []
        self._candidates: list[list[Candidate]] = []
        self._harms: list[list[float]] = []
        self._decide()
        self._allocation = self._allocate()

    def for_macs(self, share: float) -> Plan:
        """The plan by which the model keeps at most a share of its operations, if that can be reached."""
        budget = round(share * sum(layer.macs for layer in self._model.layers) - self._beside())
        indices = self._allocation.within(budget)
        plan = self._plan(indices)
        plan.factors.update(self._spent(indices, budget))
        return plan

    def for_noise(self, noise: float) -> Plan:
        """The plan of fewest operations by which the noise at the outputs (by signal) should stay below so much."""
        return self._plan(self._allocation.below(noise))

    def macs_of(self, plan: Plan) -> float:
        """The share of the model's operations that a plan keeps."""
        total = sum(layer.macs for layer in self._model.layers)
        saved = sum(
            _own(system) - _macs(system, plan.factors[system.layer.name])
            for system in self._systems
            if system.layer.name in plan.factors
        )
        return (total - saved) / max(total, 1)

    def as_written(self) -> Plan:
        """The plan that a run has written out."""
        plan = Plan({**self._fixed.factors}, {**self._fixed.left}, self._fixed.competing)
        for system in self._systems:
            if self._ranks[system.layer.name] is None:
                factor = chosen(system.layer, self._method)
                if factor is None:
                    plan.left[system.layer.name] = NOT_WORTH
                else:
                    plan.factors[system.layer.name] = factor
        return plan

    def as_asked(self) -> Plan:
        """The plan without a target."""
        return self._fixed

    def _decide(self) -> None:
        """Takes the ranks that are asked for, and collects the candidates of the others."""
        by_data = [system for system in self._systems if self._asks_data(system)]
        surveyed = {system.layer.name for system in by_data}
        for system in self._systems:
            rank = self._ranks[system.layer.name]
            if system.layer.name not in surveyed and rank is not None:
                self._take(system, factorise(system.layer, rank, self._method))
        probe = (
            Probe(self._model, self._samples.batches, self._samples.token, scores=True)
            if self._probes(by_data)
            else None
        )
        for system, regression in self._evidence(by_data):
            rank = self._ranks[system.layer.name]
            if isinstance(rank, float):
                self._take(system, self._by_data(system, regression, rank))
            else:
                self._compete(system, regression, probe)

    def _asks_data(self, system: System) -> bool:
        """Whether the rank or the kind is decided by the errors."""
        rank = self._ranks[system.layer.name]
        open_kind = kind_is_open(system.layer, self._method) or self._method.measure == "energy"
        return (rank is None and not self._method.chosen) or (isinstance(rank, float) and open_kind)

    def _probes(self, systems: Iterable[System]) -> bool:
        return bool(self._samples.batches) and any(self._ranks[system.layer.name] is None for system in systems)

    def _evidence(self, systems: Sequence[System]) -> Iterator[tuple[System, Regression]]:
        if not self._samples.batches:
            return ((system, weight_alone(system)) for system in systems)
        return evidence(self._model, systems, self._samples.batches, self._samples.token, self._samples.seed)

    def _take(self, system: System, factor: Factor | str) -> None:
        if isinstance(factor, str):
            self._fixed.left[system.layer.name] = factor
        else:
            self._fixed.factors[system.layer.name] = factor

    def _by_data(self, system: System, regression: Regression, rank: float) -> Factor | str:
        """A size with the best kind for it, or the rank that an energy takes."""
        layer, method = system.layer, self._method
        if method.measure == "size":
            return best_within(system, regression.objective, method, rank)
        kind = kind_for(layer, method)
        extents = extents_of(layer, kind)
        bound = factorise(layer, rank, method)
        if isinstance(bound, str):
            return bound
        factor = for_energy(regression.objective, system.kernel, bound, extents, rank)
        if saves(extents, factor):
            return factor
        needed = " and ".join(map(str, factor.ranks))
        return f"keeping {rank:g} of the energy takes rank {needed}; it saves below {break_even(extents, kind)}"

    def _compete(self, system: System, regression: Regression, probe: Probe | None) -> None:
        """Collects what the layer may become, and what each of it does to the model's outputs."""
        objective = regression.objective
        found, reason = self._not_slower(system, candidates(system, objective, self._method))
        if not found:
            self._fixed.left[system.layer.name] = reason
            return
        self._competing.append(system)
        self._candidates.append(found)
        self._harms.append(_harms(system, regression, found, probe))

    def _not_slower(self, system: System, found: list[Candidate]) -> tuple[list[Candidate], str]:
        """The candidates that this machine computes faster than the layer; where there is none, why."""
        if not found:
            return [], "no rank would save"
        times = None if self._stopwatch is None else self._stopwatch.times(system, [one.factor for one in found])
        if times is None:
            return found, ""
        whole, own = times
        return [one for one, time in zip(found, own, strict=True) if time < whole], slower(min(own), whole)

    def _allocate(self) -> Allocation:
        options = [
            [Option(_own(system), 0.0)]
            + [Option(_macs(system, one.factor), harm) for one, harm in zip(found, harms, strict=True)]
            for system, found, harms in zip(self._competing, self._candidates, self._harms, strict=True)
        ]
        return Allocation(options, sum(_own(system) for system in self._competing))

    def _spent(self, indices: Sequence[int], budget: int) -> dict[str, Factor]:
        """Factorisations of matrices by what a budget has left."""
        rungs, left = [], float(budget)
        for system, index, found, harms in zip(self._competing, indices, self._candidates, self._harms, strict=True):
            macs = [_own(system), *(_macs(system, one.factor) for one in found)][index]
            left -= macs
            if index:
                above = found[index].factor if index < len(found) else None
                further = (_own(system), 0.0) if above is None else (_macs(system, above), harms[index])
                gain = (harms[index - 1] - further[1]) / max(further[0] - macs, 1)
                rungs.append(Rung(system, found[index - 1].factor, above, gain))
        return spend(rungs, int(left)) if left > 0 else {}

    def _beside(self) -> int:
        """Operations of the model that do not depend on what is chosen."""
        fixed = sum(layer.macs for layer in self._model.layers) - sum(_own(system) for system in self._competing)
        by_name = {system.layer.name: system for system in self._systems}
        for name, factor in self._fixed.factors.items():
            fixed += _macs(by_name[name], factor) - _own(by_name[name])
        return fixed

    def _plan(self, indices: Sequence[int]) -> Plan:
        plan = Plan({**self._fixed.factors}, {**self._fixed.left}, self._fixed.competing)
        for system, index, found in zip(self._competing, indices, self._candidates, strict=True):
            if index:
                plan.factors[system.layer.name] = found[index - 1].factor
            else:
                plan.left[system.layer.name] = NOT_WORTH
        return plan


def slower(time: float, whole: float) -> str:
    """Says that a factorisation takes longer than the layer, both in microseconds."""
    return f"slower: {time:.3g} us instead of {whole:.3g}"


def _harms(system: System, regression: Regression, found: Sequence[Candidate], probe: Probe | None) -> list[float]:
    """What each candidate does to the model's outputs: measured for some, in proportion to the error between them.

    A larger error is never taken to do less in proportion: outputs that are lost already cannot get much worse, but
    that is no reason to lose them.
    """
    objective = regression.objective
    if probe is None:
        return [one.error / max(objective.energy, 1e-100) for one in found]
    measured = {0.0: 0.0}
    kernel = () if regression.behind is not None else system.kernel
    for share in TYPICAL:
        one = min(found, key=lambda one: abs(one.factor.macs_ratio - share))
        dense = approximate(objective, kernel, one.factor.kind, one.factor.ranks, GLANCE.get(one.factor.kind, 1)).dense
        error = objective.error(dense)
        measured[error] = probe.noise_of(system, dense if regression.behind is None else dense @ regression.behind)
    slope = 0.0
    for error in sorted(measured):
        if error > 0:
            slope = max(slope, measured[error] / error)
            measured[error] = slope * error
    errors = sorted(measured)
    errors.append(max(10 * errors[-1], objective.energy))
    measured[errors[-1]] = slope * errors[-1]
    return [float(np.interp(one.error, errors, [measured[error] for error in errors])) for one in found]


def _own(system: System) -> int:
    """Operations of the layer's own node."""
    return system.layer.macs - system.layer.beside_macs


def _macs(system: System, factor: Factor) -> int:
    return round(_own(system) * factor.macs_ratio)
