"""A net that is searched for a limit of time against the family's own of the same measured time, taught alike.

The teacher is `resnet56_cifar10`, the samples are those of `cifar10/train` without their labels, accuracy is told on
all of `cifar10/val`. The family's own net is taught from the start for as many steps as the searched one is taught
alone (`same steps`), and for the steps of supernet and playoff besides (`more steps`); the searched architecture is
taught from the start, too, without what it has of the supernet (`from the start`).

    python tests/benchmarks/bench_supernet.py [--family mobilenet_v2] [--width 0.25] [--steps 300] [--supernet 300]
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import torch
from msgspec.structs import replace
from real_models import CIFAR, DATA, MODELS
from torch import nn

from desktop_app.bench.evaluate import evaluate
from desktop_app.core.architecture import Architecture
from desktop_app.core.data import DataSettings
from desktop_app.core.design import Design
from desktop_app.core.measuring import Measuring
from desktop_app.core.methods import Methods, RecoverMethod
from desktop_app.core.progress import Event, Progress, SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.opening import open_data
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.onnx_reader import read_model
from desktop_app.run import calibration_samples
from desktop_app.search.design.designing import Designer
from desktop_app.search.design.playoff import ROUND
from desktop_app.search.design.whole import milliseconds, shipped, untrained
from desktop_app.zoo.exporting import export
from desktop_app.zoo.supernet.blueprint import member
from desktop_app.zoo.supernet.plain import plain

SHARE = 0.999
"""Of the training images: those that evaluate lie in a folder of their own."""

WANTED = 0.01
"""Points of accuracy, as a share."""


class Told(SilentToken):
    """Prints what stages begin."""

    stage, began = "", 0.0

    def report(self, event: Event) -> None:
        if isinstance(event, Progress) and (event.stage != self.stage or perf_counter() - self.began > 60):
            self.stage, self.began = event.stage, perf_counter()
            say(f"    {event.stage} {event.done:.0%} {event.text} ({process_time():.0f} CPU s)")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Contest:
    """The two nets, and what is told of them."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.teacher = read_model(args.data / "models" / MODELS["resnet56"][0])
        self.inputs = inputs_of(open_session(self.teacher))
        train = DataSettings(path=str(args.data / "cifar10/train"), preprocess=CIFAR)
        recipe = Recipe(methods=Methods(recover=RecoverMethod(steps=1)))
        samples = calibration_samples(open_data(train, self.inputs, seed=0, training=SHARE), recipe).training
        val = DataSettings(path=str(args.data / "cifar10/val"), preprocess=CIFAR)
        self.val = open_data(val, self.inputs, seed=0)
        self.threads = args.threads
        asked = Design(
            args.family,
            latency_ms=1.0,
            steps=args.steps,
            supernet_steps=args.supernet,
            candidates=args.candidates,
            batch=args.batch,
            seed=args.seed,
        )
        self.designer = Designer(self.teacher, asked, samples, Measuring(args.threads), Told())
        designer = self.designer
        self.own = member(designer.blueprint, replace(designer.size, width=args.width))
        times = np.median([self.measured([self.own]) for _ in range(3)], axis=0)
        designer.design = replace(asked, latency_ms=None, speedup=float(times[0] / times[1]))
        say(f"{args.family} x{args.width}: {times[1]:.3f} ms, resnet56 {times[0]:.3f} ms")
        say(f"    {self.own.told()}")

    def measured(self, architectures: list[Architecture]) -> list[float]:
        """Milliseconds of the teacher and of nets, in turns."""
        one = self.designer
        models = [self.teacher, *(untrained(one.blueprint, one.size, one.ends, each) for each in architectures)]
        return milliseconds(models, Measuring(self.threads), SilentToken())

    def fresh(self, architecture: Architecture) -> nn.Module:
        one = self.designer
        return plain(one.blueprint, one.size, architecture, one.design.seed)

    def accuracy(self, module: nn.Module) -> float:
        """Top-1 on all of `cifar10/val`."""
        model = shipped(export(module, self.designer.ends, "net"))
        return evaluate(model, self.val, range(self.val.samples), threads=1).accuracy or 0.0

    def taught(self, name: str, module: nn.Module, steps: int) -> float:
        used = process_time()
        designer = self.designer
        designer.lessons.finish(module, steps, designer.token)
        accuracy = self.accuracy(module)
        say(f"{name}, {steps} steps: accuracy {accuracy:.4f}, {process_time() - used:.0f} CPU s")
        return accuracy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--family", default="mobilenet_v2")
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--supernet", type=int, default=300)
    parser.add_argument("--candidates", type=int, default=80)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    contest = Contest(args)
    chosen = contest.designer.choose()
    judged = chosen.candidates
    say(f"{len(judged)} of 10^{np.log10(float(chosen.space.count)):.0f} judged, {process_time():.0f} CPU s")
    errors = contest.designer.latencies
    say(f"chosen: {chosen.taken_ms:.3f} ms of {chosen.limit_ms:.3f}, predicted {errors.of(chosen.architecture):.3f}")
    say(f"    {chosen.architecture.told()}")
    say(f"as it was chosen: accuracy {contest.accuracy(chosen.module):.4f}")
    searched = contest.taught("searched", chosen.module, args.steps)
    own = contest.taught("the family's own, same steps", contest.fresh(contest.own), args.steps)
    start = contest.taught("searched, from the start", contest.fresh(chosen.architecture), args.steps)
    times = np.median([contest.measured([contest.own, chosen.architecture]) for _ in range(3)], axis=0)
    say(f"measured in turns: resnet56 {times[0]:.3f} ms, own {times[1]:.3f} ms, searched {times[2]:.3f} ms")
    gain = searched - own
    met = gain >= WANTED and times[2] <= 1.02 * times[1]
    say(
        f"{'ok  ' if met else 'MISS'} searched over own: {gain:+.4f} (wanted >= {WANTED}); "
        f"from the start {start - own:+.4f}"
    )
    besides = args.supernet + 2 * round(ROUND * args.steps)
    more = contest.taught("the family's own, more steps", contest.fresh(contest.own), args.steps + besides)
    say(f"    searched over own with the steps of supernet and playoff besides: {searched - more:+.4f}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
