"""Fills the chains with weights: each layer by itself, or in execution order on what it reads by then."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from desktop_app.core.progress import Progress, Token
from desktop_app.core.rank import Factor
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch
from desktop_app.steps.channel_pruning.aims import Aim, clipping_of, depths, skip_of
from desktop_app.steps.channel_pruning.frontier import Frontier
from desktop_app.steps.channel_pruning.reader import MAX_UNKNOWNS, Reader, as_reader
from desktop_app.steps.channel_pruning.refit import Parts, Target, gather, refit_layer, with_targets
from desktop_app.steps.channel_pruning.samples import FAILURES
from desktop_app.steps.factorisation.evidence import evidence
from desktop_app.steps.factorisation.factor_nodes import Chain
from desktop_app.steps.factorisation.regression import Regression, fitted, weight_alone
from desktop_app.steps.factorisation.stacking import stack_kernels
from desktop_app.steps.factorisation.systems import System
from desktop_app.steps.factorisation.whitened import approximate

Place = tuple[System, Factor, Chain]

REWRITTEN = ("separable", "stacked")
"""Kinds of which little is left of a fit of all their parts, so that the last part is fitted once more."""


def fill(place: Place, regression: Regression) -> float | None:
    """Stores the best factors; the share of the outputs' energy that they keep, None where they are not finite."""
    system, factor, chain = place
    objective = regression.objective
    kernel = () if regression.behind is not None else system.kernel
    if factor.stack is None:
        found = approximate(objective, kernel, factor.kind, factor.ranks)
    else:
        found = stack_kernels(objective, factor.stack, factor.ranks[0])
    links = found.links
    if regression.behind is not None:
        first = links[0] @ regression.behind
        links = (
            first.reshape(len(first), -1, *system.kernel),
            links[1].reshape(*links[1].shape, *[1] * len(system.kernel)),
        )
    if not chain.fill(links, regression.bias(found.dense)):
        return None
    return 1.0 - objective.error(found.dense) / objective.energy if objective.energy > 0 else 1.0


def fill_alone(place: Place) -> float | None:
    """Stores the factors of the weight alone, and the layer's own bias."""
    return fill(place, weight_alone(place[0]))


def fill_in_order(
    original: Model,
    work: Model,
    places: Sequence[Place],
    whole: Sequence[str],
    batches: Sequence[Batch],
    token: Token,
    seed: int,
    step: str = "low_rank",
) -> dict[str, float]:
    """Fits chain after chain on what it reads in `work` by then, to what the original gives.

    So each makes up for the errors of those before it (Zhang et al., 2015, "asymmetric reconstruction"); where a skip
    connection is added to its output, for the error that comes along that too.

    Args:
        original: The model before the step.
        work: The model with the chains, all that are not filled yet zero.
        places: The chains.
        whole: Names of layers without a chain that are fitted likewise.
        batches: The samples.
        token: Hears of progress; says when to stop.
        seed: Of the choice of positions in large images.
        step: Whose progress is told.

    Returns:
        Name of each layer of `places` whose factors are fitted to the energy kept, and of each of `whole` that has
        other weights now. The chains of other layers are still empty.
    """
    by_name = {system.layer.name: (system, factor, chain) for system, factor, chain in places}
    aims = _aims(original, _readers(original, by_name, whole))
    done: dict[str, float] = {}
    if not batches:
        return done
    frontier = Frontier(work, batches, token)
    with suppress(*FAILURES):
        for number, (aim, target) in enumerate(with_targets(original, aims, batches, seed, token)):
            token.check()
            name = aim.reader.node.name or ""
            token.report(Progress(step, number / len(aims), f"fitting {name}"))
            fit, place = _Fit(work, frontier, aim, target), by_name.get(name)
            if place is None:
                kept = fit.whole()
            elif place[0].wide:
                kept = fit.wide(place, _wide(original, place, batches, token, seed))
            else:
                kept = fit.chain(place)
            if kept is not None:
                done[name] = kept
    return done


@dataclass(frozen=True)
class _Fit:
    """Of one layer: on what it reads by now, to its target."""

    work: Model
    frontier: Frontier
    aim: Aim
    target: Target

    def whole(self) -> float | None:
        """Fits a layer without a chain; None where that would not be better."""
        return 1.0 if self._refit(self.aim.reader.node.name or "") else None

    def chain(self, place: Place) -> float | None:
        """Fits all links, or fills them with the weight alone."""
        system, factor, chain = place
        parts = Parts(self.frontier, self.aim, self.target, chain.nodes[0])
        regression = fitted(system, *gather(parts, self.aim.reader.shape))
        kept = None if regression is None else fill(place, regression)
        kept = fill_alone(place) if kept is None else kept
        if factor.kind in REWRITTEN:
            self._refit_last(place)
        return kept

    def wide(self, place: Place, alone: Regression) -> float | None:
        """Of layers with too many inputs the last link alone is fitted."""
        kept = fill(place, alone)
        if kept is None:
            return fill_alone(place)
        self._refit_last(place)
        return kept

    def _refit_last(self, place: Place) -> None:
        """Fits the last link by itself, to what the target is where that is not clipped."""
        self._refit(place[2].nodes[-1].name or "")

    def _refit(self, name: str) -> bool:
        reader = as_reader(self.work, name)
        return reader is not None and refit_layer(self.frontier, replace(self.aim, reader=reader), self.target)


def _wide(original: Model, place: Place, batches: Sequence[Batch], token: Token, seed: int) -> Regression:
    """What is known of a layer with too many inputs: its outputs, which say nothing of how its kernel falls apart."""
    if place[1].kind in REWRITTEN:
        return weight_alone(place[0])
    return next(evidence(original, [place[0]], batches, token, seed))[1]


def _readers(original: Model, places: Mapping[str, Place], whole: Sequence[str]) -> dict[str, Reader]:
    """What the layers read, in execution order; those that stay whole only if all of their weights can be fitted."""
    readers: dict[str, Reader] = {}
    for layer in original.layers:
        reader = None
        if layer.name in places:
            reader = places[layer.name][0].reader
        elif layer.name in whole:
            found = as_reader(original, layer.name)
            reader = found if found is not None and found.unknowns <= MAX_UNKNOWNS else None
        if reader is not None:
            readers[layer.name] = reader
    return readers


def _aims(original: Model, readers: Mapping[str, Reader]) -> list[Aim]:
    """What each layer is fitted to, in execution order."""
    depth = depths(original, readers)
    values = {value.name or "": value for node in original.graph for value in node.outputs}
    aims = []
    for name, reader in readers.items():
        skip, target = skip_of(reader, depth[name], depth, original) or ("", reader.result)
        aims.append(Aim(reader, target, skip, None, clipping_of(values[target])))
    return aims
