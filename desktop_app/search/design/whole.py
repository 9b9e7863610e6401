"""Nets measured whole, as they are once they are exported and normalisation is folded in."""

from collections.abc import Sequence

from desktop_app.bench.turns import take_turns
from desktop_app.core.architecture import Architecture
from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import SilentToken, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.inspection import NO_DATA
from desktop_app.steps.clean import Clean
from desktop_app.zoo.ends import Ends
from desktop_app.zoo.exporting import export
from desktop_app.zoo.size import Size
from desktop_app.zoo.supernet.blueprint import Blueprint
from desktop_app.zoo.supernet.plain import plain


def untrained(blueprint: Blueprint, size: Size, ends: Ends, architecture: Architecture) -> Model:
    """The exported net with drawn weights, cleaned: its time does not depend on what it has learned."""
    return shipped(export(plain(blueprint, size, architecture, 0), ends, blueprint.family.name))


def shipped(model: Model) -> Model:
    """A net as it goes out: normalisation folded into the convolutions."""
    return Clean().apply(model, Recipe(), NO_DATA, SilentToken()).model


def milliseconds(models: Sequence[Model], measuring: Measuring, token: Token) -> list[float]:
    """What models of the same inputs take for one sample, run in turns.

    Raises:
        InvalidFileError: when ONNX Runtime does not run one.
        Cancelled: when the token says so.
    """
    return take_turns(models, threads=measuring.threads, seconds=measuring.each * len(models), token=token)
