"""Layers that 8 bits would make slower keep float activations.

Between operators that ONNX Runtime has only in float, integers must be converted to and fro, and some kernels are
slower on bytes. So the time of every row, with all that it takes around the layer, is measured in the float model and
in the quantised one. Which layers should be which, with what it costs to change over between them, is then a shortest
path; and whether the mixture is really faster is measured before it is taken.

Of the time that 8 bits save a little is spent on fidelity: the first layers, whose errors pass through all others and
whose values are the largest, stay float as far as `QuantizeMethod.float_start` goes.
"""

from collections.abc import Collection, Mapping, Sequence
from math import ceil

from msgspec.structs import replace

from desktop_app.bench.changeover import changeovers
from desktop_app.bench.kernels import KernelTimes
from desktop_app.bench.row_times import row_times
from desktop_app.bench.turns import take_turns
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.steps.base import Choice, cost_of
from desktop_app.steps.int8.draft import draft, rehearse
from desktop_app.steps.truth.shortest import cheaper_first, longest_start

STEP = "quantize_static"

LEAST_MACS = 2_000_000
"""A model of less work takes some dozen microseconds, in which nothing can be told apart."""

LEAST_SHARE = 0.03
"""A mixture is tried when it should save so much of the time."""

TOLERANCE = 0.02
"""What differs by less counts as equally fast."""

EIGHTHS = (2, 3, 4, 5, 8)

PROFILE_SECONDS, TURN_SECONDS = 0.3, 0.9


def choose_faster(model: Model, layers: Sequence[Layer], recipe: Recipe, token: Token) -> Choice | None:
    """Which of the layers keep float activations, and have only their weights stored in 8 bits.

    Args:
        model: The float model.
        layers: Those that are asked for 8 bits.
        recipe: What is asked for.
        token: Hears of progress; says when to stop.

    Returns:
        The recipe with these layers as `weights_only`; None where the recipe asks for no such choice.
    """
    if not recipe.methods.quantize.keep_faster:
        return None
    settled = _with(recipe, ())
    if sum(layer.macs for layer in model.layers) < LEAST_MACS:
        return Choice(settled)
    token.report(Progress(STEP, 0.0, "timing every layer in float and in 8 bits"))
    comparison = _Comparison(model, layers, token)
    if not comparison.layers:
        return Choice(settled)
    try:
        slow, note = comparison.verdict(recipe.methods.quantize.float_start)
    except InvalidRecipeError:  # no inputs can be made up to time it with
        return Choice(settled)
    chosen = [layer for layer in layers if layer.name in slow]
    outcomes = tuple(_left(layer, slow[layer.name]) for layer in chosen)
    return Choice(_with(recipe, chosen), outcomes, (note,) if note else ())


