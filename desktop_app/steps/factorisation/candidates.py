"""The factorisations that come into question for a layer, each with its cost and its error."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from desktop_app.core.methods import LowRankMethod
from desktop_app.core.rank import (
    Extents,
    Factor,
    FactorKind,
    break_even,
    extents_of,
    full_ranks,
    kinds_for,
    saves,
    with_ranks,
    within,
)
from desktop_app.steps.factorisation.objective import Objective
from desktop_app.steps.factorisation.systems import System
from desktop_app.steps.factorisation.whitened import approximate, tucker_errors

RUNGS = 12
"""Ranks of one kind that are looked at."""

NARROW_RUNGS = 8
"""Ranks at least, where that takes no fractions: of a layer with few channels."""

FIRST_RUNGS = 5
"""First ranks of Tucker-2."""

GLANCE = {"spatial": 2, "cp": 4}
"""Turns of a fit that only compares; the final one takes more."""

EASY = 1200
"""Unknowns above which a turn takes so long that only kinds without turns are compared, or one turn each."""


@dataclass(frozen=True)
class Candidate:
    """A factorisation of a layer, and the mean squared error of the outputs that it leaves."""

    factor: Factor
    error: float


def candidates(system: System, objective: Objective, method: LowRankMethod) -> list[Candidate]:
    """Factorisations of all kinds that the method allows, none worse in both cost and error than another."""
    found: list[Candidate] = []
    for kind in possible_kinds(system, objective, method):
        extents = extents_of(system.layer, kind)
        found += _with_errors(objective, system.kernel, _ladder(extents, kind, method.round_to))
    found.sort(key=lambda one: (one.factor.macs_ratio, one.error))
    best: list[Candidate] = []
    for one in found:
        if not best or one.error < best[-1].error:
            best.append(one)
    return best


def best_within(system: System, objective: Objective, method: LowRankMethod, share: float) -> Factor | str:
    """The factorisation of any kind with the least error that takes at most a share of the layer's size."""
    found: list[Candidate] = []
    reason = ""
    for kind in possible_kinds(system, objective, method):
        factor = within(extents_of(system.layer, kind), kind, share)
        if isinstance(factor, str):
            reason = reason or factor
        elif kind == "tucker2":
            found += _with_errors(objective, system.kernel, _tucker_within(extents_of(system.layer, kind), share))
        else:
            found += _with_errors(objective, system.kernel, [factor])
    return min(found, key=lambda one: one.error).factor if found else reason


def for_energy(objective: Objective, kernel: tuple[int, ...], bound: Factor, extents: Extents, share: float) -> Factor:
    """The smallest ranks that keep a share of the energy, at most those of `bound`, which it is taken to be kept by."""
    if bound.kind in ("svd", "channel"):
        energies = np.cumsum(objective.spectrum[0])
        needed = int(np.searchsorted(energies, (share - 1e-12) * energies[-1])) + 1
        return with_ranks(extents, bound.kind, (min(needed, full_ranks(extents, bound.kind)[0]),))
    low, high = 1, max(bound.ranks)
    while low < high:
        middle = (low + high) // 2
        ranks = tuple(max(1, round(rank * middle / max(bound.ranks))) for rank in bound.ranks)
        dense = approximate(objective, kernel, bound.kind, ranks, sweeps=GLANCE.get(bound.kind, 1)).dense
        if objective.error(dense) <= (1 - share) * objective.energy:
            high = middle
        else:
            low = middle + 1
    ranks = tuple(max(1, round(rank * low / max(bound.ranks))) for rank in bound.ranks)
    return with_ranks(extents, bound.kind, ranks)


def possible_kinds(system: System, objective: Objective, method: LowRankMethod) -> tuple[FactorKind, ...]:
    """The kinds that the method allows; of wide layers only the outputs are known, and so only one kind."""
    kinds = kinds_for(system.layer, method)
    if system.wide and len(kinds) > 1:
        return kinds[:1]
    return tuple(kind for kind in kinds if kind != "cp" or objective.best.shape[1] <= EASY or len(kinds) == 1)


def _with_errors(objective: Objective, kernel: tuple[int, ...], factors: Iterable[Factor]) -> list[Candidate]:
    """Each factorisation with its error."""
    found = []
    tucker: dict[int, np.ndarray] = {}
    energies = None
    for factor in factors:
        if factor.kind in ("svd", "channel"):
            energies = objective.spectrum[0] if energies is None else energies
            error = float(energies[factor.ranks[0] :].sum())
        elif factor.kind == "tucker2":
            if factor.ranks[0] not in tucker:
                tucker[factor.ranks[0]] = tucker_errors(objective, kernel, factor.ranks[0])
            error = float(tucker[factor.ranks[0]][factor.ranks[1]])
        else:
            sweeps = GLANCE[factor.kind] if objective.best.shape[1] <= EASY else 1
            error = objective.error(approximate(objective, kernel, factor.kind, factor.ranks, sweeps).dense)
        found.append(Candidate(factor, error))
    return found


def _ladder(extents: Extents, kind: FactorKind, step: int) -> list[Factor]:
    """Factorisations that save, from few ranks to many."""
    full = full_ranks(extents, kind)
    if kind == "tucker2":
        firsts, seconds = _rungs(full[0], step, FIRST_RUNGS), _rungs(full[1], step, RUNGS)
        pairs: Sequence[tuple[int, ...]] = [(first, second) for first in firsts for second in seconds]
    else:
        pairs = [(rank,) for rank in _rungs(break_even(extents, kind) - 1, step, RUNGS)]
    factors = {factor.ranks: factor for factor in (with_ranks(extents, kind, ranks) for ranks in pairs)}
    return [factor for factor in factors.values() if saves(extents, factor)]


def _rungs(most: int, step: int, count: int) -> list[int]:
    """At most so many multiples of `step` up to `most`, the last the largest; of smaller steps in a narrow layer."""
    narrow = most < 2 * step
    while step > 1 and most // step < (NARROW_RUNGS if narrow else 1):
        step //= 2
    multiples = np.arange(1, most // max(step, 1) + 1) * max(step, 1)
    if len(multiples) <= count:
        return [int(rank) for rank in multiples]
    return [int(rank) for rank in multiples[np.unique(np.linspace(0, len(multiples) - 1, count).round().astype(int))]]


def _tucker_within(extents: Extents, share: float) -> list[Factor]:
    """Tucker-2 with several first ranks, each with the largest second one that a share of the layer's size allows."""
    full = full_ranks(extents, "tucker2")
    found = []
    for first in sorted({max(1, full[0] * part // 8) for part in range(2, 9)}):
        low, high = 0, full[1]
        while low < high:
            middle = (low + high + 1) // 2
            factor = with_ranks(extents, "tucker2", (first, middle))
            fits = factor.params <= share * extents.weights and factor.macs_ratio <= share
            low, high = (middle, high) if fits else (low, middle - 1)
        if low:
            found.append(with_ranks(extents, "tucker2", (first, low)))
    return [factor for factor in found if saves(extents, factor)]
