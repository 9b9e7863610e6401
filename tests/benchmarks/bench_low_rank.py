"""Low rank weighed by the activations against the plain singular value decomposition, at equal multiply-accumulates.

For every model: "plain" is the truncated singular value decomposition of the weights with every layer at 60 % of its
size; "plain, shared out" chooses kinds and ranks over all layers by the errors of the weights alone; "weighted" does so
by the errors at the outputs and fits layer after layer. The last two get the multiply-accumulates that the first one
reached. 300 images calibrate, others evaluate; the corpus runs on made-up inputs, 24 of which calibrate.

Passes if weighted is better than both on every model: in top-1 agreement where there are classes and they differ (on
made-up inputs, of which 24 are no fine measure, by 30 points), else in signal to noise; and than plain on ResNet-20 by
at least 10 points of agreement.

Run: python tests/benchmarks/bench_low_rank.py [--data ../shared/data] [--only resnet20,corpus] [--share 0.6]
     [--latency]
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from desktop_app.bench.evaluate import Evaluation, evaluate
from desktop_app.bench.latency import compare
from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import NothingChangedError, StudioError
from desktop_app.core.methods import LowRankMethod, Methods
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import RUNTIME_ERRORS, open_session
from desktop_app.inspection import input_specs
from desktop_app.io.data.base import DataSet
from desktop_app.io.data.choose import resolve_preprocess
from desktop_app.io.data.opening import open_data
from desktop_app.io.onnx_reader import read_model
from desktop_app.metering import cost_of
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch
from desktop_app.steps.clean import Clean
from desktop_app.steps.low_rank import LowRank

DATA = Path(__file__).parents[3] / "shared" / "data"
CIFAR = Preprocess(scale=255.0, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
IMAGENET = Preprocess(resize=256, crop=224, scale=127.5, mean=(1.0,), std=(1.0,))
CORPUS = ("cnn", "detection", "transformer", "rnn_audio_text", "external_data", "functions_sparse_misc")
MADE_UP = 24
BATCH = 25
TIE_DB = 0.05
"""Behind inputs of white noise, as made-up ones are, the plain decomposition of a first layer is the best there is."""

DIFFERS_MADE_UP = 0.3
"""Twice the standard error of a difference of two shares of 24."""

LEAST_GAIN = 0.10
"""Points of agreement by which ResNet-20 has to gain."""


@dataclass(frozen=True)
class Case:
    """A model, and the data that it is calibrated and evaluated on."""

    name: str
    model: Model
    data: DataSet
    evaluated: int

    def calibration(self) -> DataCalibration:
        """The samples that calibrate; made-up ones count as data here."""
        indices = self.data.calibration_indices
        if self.data.synthetic:
            indices = indices[:MADE_UP]

        def batches() -> Iterator[Batch]:
            return (batch.inputs for batch in self.data.batches(indices, BATCH))

        return DataCalibration(batches, len(indices), False, {})


def main() -> int:
    """Prints a row for each model and method; 1 if a model misses."""
    parser = argparse.ArgumentParser(description="Weighted low rank against the plain decomposition.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", default="")
    parser.add_argument("--share", type=float, default=0.6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most-macs", type=float, default=5e9, help="larger models of the corpus are passed over")
    parser.add_argument("--evaluate", type=int, default=2000, help="samples that evaluate, at most")
    parser.add_argument("--latency", action="store_true")
    arguments = parser.parse_args()
    missed = []
    _say(f"{'model':34} {'method':18} {'MACs':>6} agreement    SQNR   top-1  CPU s  speed-up")
    for case in _cases(arguments.data, arguments.only, arguments.seed, arguments.most_macs, arguments.evaluate):
        try:
            passed = _compare(case, arguments.share, latency=arguments.latency)
        except (StudioError, *RUNTIME_ERRORS) as error:
            _say(f"{case.name:34} skipped: {error}")
            continue
        if not passed:
            missed.append(case.name)
    _say(f"missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


def _compare(case: Case, share: float, *, latency: bool) -> bool:
    """Whether the weighted factorisation is better than both plain ones."""
    by_layer = LowRankMethod(kind="channel", weighted=False, measure="size", keep_faster=False)
    plain = _step(case, by_layer, share)
    reached = cost_of(plain[0]).macs / max(cost_of(case.model).macs, 1)
    if not 0.0 < reached < 1.0:
        _say(f"{case.name:34} skipped: no layer that is factorised has multiply-accumulates")
        return True
    shared_out = _step(case, LowRankMethod(target_macs=reached, weighted=False, keep_faster=False), None)
    weighted = _step(case, LowRankMethod(target_macs=reached, keep_faster=False), None)
    rows = {"plain": plain, "plain, shared out": shared_out, "weighted": weighted}
    found = {name: _row(case, name, *made, latency=latency) for name, made in rows.items()}
    least = LEAST_GAIN if case.name == "resnet20" else 0.0
    differs = DIFFERS_MADE_UP if case.data.synthetic else 0.0
    others = {"plain": least, "plain, shared out": 0.0}
    return all(_better(found["weighted"], found[name], gain, differs) for name, gain in others.items())


def _step(case: Case, method: LowRankMethod, rank: float | None) -> tuple[Model, float]:
    """The model by a method, and the CPU seconds that it took; as it is where the method would change nothing."""
    started = process_time()
    recipe = Recipe(defaults=LayerSettings(rank=rank), methods=Methods(low_rank=method))
    try:
        model = LowRank().apply(case.model, recipe, case.calibration(), SilentToken()).model
    except NothingChangedError:
        if rank is not None:
            raise
        model = case.model
    return model, process_time() - started


def _row(case: Case, name: str, model: Model, seconds: float, *, latency: bool) -> Evaluation:
    found = evaluate(model, case.data, case.data.evaluation_indices[: case.evaluated], reference=case.model, threads=1)
    fidelity = found.fidelity
    agreement = None if fidelity is None else fidelity.top1_agreement
    decibels = 0.0 if fidelity is None else fidelity.sqnr_db
    speedup = ""
    if latency:
        speedup = f"{compare((case.model, model), seconds=8.0, threads=1).rows[1].ratio.median:9.2f}"
    _say(
        f"{case.name:34} {name:18} {cost_of(model).macs / cost_of(case.model).macs:6.1%} "
        f"{'        -' if agreement is None else f'{agreement:9.1%}'} {decibels:7.2f} "
        f"{'      -' if found.accuracy is None else f'{found.accuracy:7.1%}'} {seconds:6.1f} {speedup}"
    )
    return found


def _better(one: Evaluation, other: Evaluation, least: float, differs: float) -> bool:
    if one.fidelity is None or other.fidelity is None:
        return False
    first, second = one.fidelity.top1_agreement, other.fidelity.top1_agreement
    if first is not None and second is not None and (abs(first - second) > differs or least > 0):
        return first - second >= least
    return one.fidelity.sqnr_db > other.fidelity.sqnr_db - TIE_DB


def _cases(data: Path, only: str, seed: int, most_macs: float, evaluated: int) -> Iterator[Case]:
    """The models with data of their own, then the float models of the corpus."""
    wanted = [word for word in only.split(",") if word]
    known = (
        ("resnet20", data / "models/resnet20_cifar10.onnx", data / "cifar10/val", CIFAR),
        ("resnet56", data / "models/resnet56_cifar10.onnx", data / "cifar10/val", CIFAR),
        ("resnet8", data / "models/resnet8_cifar10_mlperf.onnx", data / "cifar10/val", None),
        ("mobilenet", data / "models/mobilenet_v1_0.75_224.onnx", data / "imagenet-sample", IMAGENET),
        ("digits", resource("sample/digits.onnx"), resource("sample/digits"), None),
    )
    for name, path, source, preprocess in known:
        if not wanted or name in wanted:
            yield _open(
                name, path, DataSettings(path=str(source), preprocess=preprocess, calibration=300), seed, evaluated
            )
    if wanted and "corpus" not in wanted:
        return
    for path in sorted(path for folder in CORPUS for path in (data / "corpus" / folder).glob("*.onnx")):
        try:
            case = _open(path.stem, path, DataSettings(), seed, MADE_UP)
            open_session(case.model)
            if cost_of(case.model).macs > most_macs:
                raise StudioError("it takes too long here: see --most-macs")
        except (StudioError, *RUNTIME_ERRORS) as error:
            _say(f"{path.stem:34} skipped: {error}")
            continue
        yield case


def _open(name: str, path: Path, settings: DataSettings, seed: int, evaluated: int) -> Case:
    """A case; the model is cleaned first, as every run does."""
    original, token = read_model(path), SilentToken()
    inputs = input_specs(original)
    if settings.path is not None:
        settings, _ = resolve_preprocess(original, settings, inputs, seed=seed, token=token)
    nothing = DataCalibration(lambda: iter(()), 0, True, {})
    model = Clean().apply(original, Recipe(), nothing, token).model
    return Case(name, model, open_data(settings, inputs, seed=seed, shapes=original.shapes), evaluated)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
