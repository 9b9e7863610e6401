"""Torch files and members of the families as ONNX models."""

from pathlib import Path

from msgspec import UNSET

from desktop_app.conversion import Made, from_family, from_program, from_weights, write_checked
from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Progress, Token
from desktop_app.io.torch_files.copying import copy_privately
from desktop_app.io.torch_files.kinds import PROGRAMS, kind_of
from desktop_app.io.writer import refuse_replacing
from desktop_app.jobs.conversions import Converted, ConvertModel
from desktop_app.jobs.opened import opened, source_of
from desktop_app.jobs.session import new_folder
from desktop_app.zoo.families import family_named
from desktop_app.zoo.size import Wishes


def run(request: ConvertModel, token: Token) -> Converted:
    """Makes the model, compares it with what torch gives, and writes it.

    Raises:
        StudioError: when the file is refused, nothing fits, torch is missing, or the model cannot be written.
        Cancelled: when the token says so.
    """
    token.report(Progress("convert", 0.0))
    path = Path(request.path)
    sources = [source_of(one) for one in (request.file, request.like) if one]
    refuse_replacing(path, sources)
    made = _make(request, token)
    token.check()
    token.report(Progress("convert", 0.5, "Writing"))
    written, checked = write_checked(made, path, sources, token)
    return Converted(
        path=str(path),
        bytes=written.bytes,
        params=made.params,
        checked=checked,
        family=made.family,
        loaded=made.fit.loaded,
        missing=made.fit.missing,
        unexpected=made.fit.unexpected,
        misshapen=made.fit.misshapen,
        notes=made.notes,
    )


def _make(request: ConvertModel, token: Token) -> Made:
    family = family_named(request.family) if request.family else None
    teacher = opened(request.like).model if request.like else None
    if not request.file:
        if family is None:
            raise StudioError("There is nothing to convert: give a torch file or the name of a family.")
        return from_family(family, _wishes(request), teacher, request.seed)
    copy = copy_privately(Path(request.file), new_folder("torch"))
    token.check()
    kind = kind_of(copy.path, copy.title)
    if kind in PROGRAMS:
        if family is not None:
            raise StudioError(f"{copy.title} is a whole model, not weights: it goes into no family.")
        return from_program(copy, kind, request.inputs, request.trust)
    return from_weights(copy, kind, _wishes(request), family, teacher, request.seed)


def _wishes(request: ConvertModel) -> Wishes:
    """What the user has chosen; the shape of an image tells channels and resolution, too."""
    channels: int | None = None
    resolution: int | tuple[int, int] | None = request.resolution
    if request.inputs:
        sizes = request.inputs[0].sizes
        if len(request.inputs) > 1 or len(sizes) != 4:
            raise StudioError(
                "A family takes one image: give its shape as 1x3x224x224 (batch, channels, height, width)."
            )
        channels, resolution = sizes[1], resolution or (sizes[2], sizes[3])
    return Wishes(
        UNSET if request.width is None else request.width,
        UNSET if request.depth is None else request.depth,
        UNSET if resolution is None else resolution,
        UNSET if request.classes is None else request.classes,
        UNSET if channels is None else channels,
    )