class _Comparison:
    """A model in float, the same in 8 bits throughout, and what may lie between them."""

    def __init__(self, model: Model, layers: Sequence[Layer], token: Token) -> None:
        self._model, self._token = model, token
        drafted = draft(model, layers)
        self.layers = [layer for layer in layers if layer.name in drafted.plan.layers]
        self._whole = rehearse(drafted.model, drafted.plan)

    def verdict(self, start: float) -> tuple[dict[str, str], str]:
        """Layers to leave, with the reason, and what is to be said; none that would cost more than is allowed.

        Args:
            start: Share of the time that 8 bits save that the first layers may cost.
        """
        rows = row_times((self._model, self._whole), threads=1, seconds=PROFILE_SECONDS, token=self._token)
        before, after = rows
        slow, *longer = self._left(before, after, start)
        sets = [names for names in dict.fromkeys((slow, *longer)) if 0 < len(names) < len(self.layers)]
        if not sets and sum(after.values()) < (1.0 - LEAST_SHARE) * sum(before.values()):
            return {}, ""
        models = [self._model, self._whole, *(self._without(names) for names in sets)]
        floats, integers, *mixed = take_turns(models, threads=1, seconds=TURN_SECONDS, token=self._token)
        figures = f"On this processor (one thread) it takes {floats:.3g} ms in float, {integers:.3g} ms in 8 bits"
        fastest = min(integers, *mixed) if mixed else integers
        clearly = 1.0 - TOLERANCE
        allowed = fastest + start * max(floats - fastest, 0.0) if start > 0 else clearly * integers
        for time, names in reversed([*zip(mixed, sets, strict=True)]):
            if time <= min(allowed, clearly * floats):
                said = f"{figures}, {time:.3g} ms with the activations of {len(names)} layers in float."
                return {name: self._reason(name, rows, first=name not in slow) for name in names}, said
        if integers > (1.0 + TOLERANCE) * floats:
            everything = {layer.name: self._reason(layer.name, rows, first=False) for layer in self.layers}
            return everything, f"{figures}: so only weights are stored in 8 bits."
        return {}, f"{figures}: it is smaller, not faster." if integers > (1.0 - TOLERANCE) * floats else ""

    def _left(self, before: Mapping[str, float], after: Mapping[str, float], start: float) -> list[frozenset[str]]:
        """Sets of layers to leave in float by the times of the rows, each with more of the first ones.

        The first set are those that are slower in 8 bits; the last has as many as the times say that `start` allows.
        """
        rows = [layer for layer in self._model.layers if layer.name in before and layer.name in after]
        costs = [(before[layer.name], after[layer.name]) for layer in rows]
        changes = changeovers(rows, KernelTimes(1, self._token))
        path = cheaper_first(costs, changes)
        states, cost = path.states, path.cost
        whole = sum(on for _, on in costs)
        if whole - cost < LEAST_SHARE * sum(after.values()):
            states, cost = (1,) * len(rows), whole
        saved = sum(off for off, _ in costs) - cost
        count = longest_start(states, costs, changes, cost + start * saved) if start > 0 and saved > 0 else 0
        able = frozenset(layer.name for layer in self.layers)
        slow = frozenset(layer.name for layer, state in zip(rows, states, strict=True) if state == 0)
        firsts = (frozenset(layer.name for layer in rows[:length]) for length in lengths_below(count))
        return [able & (slow | first) for first in (frozenset[str](), *firsts)]

    def _reason(self, name: str, rows: Sequence[Mapping[str, float]], *, first: bool) -> str:
        before, after = (row.get(name, 0.0) for row in rows)
        if first:
            return (
                "its activations stay float, as those of the first layers: errors made there pass through all that "
                f"follows ({before:.0f} us in float, {after:.0f} us in 8 bits)"
            )
        return _reason(before, after)

    def _without(self, slow: Collection[str]) -> Model:
        drafted = draft(self._model, [layer for layer in self.layers if layer.name not in slow])
        return rehearse(drafted.model, drafted.plan)


def lengths_below(count: int) -> tuple[int, ...]:
    """Numbers of first layers to try where the times of single rows say that `count` can be afforded.

    They promise too much, up to twice as much; and what a whole model takes does not grow evenly, for a start that ends
    inside a block leaves a sum of integers and floats behind. So the lengths stand closest about the half.
    """
    return tuple(dict.fromkeys(ceil(count * eighths / 8) for eighths in EIGHTHS)) if count > 0 else ()


def _with(recipe: Recipe, layers: Sequence[Layer]) -> Recipe:
    """The recipe with these layers left to weights alone, and nothing left to choose."""
    method = recipe.methods.quantize
    names = dict.fromkeys((*method.weights_only, *(layer.origin or layer.name for layer in layers)))
    method = replace(method, keep_faster=False, weights_only=tuple(names))
    return replace(recipe, methods=replace(recipe.methods, quantize=method))


def _left(layer: Layer, reason: str) -> Outcome:
    return Outcome(STEP, layer.origin or layer.name, False, reason, cost_of(layer), cost_of(layer))


def _reason(before: float, after: float) -> str:
    if after > before:
        return f"its activations stay float: with what surrounds it {before:.0f} us, and {after:.0f} us in 8 bits"
    return (
        f"its activations stay float, as those around it do: changing over costs more than 8 bits save "
        f"({before:.0f} us in float, {after:.0f} us in 8 bits)"
    )
