"""`compress`: carry out a recipe."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from desktop_app.commands.console import print_json
from desktop_app.commands.options import Seconds, Threads
from desktop_app.commands.reporting import print_report
from desktop_app.commands.work import opened
from desktop_app.core.measuring import USUAL_SECONDS, Measuring
from desktop_app.core.recipe import Recipe
from desktop_app.io.recipes import parse_recipe, read_recipe
from desktop_app.jobs.messages import RunRecipe


def compress(
    model: Annotated[Path, typer.Argument(help="The .onnx file.")],
    recipe: Annotated[str, typer.Option("--recipe", help="The recipe: a YAML file, or the YAML itself in braces.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the result; made when it is not there.")],
    data: Annotated[Path | None, typer.Option("--data", help="Samples; goes before the recipe's data.path.")] = None,
    threads: Threads = 0,
    seconds: Seconds = USUAL_SECONDS,
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Carry out a recipe; OUT gets model.onnx, recipe.yaml, report.json, report.html, infer.py, SHA256SUMS."""
    asked = named_recipe(recipe, data)
    with opened(model) as (worker, result):
        run = worker.do(RunRecipe(result.snapshot, asked, str(out.absolute()), Measuring(threads, seconds)))
        if json:
            print_json(run.report)
        else:
            print_report(run.report, run.model)


def named_recipe(recipe: str, data: Path | None) -> Recipe:
    """The recipe of a file, or the one written out in braces. Raises InvalidRecipeError."""
    if recipe.lstrip().startswith("{"):
        return with_data(parse_recipe(recipe), data, Path())
    return with_data(read_recipe(Path(recipe)), data, Path(recipe).parent)


def with_data(recipe: Recipe, data: Path | None, folder: Path) -> Recipe:
    """The recipe with absolute paths: `data` from the command line, else its own, sought beside the recipe first."""
    if data is not None:
        return replace(recipe, data=replace(recipe.data, path=str(data.absolute())))
    settings = replace(recipe.data, path=_found(recipe.data.path, folder), labels=_found(recipe.data.labels, folder))
    return replace(recipe, data=settings)


def _found(path: str | None, folder: Path) -> str | None:
    if path is None:
        return None
    beside = folder / path
    return str((beside if beside.exists() else Path(path)).absolute())
