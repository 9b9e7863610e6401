"""What a member of a searched family looks like: one value for each net that a weight-sharing supernet holds."""

from msgspec import Struct


class Stage(Struct, frozen=True):
    """One stage: blocks of one kind, the first of which may halve the map.

    Attributes:
        outputs: Channels that its blocks give.
        blocks: How many there are.
        kernel: Side of the depthwise kernels.
        expansion: Hidden channels of a block over its inputs.
        squeeze: Whether channels are weighted by their means (squeeze and excitation).
        stride: Of the first block.
    """

    outputs: int
    blocks: int
    kernel: int
    expansion: int
    squeeze: bool
    stride: int


class Architecture(Struct, frozen=True):
    """A net: what each of its parts looks like.

    Attributes:
        resolution: Height and width that the net works on, in pixels; a larger input is reduced in front.
        stem: Channels of the first convolution.
        stem_stride: Its stride.
        stages: In order.
        head: Channels of the last convolution, whose means the last layer reads.
    """

    resolution: tuple[int, int]
    stem: int
    stem_stride: int
    stages: tuple[Stage, ...]
    head: int

    def told(self) -> str:
        """In one line: `24x24, 16/2 | 24 x2 k5 e4 se /2 | ... | 320`."""
        height, width = self.resolution
        return " | ".join(
            (f"{height}x{width}, {self.stem}/{self.stem_stride}", *map(_told, self.stages), f"{self.head}")
        )


class Candidate(Struct, frozen=True):
    """An architecture that was judged.

    Attributes:
        number: In the order of the search, from 0.
        architecture: What it looks like.
        latency_ms: For one sample, predicted.
        agreement: Share of held-out samples with the same first choice as the teacher's; None where there are none.
        loss: On held-out samples.
    """

    number: int
    architecture: Architecture
    latency_ms: float
    agreement: float | None = None
    loss: float = 0.0

    @property
    def worth(self) -> tuple[float, float]:
        """What a search makes large: the nearness, which differs where first choices are the same by chance."""
        return -self.loss, self.agreement or 0.0


def _told(stage: Stage) -> str:
    squeeze, stride = " se" if stage.squeeze else "", f" /{stage.stride}" if stage.stride > 1 else ""
    return f"{stage.outputs} x{stage.blocks} k{stage.kernel} e{stage.expansion}{squeeze}{stride}"
