"""`convert`: torch files, and members of the families, to ONNX."""

import hashlib
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from desktop_app.commands.console import print_json, print_line
from desktop_app.commands.work import working
from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.core.input_shape import parse_shape
from desktop_app.core.text import clean_name
from desktop_app.core.units import size
from desktop_app.jobs.conversions import Converted, ConvertModel
from desktop_app.zoo.families import FAMILIES, family_named, is_family

MAX_NAMED = 5
"""How many weights that did not fit are named; --json names them all."""


def convert(
    source: Annotated[str, typer.Argument(help="A torch file (.pt, .pth, .safetensors, .pt2), or a family's name.")],
    out: Annotated[Path, typer.Option("--out", help="The .onnx file to write.")],
    family: Annotated[
        str | None, typer.Option("--family", help="The family that the weights in the file are of.")
    ] = None,
    weights: Annotated[Path | None, typer.Option("--weights", help="A checkpoint for the family; else random.")] = None,
    like: Annotated[
        Path | None, typer.Option("--like", help="An .onnx whose inputs and outputs the family is to have: a student.")
    ] = None,
    width: Annotated[float | None, typer.Option("--width", help="Factor on the numbers of channels.")] = None,
    depth: Annotated[float | None, typer.Option("--depth", help="Factor on the numbers of blocks.")] = None,
    resolution: Annotated[int | None, typer.Option("--resolution", help="Side of the input, in pixels.")] = None,
    classes: Annotated[int | None, typer.Option("--classes", help="Number of outputs.")] = None,
    input: Annotated[  # noqa: A002 - the option's name
        list[str] | None,
        typer.Option("--input", help="Shape of an input, such as 1x3x224x224 or 1x128:int64; one for each."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of random weights.")] = 0,
    trust: Annotated[
        bool, typer.Option("--trust", help="The file is a program (.pt2, TorchScript) and may run what it likes.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Turn a torch file or a family's name into an ONNX model that gives what torch gives.

    Families: mobilenet_v1, mobilenet_v2, mobilenet_v3_small, mobilenet_v3_large, efficientnet_b0 ... b7, resnet18,
    resnet34, resnet50, resnet20_cifar ... resnet110_cifar. Weights come out of a checkpoint by name and shape.
    """
    width, depth = _factor("--width", width), _factor("--depth", depth)
    named, file = _what(source, family, weights)
    request = ConvertModel(
        path=str(out.absolute()),
        file="" if file is None else str(file.absolute()),
        family=named,
        width=width,
        depth=depth,
        resolution=resolution,
        classes=classes,
        inputs=tuple(parse_shape(one) for one in input or ()),
        trust=_hash(file) if trust and file is not None else "",
        like="" if like is None else str(like.absolute()),
        seed=seed,
    )
    with working() as worker:
        result = worker.do(request)
    if json:
        print_json(result)
    else:
        _print(result)


def _factor(option: str, value: float | None) -> float | None:
    if value is not None and not isfinite(value):  # the worker would hear of none
        raise StudioError(f"{option} is a factor such as 0.75, not {value}.")
    return value


def _what(source: str, family: str | None, weights: Path | None) -> tuple[str, Path | None]:
    """Name of the family (empty where the file must tell) and the file."""
    if is_family(source) and not Path(source).is_file():
        if family is not None and family_named(family) != family_named(source):
            raise StudioError(f"{source} and --family {family} are two families: name one.")
        return family_named(source).name, weights
    if not Path(source).is_file():
        raise StudioError(f"{clean_name(source)} is no file, and no family: families are {', '.join(FAMILIES)}.")
    if weights is not None:
        raise StudioError("--weights goes with the name of a family; a file brings its own weights.")
    return family_named(family).name if family else "", Path(source)


def _hash(file: Path) -> str:
    """What is trusted: this content, and no other that may lie there later."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise InvalidFileError(f"{clean_name(file.name)} cannot be read: check that you may read it.") from error


def _print(result: Converted) -> None:
    what = f"{result.family}, " if result.family else ""
    print_line(f"{result.path}: {what}{result.params:,} parameters, {size(result.bytes)}; {result.checked}")
    if result.loaded:
        print_line(f"{result.loaded} weights of the file fit by name and shape.")
    _print_names("The file lacks, so they stay random", result.missing)
    _print_names("The file has, and the model has no place for", result.unexpected)
    _print_names("Of another shape, so they stay random", result.misshapen)
    for note in result.notes:
        print_line(f"note: {note}")


def _print_names(what: str, names: Sequence[str]) -> None:
    if names:
        more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        print_line(f"note: {what}: {', '.join(names[:MAX_NAMED])}{more}.")
