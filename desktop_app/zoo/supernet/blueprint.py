"""What is fixed of a searched family, and what its published table says."""

from dataclasses import dataclass

from desktop_app.core.architecture import Architecture, Stage
from desktop_app.core.errors import StudioError
from desktop_app.io.torch_files.needing import needing_torch
from desktop_app.zoo.families import FAMILIES, Family
from desktop_app.zoo.size import Size


@dataclass(frozen=True)
class Row:
    """A stage as published: what a block expands by, its kernel, its channels, how many there are, the first stride."""

    expansion: int
    kernel: int
    outputs: int
    blocks: int
    stride: int


@dataclass(frozen=True)
class Blueprint:
    """A searched family.

    Attributes:
        family: Its row of the table.
        stem: Published channels of the first convolution.
        stages: The published stages.
        head: Published channels of the last convolution.
        activation: "relu6" or "silu".
        squeeze: Whether published blocks weigh their channels.
    """

    family: Family
    stem: int
    stages: tuple[Row, ...]
    head: int
    activation: str
    squeeze: bool

    @property
    def strides(self) -> tuple[int, ...]:
        """The published strides of the first convolution and of the stages."""
        return (2, *(row.stride for row in self.stages))


def blueprint_of(family: Family) -> Blueprint:
    """What a family is searched by.

    Raises:
        StudioError: when the family cannot be searched, with those that can, or torch is not installed.
    """
    if not family.searched:
        names = ", ".join(one.name for one in FAMILIES.values() if one.searched)
        raise StudioError(f"{family.title} has blocks of several kinds and cannot be searched: choose one of {names}.")
    with needing_torch("designing a model"):
        from desktop_app.zoo import efficientnet, mobilenet_v2  # not above: they bring in torch
    if family.architecture == "mobilenet_v2":
        table = ((expansion, 3, outputs, blocks, stride) for expansion, outputs, blocks, stride in mobilenet_v2.STAGES)
        rows = tuple(Row(*row) for row in table)
        return Blueprint(family, mobilenet_v2.STEM, rows, mobilenet_v2.HEAD, "relu6", squeeze=False)
    rows = tuple(
        Row(expansion, kernel, outputs, blocks, stride)
        for expansion, kernel, stride, outputs, blocks in efficientnet.STAGES
    )
    return Blueprint(family, efficientnet.STEM, rows, 4 * rows[-1].outputs, "silu", squeeze=True)


def member(blueprint: Blueprint, size: Size, resolution: tuple[int, int] | None = None) -> Architecture:
    """The family's own net of a size, by its standard scaling; on a reduced input where a resolution is given."""
    with needing_torch("designing a model"):
        from desktop_app.zoo.blocks import divisible, repeats
    stem_stride, *strides = reduced(blueprint.strides, size.reductions)
    stages = tuple(
        Stage(
            divisible(row.outputs * size.width),
            repeats(row.blocks, size.depth),
            row.kernel,
            row.expansion,
            blueprint.squeeze,
            stride,
        )
        for row, stride in zip(blueprint.stages, strides, strict=True)
    )
    least = 1.0 if blueprint.family.architecture == "mobilenet_v2" else 0.0  # its head never becomes narrower
    head = divisible(blueprint.head * max(least, size.width))
    return Architecture(
        resolution or size.resolution, divisible(blueprint.stem * size.width), stem_stride, stages, head
    )


def reduced(strides: tuple[int, ...], reductions: int) -> tuple[int, ...]:
    """Strides of which the first few that are larger are made one."""
    left, taken = reductions, []
    for stride in strides:
        gone = stride > 1 and left > 0
        left -= gone
        taken.append(1 if gone else stride)
    return tuple(taken)
