"""Latency of whole models told from the table of kernels, against latency measured: float, int8, fewer channels.

For every model the time of each variant over that of the float model is predicted from kernels that were timed apart,
and measured with both in turns, in time of the processor: other programs interrupt a long run more than a short one.
Passes if no ratio is more than 15 % off.

Run: python tests/benchmarks/bench_kernels.py [--data ../shared/data] [--seconds 4] [--fresh]
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np

from desktop_app.bench.kernel import kernels_of
from desktop_app.bench.kernels import KernelTimes, sum_of
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.data.synthetic import made_up_feeds
from desktop_app.io.onnx_reader import read_model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.collector import collect
from desktop_app.steps.base import Step
from desktop_app.steps.clean import Clean
from desktop_app.steps.int8.draft import draft
from desktop_app.steps.prune_channels import PruneChannels
from desktop_app.steps.quantize_static import QuantizeStatic

DATA = Path(__file__).parents[3] / "shared" / "data"
MODELS = ("mobilenet_v1_0.75_224", "resnet20_cifar10", "resnet56_cifar10", "resnet8_cifar10_mlperf")
MOST_OFF = 0.15
BLOCKS, RUNS = 5, 40


def main() -> int:
    """Prints a row for each variant; 1 if one is predicted too badly."""
    parser = argparse.ArgumentParser(description="Latency predicted from kernels against latency measured.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--fresh", action="store_true", help="Measure all kernels anew.")
    arguments = parser.parse_args()
    times = KernelTimes(1, folder=Path(tempfile.mkdtemp()) if arguments.fresh else None)
    worst = 0.0
    sys.stdout.write(f"{'model':24} {'variant':16} kernels  table s  predicted  measured     off\n")
    for name in arguments.models.split(","):
        original = applied(Clean(), read_model(arguments.data / "models" / f"{name}.onnx"), Recipe())
        base = told(original, times, {})
        for title, (model, small, bits) in variants(original).items():
            started = perf_counter()
            kernels = len(set(kernels_of(model, bits).values()))
            predicted = told(model, times, bits) / base
            spent = perf_counter() - started
            measured = measured_ratio(original, small, arguments.seconds)
            off = predicted / measured - 1.0
            worst = max(worst, abs(off))
            sys.stdout.write(
                f"{name:24} {title:16} {kernels:7} {spent:8.2f} {predicted:10.3f} {measured:9.3f} {off:+7.1%}\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"worst {worst:.1%}, limit {MOST_OFF:.0%}\n")
    return 0 if worst <= MOST_OFF else 1


def told(model: Model, times: KernelTimes, bits: Mapping[str, int]) -> float:
    """Microseconds of a model by the table."""
    kernels = list(kernels_of(model, bits).values())
    return sum_of(kernels, times.of(kernels), ends=True)


def measured_ratio(original: Model, small: Model, seconds: float) -> float:
    """Processor time of `small` over that of `original`, one thread, in fresh sessions for every block."""
    ratios = []
    end = perf_counter() + seconds
    while perf_counter() < end or len(ratios) < BLOCKS:
        sessions = [open_session(model, threads=1) for model in (original, small)]
        feeds = [made_up_feeds(inputs_of(session), original.shapes) for session in sessions]
        times: list[list[float]] = [[], []]
        for _ in range(RUNS):
            for session, feed, taken in zip(sessions, feeds, times, strict=True):
                start = thread_time()
                session.run(None, feed)
                taken.append(thread_time() - start)
        first, second = (float(np.quantile(taken, 0.25)) for taken in times)
        ratios.append(second / first)
    return float(np.median(ratios))


def variants(original: Model) -> dict[str, tuple[Model, Model, dict[str, int]]]:
    """Title to: the float model, what is made of it, and the bits of its nodes."""
    narrow = {
        "70 % of 8": pruned(original, 0.3, 8),
        "50 % of 8": pruned(original, 0.5, 8),
        "70 % odd": pruned(original, 0.3, 1),
    }
    found: dict[str, tuple[Model, Model, dict[str, int]]] = {"int8": quantized(original)}
    for title, model in narrow.items():
        found[title] = (model, model, {})
    found["50 % of 8, int8"] = quantized(narrow["50 % of 8"])
    found["70 % odd, int8"] = quantized(narrow["70 % odd"])
    return found


def pruned(model: Model, share: float, round_to: int) -> Model:
    """The model with fewer channels; for its speed it does not matter which."""
    method = PruneMethod(criterion="l1", reconstruct=False, round_to=round_to)
    return applied(PruneChannels(), model, Recipe(defaults=LayerSettings(prune=share), methods=Methods(prune=method)))


def quantized(model: Model) -> tuple[Model, Model, dict[str, int]]:
    """The model, the same in 8 bits, and which nodes that concerns."""
    plan = draft(model, model.layers).plan
    small = applied(QuantizeStatic(), model, Recipe(defaults=LayerSettings(bits=8)))
    return model, small, dict.fromkeys((*plan.layers, *plan.combined), 8)


def applied(step: Step, model: Model, recipe: Recipe) -> Model:
    """The model after a step, calibrated on made-up inputs."""
    feeds = made_up_feeds(inputs_of(open_session(model)), model.shapes)
    token = SilentToken()
    statistics = collect(model, step.needs(model, recipe), [feeds], token)
    return step.apply(model, recipe, DataCalibration(lambda: iter([feeds]), 1, True, statistics), token).model


if __name__ == "__main__":
    sys.exit(main())
