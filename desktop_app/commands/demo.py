"""`demo`: the bundled sample through the whole pipeline."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from desktop_app.commands.compress import compress
from desktop_app.core.resources import resource


def demo(
    out: Annotated[Path | None, typer.Option("--out", help="Keep the result in this folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Compress the bundled sample, a net trained on handwritten digits, and show what came of it."""
    compress(
        resource("sample/digits.onnx"),
        recipe=str(resource("presets/demo.yaml")),
        out=out or Path(tempfile.mkdtemp(prefix="compression-studio-demo-")),
        data=resource("sample/digits"),
        json=json,
    )
