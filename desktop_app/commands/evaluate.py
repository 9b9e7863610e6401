"""`evaluate`: accuracy on labels, fidelity against a reference."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from desktop_app.commands import figures
from desktop_app.commands.compress import with_data
from desktop_app.commands.console import print_json, print_line
from desktop_app.commands.work import working
from desktop_app.core.recipe import Recipe
from desktop_app.io.recipes import read_recipe
from desktop_app.jobs.measurements import EvaluateModel


def evaluate(
    model: Annotated[Path, typer.Argument(help="The .onnx file.")],
    data: Annotated[Path, typer.Option("--data", help="Labelled or unlabelled samples.")],
    reference: Annotated[Path | None, typer.Option("--reference", help="The original, for fidelity.")] = None,
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", help="Preprocess as this recipe says, and leave out its calibration samples."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Evaluate a model. Without --recipe, a recipe.yaml beside the model is used; without either, all samples are."""
    beside = model.parent / "recipe.yaml"
    found = recipe or (beside if beside.is_file() else None)
    asked = read_recipe(found) if found else Recipe(data=replace(Recipe().data, calibration=0))
    asked = with_data(asked, data, data.parent)
    original = None if reference is None else str(reference.absolute())
    with working() as worker:
        result = worker.do(EvaluateModel(str(model.absolute()), asked.data, original, asked.seed))
    if json:
        print_json(result)
        return
    print_line(f"{result.samples} samples" + (", those that calibrated left out" if asked.data.calibration else ""))
    if result.accuracy is not None:
        print_line(f"accuracy {figures.share(result.accuracy)}")
    if result.fidelity is not None:
        print_line(f"fidelity {figures.fidelity(result.fidelity)}")
    if result.images_per_second is not None:
        print_line(f"decoded {result.images_per_second:.0f} images a second")
    for warning in result.warnings:
        print_line(f"note: {warning}")
