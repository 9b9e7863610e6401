"""`export`: a model or a run into another format."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.commands.console import print_json, print_line
from desktop_app.commands.work import working
from desktop_app.core.errors import StudioError
from desktop_app.core.units import size
from desktop_app.jobs.exports import ExportModel


def export(
    source: Annotated[Path, typer.Argument(help="An .onnx file, or the folder of a run (made by compress).")],
    out: Annotated[Path, typer.Option("--out", help="The file to write; for a bundle, the folder.")],
    format: Annotated[str, typer.Option("--format", help="onnx, ort or bundle.")] = "onnx",  # noqa: A002 - the option's name
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write a model in another format; it is checked in a fresh process before the file appears."""
    model = source / "model.onnx" if source.is_dir() else source
    if source.is_dir() and not model.is_file():
        raise StudioError(f"{source} holds no model.onnx: give a model, or a folder that compress has written")
    folder = str(source.absolute()) if source.is_dir() else ""
    with working() as worker:
        request = ExportModel(str(model.absolute()), str(model.absolute()), str(out.absolute()), format, folder)
        result = worker.do(request)
    if json:
        print_json(result)
    else:
        print_line(f"{result.path}: {size(result.bytes)}; {result.checked}")
