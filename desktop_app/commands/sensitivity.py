"""`sensitivity`: what bits, ranks and fewer channels cost and give, layer by layer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from desktop_app.commands.compress import with_data
from desktop_app.commands.console import print_json, print_line, print_table
from desktop_app.commands.work import opened
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import Candidate, Sensitivity
from desktop_app.io.recipes import read_recipe
from desktop_app.jobs.measurements import MeasureSensitivity


def sensitivity(
    model: Annotated[Path, typer.Argument(help="The .onnx file.")],
    data: Annotated[Path | None, typer.Option("--data", help="Samples; made-up ones where left out.")] = None,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="Change layers by the methods of this recipe.")
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", min=1, help="How many samples to try with: half are fitted to, half judge.")
    ] = 32,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Try every layer alone with fewer bits, half its rank and half its channels: error and time of each.

    What was found is kept: a call that was stopped goes on where it was.
    """
    asked = with_data(read_recipe(recipe) if recipe else Recipe(), data, recipe.parent if recipe else Path())
    with opened(model) as (worker, result):
        found = worker.do(MeasureSensitivity(result.snapshot, asked, samples))
    if json:
        print_json(found)
        return
    _print(found.sensitivity)
    for warning in found.warnings:
        print_line(f"note: {warning}")


def _print(found: Sensitivity) -> None:
    titles = list(found.together_db)
    rows = [
        (row.layer, _time(row.microseconds), *(_cell(row.candidates.get(title)) for title in titles))
        for row in found.layers
    ]
    rows.append(("together, about", "", *(f"{found.together_db[title]:.1f}" for title in titles)))
    print_line("Signal to noise of the outputs in dB with that layer alone changed, and time of its kernel in us:")
    print_table(("Layer", "float", *titles), rows)
    for reason in dict.fromkeys(_reasons(found)):
        print_line(f"not tried: {reason}")
    print_line(f"{found.samples} {'made-up samples' if found.synthetic else 'samples'}")


def _cell(candidate: Candidate | None) -> str:
    if candidate is None or candidate.reason:
        return "-"
    return f"{candidate.output_db:.1f} {_time(candidate.microseconds)}".rstrip()


def _time(microseconds: float | None) -> str:
    return "" if microseconds is None else f"({microseconds:.0f})"


def _reasons(found: Sensitivity) -> Iterator[str]:
    for row in found.layers:
        for title, candidate in row.candidates.items():
            if candidate.reason:
                yield f"{title} of {row.layer}: {candidate.reason}"
    for layer, reason in found.refused.items():
        yield f"{layer}: {reason}"
