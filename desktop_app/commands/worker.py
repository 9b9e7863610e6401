"""`worker`: one more process, perhaps on another machine, for a search that goes on."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.commands.console import print_json, print_line
from desktop_app.commands.storage import STORAGE_VARIABLE, placed
from desktop_app.commands.work import working
from desktop_app.jobs.searches import JoinSearch, SearchHelped


def worker(
    model: Annotated[
        Path | None, typer.Argument(help="The .onnx file that is searched for; where the search has it, if left out.")
    ] = None,
    storage: Annotated[
        str,
        typer.Option(
            "--storage", envvar=STORAGE_VARIABLE, help="Address of the database; the user's own where left out."
        ),
    ] = "",
    data: Annotated[
        Path | None, typer.Option("--data", help="A copy of the search's samples; where it has them, if left out.")
    ] = None,
    study: Annotated[str, typer.Option("--study", help="The name of the search, where several go on.")] = "",
    wait: Annotated[
        float, typer.Option("--wait", min=0.0, help="Seconds to wait for a search to begin, or to go on.")
    ] = 60.0,
    trials: Annotated[bool, typer.Option("--trials", help="Print each candidate as a line of JSON.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was done as one JSON object.")] = False,
) -> None:
    """Help a search that goes on in the same database, perhaps from another machine.

    It may be stopped or killed at any moment: what it was judging is judged by another. Times are predicted from what
    the machine of the search has measured, and measured there.
    """
    request = JoinSearch(_path(model), _path(data), placed(storage), study, wait)
    with working() as work:
        done = work.do(request, told=print_json if trials else None)
    if json:
        print_json(done)
    else:
        print_line(_told(done))


def _path(path: Path | None) -> str:
    return str(path.absolute()) if path is not None else ""


def _told(done: SearchHelped) -> str:
    mine = f"{done.judged} of {done.all_judged} candidates for {done.model} were judged here."
    if done.ended:
        return f"{mine} The search {done.study} has ended."
    return f"{mine} The process that leads the search {done.study} is gone: go on with it by search --resume."
