"""What a step did to a layer, and why it did not where it did not."""

from msgspec import Struct


class Cost(Struct, frozen=True, gc=False):
    """What something costs: stored bytes, parameters, multiply-accumulates of one sample."""

    bytes: int = 0
    params: int = 0
    macs: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.bytes + other.bytes, self.params + other.params, self.macs + other.macs)


class Outcome(Struct, frozen=True):
    """What one step did to one layer.

    Attributes:
        step: The step's name.
        layer: The layer's name in the opened model.
        changed: Whether the step changed it.
        reason: Why it was refused or skipped; also what is worth saying of a change. Never empty when
            `changed` is false.
        before: The layer's cost before the step.
        after: The layer's cost after it.
    """

    step: str
    layer: str
    changed: bool
    reason: str = ""
    before: Cost = Cost()
    after: Cost = Cost()
