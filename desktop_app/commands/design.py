"""`design`: a net of a family for a limit of time, taught by a model."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.commands import figures
from desktop_app.commands.console import print_json, print_line
from desktop_app.commands.options import Seconds, Threads
from desktop_app.commands.search import NOT_MET
from desktop_app.commands.work import opened
from desktop_app.core.data import DataSettings
from desktop_app.core.design import Design, Scaling
from desktop_app.core.errors import Cancelled, StudioError
from desktop_app.core.measuring import USUAL_SECONDS, Measuring
from desktop_app.core.units import size
from desktop_app.jobs.designs import Designed, DesignStudent
from desktop_app.zoo.families import family_named

SCALINGS: tuple[Scaling, ...] = ("search", "compound", "width")

SHOWN_OF_FRONT = 12
"""Rows of the front that are printed."""


def design(
    model: Annotated[Path, typer.Argument(help="The .onnx file of a classifier of images: the teacher.")],
    data: Annotated[Path, typer.Option("--data", help="Samples to teach on; labels are not needed.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the net; made when it is not there.")],
    family: Annotated[str, typer.Option("--family", help="mobilenet_v2, or efficientnet_b0 ... b7.")] = "mobilenet_v2",
    latency: Annotated[
        float | None, typer.Option("--latency", help="Milliseconds for one sample on this machine, at most.")
    ] = None,
    speedup: Annotated[float | None, typer.Option("--speedup", help="Times as fast as the model, at least.")] = None,
    scaling: Annotated[
        str, typer.Option("--scaling", help="search; or the family's own net, scaled: compound, or by width alone.")
    ] = "search",
    steps: Annotated[int, typer.Option("--steps", help="Batches that the chosen net is taught on.")] = 1000,
    supernet_steps: Annotated[
        int | None, typer.Option("--supernet-steps", help="Batches that all nets are taught on before; as --steps.")
    ] = None,
    candidates: Annotated[int, typer.Option("--candidates", help="Nets that the search judges.")] = 100,
    batch: Annotated[int, typer.Option("--batch", help="Samples of a batch.")] = 128,
    labels: Annotated[bool, typer.Option("--labels", help="Let labels teach beside the model.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of all that is drawn.")] = 0,
    threads: Threads = 0,
    seconds: Seconds = USUAL_SECONDS,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Design a net of a family that keeps a limit of time, taught by a model; OUT gets model.onnx and design.json.

    All nets of the family's space (width, depth, kernels, expansion, squeeze, places of strides, resolution) are taught
    together as one supernet, and searched by evolution under measured times. The best four are taught on for a while,
    and the one that learns best is taught to the end. What was stopped goes on with the same command.

    Exit status 3: no net keeps the limit, and OUT holds the nearest.
    """
    asked = Design(
        family=family_named(family).name,
        latency_ms=_positive("--latency", latency),
        speedup=_positive("--speedup", speedup),
        scaling=_scaling(scaling),
        steps=_at_least("--steps", steps, 0),
        supernet_steps=None if supernet_steps is None else _at_least("--supernet-steps", supernet_steps, 0),
        candidates=_at_least("--candidates", candidates, 1),
        batch=_at_least("--batch", batch, 2),
        labels=labels,
        seed=_at_least("--seed", seed, 0),
    )
    if latency is None and speedup is None:
        raise StudioError("Say how fast the net is to be: give --latency in milliseconds, or --speedup.")
    samples = DataSettings(path=str(data.absolute()))
    with opened(model) as (worker, result):
        request = DesignStudent(result.snapshot, asked, samples, str(out.absolute()), Measuring(threads, seconds))
        try:
            found = worker.do(request)
        except Cancelled:
            raise Cancelled("what was taught and found is kept; the same command goes on from there") from None
    if json:
        print_json(found)
    else:
        _print(found, asked)
    if found.missed:
        raise typer.Exit(NOT_MET)


def _scaling(scaling: str) -> Scaling:
    for one in SCALINGS:
        if one == scaling:
            return one
    raise StudioError(f"--scaling is one of {', '.join(SCALINGS)}, not {scaling}.")


def _positive(option: str, value: float | None) -> float | None:
    if value is not None and not 0 < value < float("inf"):
        raise StudioError(f"{option} is a number above 0, not {value}.")
    return value


def _at_least(option: str, value: int, least: int) -> int:
    if value < least:
        raise StudioError(f"{option} is a number of {least} or more, not {value}.")
    return value


def _print(found: Designed, asked: Design) -> None:
    if found.judged:
        print_line(
            f"{found.judged} of about 10^{found.exponent:.0f} nets were judged; not beaten in time and agreement:"
        )
        for one in found.front[-SHOWN_OF_FRONT:]:
            same = "" if one.agreement is None else f"{one.agreement:.1%} same  "
            print_line(f"  #{one.number}  {one.latency_ms:.3g} ms  {same}{one.architecture.told()}")
    print_line(found.architecture.told())
    low, high = found.speedup.ci95
    print_line(
        f"{found.path}: {found.params:,} parameters, {size(found.bytes)}, {found.macs / 1e6:.3g} MMAC, "
        f"{found.latency_ms.median:.3g} ms, {found.speedup.median:.2f} [{low:.2f}, {high:.2f}] times as fast; "
        f"{found.checked}"
    )
    if found.accuracy is not None:
        print_line(
            f"accuracy {figures.share(found.accuracy)}, the model's {figures.share(found.original_accuracy or 0.0)}"
        )
    if found.fidelity is not None:
        print_line(f"fidelity {figures.fidelity(found.fidelity)}")
    for note in found.notes:
        print_line(f"note: {note}")
    for name, value in found.missed.items():
        print_line(
            f"The limit is not met: {name} is to be {getattr(asked, name):.6g}, and the nearest has {value:.6g}."
        )
