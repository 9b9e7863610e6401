"""Weights pruned layer after layer, on what each reads by then, towards what the original gives.

A layer that is fitted by itself leaves its error to those behind it, and 27 such errors add up: MobileNet v1 with half
of its weights agreed on 41 % so, and on 75 % in this order (ADR 27).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import onnx_ir as ir

from desktop_app.core.progress import Progress, Token
from desktop_app.graph.constants import array_of
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.steps.biases import find_bias
from desktop_app.steps.channel_pruning.aims import NOT_CLIPPED, Aim, clipping_of, depths, skip_of
from desktop_app.steps.channel_pruning.frontier import Frontier
from desktop_app.steps.channel_pruning.least_squares import RIDGES
from desktop_app.steps.channel_pruning.reader import MAX_UNKNOWNS, Reader, as_reader
from desktop_app.steps.channel_pruning.refit import CLIPPED_ROUNDS, Parts, gather, retarget, with_targets
from desktop_app.steps.channel_pruning.samples import FAILURES, kept_batches
from desktop_app.steps.rounding.reading import has_rows, rows_shape
from desktop_app.steps.storage.stored import Bias
from desktop_app.steps.targets import LayerWeight
from desktop_app.steps.weight_pruning.centred import Centred
from desktop_app.steps.weight_pruning.refit import refit_kept
from desktop_app.steps.weight_pruning.selection import Selection
from desktop_app.steps.weight_pruning.sparsifying import Pruned, decibel, keep_and_refit

UNCHANGED = 10.0
"""Ridge towards the weight that is there, where no weaker one does better on held-out samples."""


@dataclass(frozen=True)
class Given:
    """What a recipe asks of each weight, and what it is done on.

    Attributes:
        model: The model before the step.
        weights: Name to weight, in `model`.
        selections: Name to what goes of it.
        calibration: The samples.
        seed: Of the choice of positions in large images.
    """

    model: Model
    weights: Mapping[str, LayerWeight]
    selections: Mapping[str, Selection]
    calibration: Calibration
    seed: int


def prune_in_order(given: Given, token: Token) -> Iterator[tuple[str, Pruned]]:
    """The weights as they are pruned, by name; those are absent that are no linear system, or where the model fails.

    Raises:
        Cancelled: when the token says so.
    """
    batches = kept_batches(given.calibration)
    by_node = {weight.node.name or "": name for name, weight in given.weights.items()}
    work = given.model.clone()
    aims = _aims(given.model, given.weights)
    if not batches or not aims:
        return
    frontier = Frontier(work, batches, token)
    try:
        for number, (aim, target) in enumerate(with_targets(given.model, aims, batches, given.seed, token)):
            token.check()
            node = aim.reader.node.name or ""
            token.report(Progress("prune_weights", number / len(aims), node))
            reader = _reader(work, given.weights[by_node[node]], work.node(node))
            if reader is None:
                continue
            name, here = by_node[node], replace(aim, reader=reader)
            found = _Fit(Parts(frontier, here, target), here, given.weights[name]).fit(given.selections[name])
            if found is not None:
                yield name, found
    except FAILURES:
        return


def _aims(model: Model, weights: Mapping[str, LayerWeight]) -> list[Aim]:
    """What each layer is fitted to, in order of execution."""
    by_node = {weight.node.name or "": weight for weight in weights.values()}
    found = {name: _reader(model, by_node[name], node) for node in model.graph if (name := node.name or "") in by_node}
    readers = {name: reader for name, reader in found.items() if reader is not None}
    depth = depths(model, readers)
    values = {value.name or "": value for node in model.graph for value in node.outputs}
    aims = []
    for name, reader in readers.items():
        skip, target = skip_of(reader, depth[name], depth, model) or ("", _summed(reader))
        aims.append(Aim(reader, target, skip, None, clipping_of(values[target])))
    return aims


def _summed(reader: Reader) -> str:
    """Name of what a layer gives with its bias, which for a MatMul another node adds."""
    adds = [use.node for use in reader.bias.uses()] if reader.bias is not None else [reader.node]
    return adds[0].outputs[0].name or ""


def _reader(model: Model, weight: LayerWeight, node: ir.Node) -> Reader | None:
    """The layer as a linear system, with the bias that an Add behind it adds; None where it is none or a large one."""
    reader = as_reader(model, node.name or "") if has_rows(weight) else None
    if reader is None or reader.unknowns > MAX_UNKNOWNS:
        return None
    groups, outputs, _ = rows_shape(weight)
    bias = find_bias(replace(weight, node=node), groups * outputs) if reader.bias is None else None
    return reader if bias is None else replace(reader, bias=bias.node.inputs[bias.index])


class _Fit:
    """One layer: what it reads by now, what it should give, and the weights that do that best with zeros held."""

    def __init__(self, parts: Parts, aim: Aim, weight: LayerWeight) -> None:
        self._parts, self._aim, self._weight = parts, aim, weight
        self._start = aim.reader.start()
        self._equations = gather(parts, self._start.shape)

    def fit(self, selection: Selection) -> Pruned | None:
        """Writes the weights of which the selection is zero into the reader; None where the samples say nothing."""
        training, validation = self._equations
        sums = (training.gram, training.cross, validation.gram, validation.cross, self._start)
        if not training.rows or not validation.rows or not all(np.isfinite(one).all() for one in sums):
            return None
        ridges = self._ridges()
        system = self._system(ridges)
        rows, keep = keep_and_refit(self._weight, system.best, system.gram, selection)
        solution, signal = system.solution(rows), system.signal
        noise = (training + validation).error(solution).sum()
        for _ in range(0 if self._aim.clipped == NOT_CLIPPED else CLIPPED_ROUNDS):
            retarget(self._parts, self._equations, solution, self._aim.clipped)
            system = self._system(ridges)
            rows = refit_kept(system.best, system.gram, keep, rows)
            solution = system.solution(rows)
        if not np.isfinite(solution).all():
            return None
        self._aim.reader.store(solution)
        return self._pruned(decibel(signal, float(noise)))

    def _system(self, ridges: np.ndarray) -> Centred:
        training, validation = self._equations
        return Centred.of(training + validation, self._start, ridges, bias=self._aim.reader.bias is not None)

    def _ridges(self) -> np.ndarray:
        """For each group the strength that does best on held-out samples, before anything is zero."""
        training, validation = self._equations
        errors = np.stack([validation.error(training.solve(self._start, ridge)) for ridge in RIDGES])
        better = errors.min(axis=0) < validation.error(self._start)
        return np.where(better, np.array(RIDGES)[errors.argmin(axis=0)], UNCHANGED)

    def _pruned(self, measured: float) -> Pruned:
        """What the reader holds by now, for the model that the weight was read from."""
        reader = self._aim.reader
        groups, outputs, _ = rows_shape(self._weight)
        bias = find_bias(self._weight, groups * outputs) if reader.bias is not None else None
        fitted, weight = array_of(reader.bias), array_of(reader.node.inputs[1])
        if weight is None:
            raise ValueError(f"the weight of {reader.node.name} is no constant")
        if bias is not None and fitted is not None:
            bias = Bias(bias.node, bias.index, fitted)
        return Pruned(weight, bias, measured)
