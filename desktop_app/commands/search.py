"""`search`: say what is needed, and the settings are found."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from desktop_app.commands.compress import named_recipe, with_data
from desktop_app.commands.console import print_json, print_line, print_note, print_table
from desktop_app.commands.options import Seconds, Threads
from desktop_app.commands.storage import STORAGE_VARIABLE, placed
from desktop_app.commands.work import opened
from desktop_app.core.budget import LIMITED, set_limits
from desktop_app.core.errors import Cancelled
from desktop_app.core.judged import Judged
from desktop_app.core.measuring import USUAL_SECONDS, Measuring
from desktop_app.core.recipe import Recipe
from desktop_app.core.searching import SearchBegun
from desktop_app.io.budgets import read_budget
from desktop_app.jobs.searches import SearchFinished, SearchModel

NOT_MET = 3
"""Exit status where the best does not keep the budget."""

SHOWN_OF_FRONT = 20
"""Rows of the front that are printed."""

HEADINGS = ("", "MB", "MMAC", "ms", "times as fast", "dB", "same", "points lost")


def search(
    model: Annotated[Path, typer.Argument(help="The .onnx file.")],
    budget: Annotated[Path, typer.Option("--budget", help="The budget file (YAML).")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the best so far; made when it is not there.")],
    data: Annotated[Path | None, typer.Option("--data", help="Samples; goes before the budget's data.path.")] = None,
    recipe: Annotated[
        str, typer.Option("--recipe", help="Take methods and locked layers from this recipe (file, or in braces).")
    ] = "",
    strategy: Annotated[
        str,
        typer.Option(
            "--strategy",
            help="One of auto, gradient, reinforcement, evolution, bayesian, random; goes before the budget's.",
        ),
    ] = "",
    storage: Annotated[
        str,
        typer.Option(
            "--storage",
            envvar=STORAGE_VARIABLE,
            help="Address of the database of candidates; the user's own where left out.",
        ),
    ] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an earlier search for the same.")] = False,
    threads: Threads = 0,
    seconds: Seconds = USUAL_SECONDS,
    trials: Annotated[bool, typer.Option("--trials", help="Print each candidate as a line of JSON.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Find the settings that keep a budget; OUT gets what `compress` leaves, of the best.

    While it goes on, OUT holds the model of the best so far as it was judged, and its recipe.

    Exit status 3: nothing found keeps the budget, and OUT holds the nearest.
    """
    asked = read_budget(budget, strategy)
    asked = replace(asked, data=with_data(Recipe(data=asked.data), data, budget.parent).data)
    base = named_recipe(recipe, None) if recipe else Recipe()
    with opened(model) as (worker, result):
        folder, measuring = str(out.absolute()), Measuring(threads, seconds)
        request = SearchModel(result.snapshot, asked, base, folder, placed(storage), resume, measuring)
        try:
            found = worker.do(request, print_json if trials else None, _say_what_is_known if resume else None)
        except Cancelled:
            raise Cancelled("what was judged is kept; the same command with --resume goes on from there") from None
    if json:
        print_json(found)
    else:
        _print(found, set_limits(asked.limits))
    if found.missed:
        raise typer.Exit(NOT_MET)


def _say_what_is_known(begun: SearchBegun) -> None:
    """Whether there is anything to go on with: other samples or versions make another search."""
    if begun.known:
        print_note(f"Candidates that were judged before: {len(begun.known)}.")
    else:
        print_note(
            "Nothing was judged before for this model, budget, samples, machine and version of the program: the search "
            "begins anew."
        )


def _print(found: SearchFinished, limits: dict[str, float]) -> None:
    many = ", ".join(f"{count} of {knob}" for knob, count in found.choices.items())
    print_line(f"{found.judged} candidates were judged, of about 10^{found.exponent:.0f} (choices: {many}).")
    if len(found.processors) > 1:
        where = ", ".join(f"{count} on {cpu}" for cpu, count in found.processors.items())
        print_line(f"They were judged by several machines: {where}.")
    if found.failed:
        print_line(f"{found.failed} of them could not be made.")
    print_line("Not beaten by any other in size, predicted time and noise, as they were judged:")
    print_table(HEADINGS, [_row(one) for one in found.front[:SHOWN_OF_FRONT]])
    if len(found.front) > SHOWN_OF_FRONT:
        print_line(f"and {len(found.front) - SHOWN_OF_FRONT} more (--json tells them)")
    print_line("Measured whole, on samples that the search has not seen, the best first:")
    print_table(HEADINGS, [_row(one) for one in found.finalists])
    for warning in found.warnings:
        print_line(f"note: {warning}")
    if not found.missed:
        print_line(f"#{found.best.number} keeps the budget.")
        return
    for name in found.missed:
        value = getattr(found.best, LIMITED[name])
        had = "it could not be measured" if value is None else f"the nearest, #{found.best.number}, has {value:.6g}"
        print_line(f"The budget is not met: limits.{name} is {limits[name]:.6g}, and {had}.")
    for name, one in found.without.items():
        print_line(
            f"Without limits.{name}, #{one.number} was judged to keep all others, with {LIMITED[name]} "
            f"{getattr(one, LIMITED[name]) or 0:.6g} and noise at {one.sqnr_db:.1f} dB."
        )


def _row(one: Judged) -> tuple[str, ...]:
    interval = "" if one.speedup_low is None else f" [{one.speedup_low:.2f}, {one.speedup_high:.2f}]"
    return (
        f"#{one.number}",
        f"{one.bytes / 1e6:.3f}",
        f"{one.macs / 1e6:.3g}",
        f"{one.latency_ms:.3g}",
        f"{one.speedup:.2f}{interval}",
        f"{one.sqnr_db:.1f}",
        "" if one.agreement is None else f"{one.agreement:.1%}",
        "" if one.drop is None else f"{one.drop:.1f}",
    )
