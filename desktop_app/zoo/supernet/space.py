"""Which nets there are to choose from: a few values for each part, about the family's own net of a size.

A net is told by its genes: for each choice the number of the value, from cheap to costly. The values of all choices
together make an `Architecture`; the supernet has the costliest of each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, prod

import numpy as np

from desktop_app.core.architecture import Architecture, Stage
from desktop_app.zoo.size import LEAST_MAP
from desktop_app.zoo.supernet.blueprint import Blueprint

Genes = tuple[int, ...]

WIDTHS = (0.75, 1.0, 1.5)
"""Channels of a stage over those of the family's own net, rounded to whole blocks of 8."""

HEADS = (0.25, 0.5, 1.0)
"""Likewise for the last convolution, which is published wide for a thousand classes."""

KERNELS = (3, 5)

EXPANSIONS = (2, 4, 6)

SIDES = (0.75, 0.875, 1.0)
"""Height and width that the net works on, over those of its input. Sides of eighths are exact in ONNX."""

LEAST_SIDE = 64
"""An input of fewer pixels is not reduced in front: its strides are what is chosen."""

BLOCK = 8
"""Channels come in such blocks."""


@dataclass(frozen=True)
class StageChoices:
    """The values of one stage, from cheap to costly."""

    outputs: tuple[int, ...]
    blocks: tuple[int, ...]
    kernels: tuple[int, ...]
    expansions: tuple[int, ...]
    squeezes: tuple[bool, ...]

    @property
    def all(self) -> tuple[Sequence[object], ...]:
        """In the order of the genes."""
        return (self.outputs, self.blocks, self.kernels, self.expansions, self.squeezes)


CHOICES = 5
"""Of a stage."""


@dataclass(frozen=True)
class Space:
    """All nets.

    Attributes:
        blueprint: The family.
        resolutions: What the net may work on.
        strides: Where it may halve the map: strides of the first convolution and of the stages.
        stems: Channels of the first convolution.
        heads: Channels of the last one.
        stages: What there is to choose of each stage.
    """

    blueprint: Blueprint
    resolutions: tuple[tuple[int, int], ...]
    strides: tuple[tuple[int, ...], ...]
    stems: tuple[int, ...]
    heads: tuple[int, ...]
    stages: tuple[StageChoices, ...]

    @property
    def choices(self) -> tuple[Sequence[object], ...]:
        """All choices, in the order of the genes."""
        whole = (self.resolutions, self.strides, self.stems, self.heads)
        return (*whole, *(one for stage in self.stages for one in stage.all))

    @property
    def smallest(self) -> Genes:
        """The cheapest value of each choice."""
        return (0,) * len(self.choices)

    @property
    def largest(self) -> Genes:
        """The costliest."""
        return tuple(len(one) - 1 for one in self.choices)

    @property
    def middle(self) -> Genes:
        """The value in the middle of each choice."""
        return tuple(len(one) // 2 for one in self.choices)

    @property
    def count(self) -> int:
        """How many nets there are."""
        return prod(len(one) for one in self.choices)

    def drawn(self, rng: np.random.Generator) -> Genes:
        """Each choice at random."""
        return tuple(int(rng.integers(len(one))) for one in self.choices)

    def architecture(self, genes: Genes) -> Architecture:
        """The net of some genes."""
        resolution, strides, stem, head, *rest = genes
        stem_stride, *first = self.strides[strides]
        stages = tuple(
            Stage(
                choices.outputs[rest[place]],
                choices.blocks[rest[place + 1]],
                choices.kernels[rest[place + 2]],
                choices.expansions[rest[place + 3]],
                choices.squeezes[rest[place + 4]],
                first[number],
            )
            for number, choices in enumerate(self.stages)
            for place in (CHOICES * number,)
        )
        return Architecture(self.resolutions[resolution], self.stems[stem], stem_stride, stages, self.heads[head])


def space_about(blueprint: Blueprint, base: Architecture) -> Space:
    """The nets about one of the family's own.

    Args:
        blueprint: The family.
        base: The family's own net that costs about what is wanted, by its standard scaling.
    """
    stages = tuple(
        StageChoices(
            _multiples(stage.outputs, WIDTHS),
            tuple(range(1, stage.blocks + 1)),
            tuple(sorted({*KERNELS, row.kernel})),
            tuple(sorted({*EXPANSIONS, row.expansion})) if row.expansion > 1 else (1,),
            (False, True),
        )
        for stage, row in zip(base.stages, blueprint.stages, strict=True)
    )
    return Space(
        blueprint,
        _resolutions(base.resolution),
        _strides(blueprint, base),
        _multiples(base.stem, WIDTHS),
        _multiples(base.head, HEADS),
        stages,
    )


def _multiples(channels: int, factors: Sequence[float]) -> tuple[int, ...]:
    """Whole blocks of channels, ascending."""
    return tuple(sorted({max(round(channels * factor / BLOCK), 1) * BLOCK for factor in factors}))


def _resolutions(resolution: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """What the net may work on, as far as that is whole pixels."""
    if min(resolution) < LEAST_SIDE:
        return (resolution,)
    return tuple(reduced_sides(resolution))


def reduced_sides(resolution: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Sides that an input can be reduced to, from small to whole."""
    for share in SIDES:
        sides = [share * side for side in resolution]
        if all(side == int(side) for side in sides):
            yield int(sides[0]), int(sides[1])


def _strides(blueprint: Blueprint, base: Architecture) -> tuple[tuple[int, ...], ...]:
    """As many strides of two as the base has, at any of the published places, from early (cheap) to late."""
    published = blueprint.strides
    taken = (base.stem_stride, *(stage.stride for stage in base.stages))
    places = [index for index, stride in enumerate(published) if stride > 1]
    count = sum(stride > 1 for stride in taken)
    while count and ceil(min(base.resolution) / 2**count) < LEAST_MAP:
        count -= 1
    chosen = combinations(places, count)  # in the order of the places: the earliest first
    return tuple(tuple(stride if index in some else 1 for index, stride in enumerate(published)) for some in chosen)
