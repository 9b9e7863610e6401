"""Designing a net that keeps a limit of time, and that the user's model teaches."""

from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from desktop_app.bench.evaluate import evaluate
from desktop_app.bench.latency import Row, compare
from desktop_app.conversion import Made, write_checked
from desktop_app.core.architecture import Candidate
from desktop_app.core.design import Design
from desktop_app.core.errors import StudioError
from desktop_app.core.front import front
from desktop_app.core.methods import Methods, RecoverMethod
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs
from desktop_app.io.atomic import write_text
from desktop_app.io.bundle import MODEL, check_folder, staged, write_sums
from desktop_app.io.data import DataSet, open_data
from desktop_app.io.data.choose import resolve_preprocess
from desktop_app.io.torch_files.needing import needing_torch
from desktop_app.io.writer import Written
from desktop_app.jobs.designs import Designed, DesignStudent
from desktop_app.jobs.opened import OpenedModel, opened
from desktop_app.run import calibration_samples

if TYPE_CHECKING:
    from desktop_app.search.design.designing import Chosen, Designer
    from desktop_app.zoo.supernet.plain import Searched

DESIGN = "design.json"
"""Beside the model: what it looks like, and what was measured of it."""


def run(request: DesignStudent, token: Token) -> Designed:
    """Designs the net, and leaves it in the folder.

    Raises:
        StudioError: when the model is no classifier of images, there is no data, or the net cannot be written.
        Cancelled: when the token says so; what was searched is in the folder, and trainings go on the next time.
    """
    one, design = opened(request.snapshot), request.design
    check_folder(Path(request.folder), (one.snapshot.source,))
    token.report(Progress("data", 0.0))
    if request.data.path is None:
        raise StudioError("A design is taught on samples: give a folder of images, with or without labels.")
    data, recipe = _data(one.model, request, token)
    training = calibration_samples(data, recipe).training
    if training is None:
        raise StudioError("There are too few samples to train on: give at least two more than calibrate.")
    with needing_torch("designing a model"):
        from desktop_app.search.design.designing import Designer
    designer = Designer(one.model, design, training, request.measuring, token)
    chosen = designer.choose()
    _written(request, one, designer, chosen.module, token)
    designer.teach(chosen.module)
    model, made, written, checked = _written(request, one, designer, chosen.module, token)
    designed = _measured(request, one.model, model, data, chosen, token)
    found = replace(
        designed,
        path=str(Path(request.folder) / MODEL),
        bytes=written.bytes,
        params=made.params,
        macs=sum(layer.macs for layer in model.layers),
        checked=checked,
        notes=(*designer.notes, *data.notes),
    )
    _tell(Path(request.folder), found)
    return found


def _data(model: Model, request: DesignStudent, token: Token) -> tuple[DataSet, Recipe]:
    """The samples, most of which teach, and the recipe that says so."""
    inputs, design = input_specs(model), request.design
    settings, _ = resolve_preprocess(model, request.data, inputs, seed=design.seed, token=token)
    recover = RecoverMethod(steps=max(design.steps, 1))
    recipe = Recipe(data=settings, seed=design.seed, methods=Methods(recover=recover))
    return open_data(settings, inputs, seed=design.seed, shapes=model.shapes, training=recover.share), recipe


def _written(
    request: DesignStudent, one: OpenedModel, designer: "Designer", module: "Searched", token: Token
) -> tuple[Model, Made, Written, str]:
    """Writes the net, once a fresh process found that ONNX Runtime gives what torch gives."""
    from desktop_app.zoo.exporting import export
    from desktop_app.zoo.reference import reference

    token.report(Progress("write", 0.0))
    module.eval()
    (Path(request.folder) / DESIGN).unlink(missing_ok=True)  # of an earlier design
    model = export(module, designer.ends, designer.blueprint.family.name)
    given, output = reference(module, designer.ends, designer.size)
    params = sum(parameter.numel() for parameter in module.parameters())
    made = Made(model, (given,), (output,), params, designer.blueprint.family.name)
    with staged(Path(request.folder)) as stage:
        written, checked = write_checked(made, stage / MODEL, (one.snapshot.source,), token)
        write_sums(stage)
    return model, made, written, checked


def _measured(
    request: DesignStudent, original: Model, model: Model, data: DataSet, chosen: "Chosen", token: Token
) -> Designed:
    """The net measured whole beside the user's model, and evaluated on samples that taught nothing."""
    threads, seconds = request.measuring.threads, request.measuring.seconds
    compared = compare([original, model], threads=threads, seconds=seconds, seed=request.design.seed, token=token)
    row = compared.rows[1]
    evaluated = evaluate(model, data, data.evaluation_indices, reference=original, threads=threads, token=token)
    labelled = evaluated.accuracy is not None
    before = evaluate(original, data, data.evaluation_indices, threads=threads, token=token) if labelled else None
    return Designed(
        path="",
        architecture=chosen.architecture,
        latency_ms=row.latency_ms,
        speedup=row.ratio,
        missed=_missed(request.design, row),
        bytes=0,
        params=0,
        macs=0,
        fidelity=evaluated.fidelity,
        accuracy=evaluated.accuracy,
        original_accuracy=None if before is None else before.accuracy,
        front=_front(chosen.candidates),
        judged=len(chosen.candidates),
        exponent=0.0 if chosen.space is None else log10(chosen.space.count),
        parameter=chosen.parameter,
    )


def _missed(design: Design, row: Row) -> dict[str, float]:
    """The limits that are not kept, as for a search by what was measured in the middle."""
    missed: dict[str, float] = {}
    if design.latency_ms is not None and row.latency_ms.median > design.latency_ms:
        missed["latency_ms"] = row.latency_ms.median
    if design.speedup is not None and row.ratio.median < design.speedup:
        missed["speedup"] = row.ratio.median
    return missed


def _front(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that no other beats in time and agreement, by rising time."""
    kept = front([(one.latency_ms, -(one.agreement or 0.0)) for one in candidates])
    return tuple(sorted((candidates[place] for place in kept), key=lambda one: one.latency_ms))


def _tell(folder: Path, found: Designed) -> None:
    """Leaves the figures beside the model."""
    write_text(folder / DESIGN, msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
    write_sums(folder)
