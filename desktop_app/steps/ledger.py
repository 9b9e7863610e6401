"""What became of every layer that a step was asked to change."""

from collections.abc import Iterable, Mapping, Sequence

from desktop_app.core.errors import NothingChangedError
from desktop_app.core.layer import Layer
from desktop_app.core.outcome import Cost, Outcome
from desktop_app.graph.model import Model
from desktop_app.steps.base import StepResult, cost_of


class Ledger:
    """Takes note of changes and refusals, and closes them into the result of the step.

    Several layers that earlier steps made from one layer of the opened model have one outcome: changed if any of them
    was.
    """

    def __init__(self, step: str, title: str, before: Model) -> None:
        self._step, self._title, self._before = step, title, before
        self._changed: dict[str, str] = {}
        self._refused: dict[str, str] = {}

    def change(self, layer: Layer, remark: str = "") -> None:
        """The layer was changed; `remark` is what is worth saying of it."""
        self._changed.setdefault(layer.origin or layer.name, remark)

    def refuse(self, layer: Layer, reason: str) -> None:
        """The layer stays as it is."""
        self._refused.setdefault(layer.origin or layer.name, reason)

    def close(self, after: Model, notes: Sequence[str] = ()) -> StepResult:
        """The result of the step. Raises NothingChangedError when layers were refused and none was changed."""
        if self._refused and not self._changed:
            raise NothingChangedError(self._nothing_changed())
        before, then = _costs(self._before.layers), _costs(after.layers)
        outcomes = [
            Outcome(
                self._step,
                layer,
                layer in self._changed,
                self._changed.get(layer, self._refused.get(layer, "")),
                before[layer],
                then.get(layer, Cost()) if layer in self._changed else before[layer],
            )
            for layer in before
            if layer in self._changed or layer in self._refused
        ]
        return StepResult(after, tuple(outcomes), tuple(notes))

    def _nothing_changed(self) -> str:
        layer, reason = next(iter(self._refused.items()))
        return (
            f"{self._title} could change none of the {len(self._refused)} layers that it was asked to"
            f" ({layer}: {reason}): ask for something else there, or leave these layers out."
        )


def _costs(layers: Iterable[Layer]) -> Mapping[str, Cost]:
    """Cost by layer of the opened model, in execution order."""
    costs: dict[str, Cost] = {}
    for layer in layers:
        origin = layer.origin or layer.name
        costs[origin] = costs.get(origin, Cost()) + cost_of(layer)
    return costs
