"""Parts of the self-test: the sample is opened, timed, compressed by every step, measured and exported."""

import json
from pathlib import Path

from msgspec import structs

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.errors import StudioError
from desktop_app.core.extras import why_no_torch
from desktop_app.core.methods import PruneMethod, QuantizeMethod, RecoverMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import LayerSensitivity
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.jobs.exports import ExportModel
from desktop_app.jobs.measurements import (
    Benchmarked,
    BenchmarkModels,
    Evaluated,
    EvaluateModel,
    MeasureSensitivity,
    Profiled,
    ProfileModel,
    SensitivityMeasured,
)
from desktop_app.jobs.messages import RunFinished
from desktop_app.jobs.previews import DataPreview, PreviewData
from desktop_app.jobs.recipes import ListPresets, Presets
from desktop_app.jobs.searches import SearchFinished, SearchModel
from desktop_app.self_test.trial import MEASURING, UNTIMED, NotHere, Trial

TRIED_LAYERS = 2
FORMATS = {"onnx": "model.onnx", "ort": "model.ort", "bundle": "bundle"}


def open_sample(trial: Trial) -> str:
    """A worker starts, reads and checks the bundled model."""
    return f"{len(trial.sample.summary.layers)} layers"


def read_presets(trial: Trial) -> str:
    """Every recipe that comes with the program."""
    listed: Presets = trial.ask(ListPresets())
    if not listed.presets:
        raise StudioError("no presets were found")
    return f"{len(listed.presets)} recipes"


def preview_data(trial: Trial) -> str:
    """Images are decoded."""
    preview: DataPreview = trial.ask(PreviewData(trial.sample.snapshot, trial.data))
    return f"{preview.samples} samples, {preview.classes} classes"


def time_layers(trial: Trial) -> str:
    """ONNX Runtime tells the time of every layer."""
    profiled: Profiled = trial.ask(ProfileModel(trial.sample.snapshot, threads=1))
    return f"{profiled.profile.total_ms:.3g} ms on {profiled.machine.cpu}"


def prune_and_quantise(trial: Trial) -> str:
    """Channels and static int8, chosen for layers where this machine is measured to be faster."""
    return told(trial.compressed)


def mix(trial: Trial) -> str:
    """One run of what is asked of single layers: separable, low rank, half of the weights, 4 bits, float16."""
    names = [layer.name for layer in trial.sample.summary.layers if layer.op_type == "Conv"]
    layers = {
        names[1]: LayerOverride(structure="separable"),
        names[2]: LayerOverride(rank=0.5),
        names[3]: LayerOverride(prune=0.5, bits=4),
        names[4]: LayerOverride(bits=16),
    }
    methods = structs.replace(
        UNTIMED,
        prune=PruneMethod(unit="2:4"),
        restructure=structs.replace(UNTIMED.restructure, resolution=0.75),
        quantize=QuantizeMethod(activations=False),
    )
    steps = ("restructure", "low_rank", "prune_weights", "quantize_weights", "half")
    return told(trial.run(LayerSettings(), methods, steps, layers))


def quantise_dynamically(trial: Trial) -> str:
    """Activations whose ranges are found when the model runs."""
    methods = structs.replace(UNTIMED, quantize=structs.replace(UNTIMED.quantize, activations="dynamic"))
    return told(trial.run(LayerSettings(bits=8), methods))


def recover(trial: Trial) -> str:
    """A few steps of distillation, before and after rounding."""
    need_torch()
    methods = structs.replace(UNTIMED, recover=RecoverMethod(steps=4, quantised_steps=4, batch=32))
    finished = trial.run(LayerSettings(prune=0.25, bits=8), methods)
    done = {step.step for step in finished.report.steps}
    if not {"recover", "recover_quantised"} <= done:
        raise StudioError(f"nothing was trained: {', '.join(sorted(done))}")
    return told(finished)


def measure_sensitivity(trial: Trial) -> str:
    """Layers tried alone, until it is stopped; what was found by then is kept."""
    request = MeasureSensitivity(trial.sample.snapshot, trial.compressed.recipe, samples=8)
    trial.stop_after(request, LayerSensitivity, TRIED_LAYERS)
    measured: SensitivityMeasured = trial.ask(structs.replace(request, known_only=True))
    layers = measured.sensitivity.layers
    if len(layers) < TRIED_LAYERS:
        raise StudioError(f"of {TRIED_LAYERS} layers {len(layers)} were kept")
    return f"stopped after {len(layers)} layers with {len(layers[0].candidates)} changes each"


def search(trial: Trial) -> str:
    """Two candidates drawn from a database, the better one carried out."""
    limits = BudgetLimits(bytes=trial.sample.summary.bytes)
    budget = Budget(limits=limits, free=("bits",), trials=2, strategy="evolution", finalists=1, data=trial.data)
    folder = trial.new_folder("search")
    storage = f"sqlite:///{(folder.parent / 'searches.sqlite').as_posix()}"
    found: SearchFinished = trial.ask(
        SearchModel(trial.sample.snapshot, budget, Recipe(methods=UNTIMED), str(folder), storage, measuring=MEASURING)
    )
    return f"{found.judged} candidates, the best of {found.best.bytes} bytes"


def benchmark(trial: Trial) -> str:
    """Original and result in turns."""
    models = (trial.sample.snapshot, trial.compressed.model)
    found: Benchmarked = trial.ask(BenchmarkModels(models, MEASURING))
    ratio = found.rows[1].ratio
    return f"{ratio.median:.2f} times the speed [{ratio.ci95[0]:.2f}, {ratio.ci95[1]:.2f}]"


def evaluate(trial: Trial) -> str:
    """Accuracy and fidelity over the sample's images."""
    request = EvaluateModel(trial.compressed.model, trial.data, trial.sample.snapshot)
    found: Evaluated = trial.ask(request)
    if found.accuracy is None or found.accuracy < 0.9:
        raise StudioError(f"the compressed sample gets {found.accuracy} right")
    return f"{found.accuracy:.1%} right"


def export(trial: Trial) -> str:
    """Every format, each checked in a fresh process."""
    folder = trial.new_folder("export")
    run_folder = str(Path(trial.compressed.model).parent)
    for kind, name in FORMATS.items():
        target = str(folder / name)
        trial.ask(ExportModel(trial.compressed.model, trial.sample.snapshot, target, kind, run_folder))
    report = json.loads((folder / "bundle" / "report.json").read_text(encoding="utf-8"))
    return f"{', '.join(FORMATS)}; report of {len(report['layers'])} outcomes"


def need_torch() -> None:
    """Raises NotHere where nothing can be trained."""
    if reason := why_no_torch():
        raise NotHere(reason)


def told(finished: RunFinished) -> str:
    """A run in a few words."""
    before, after = finished.report.original, finished.report.compressed
    accuracy = "" if after.accuracy is None else f", {after.accuracy:.1%} right"
    return f"{before.bytes} -> {after.bytes} bytes{accuracy}"
