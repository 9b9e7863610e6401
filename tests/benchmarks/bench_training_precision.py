"""A training step in single precision and in bfloat16, channels first and last in memory, and what that does to scores.

A row for each model: the best of some steps (forward and backward of all outputs), in seconds of the processor. Passes
if, where the processor multiplies bfloat16 by tiles, a step of a ResNet takes at most two thirds of what it takes in
single precision with channels first; elsewhere the rows are told, and nothing is asked of them.

Run: python tests/benchmarks/bench_training_precision.py [--data ../shared/data] [--steps 4]
"""

import argparse
import sys
from pathlib import Path
from time import process_time

import torch
from real_models import DATA, MODELS

from desktop_app.io.onnx_reader import read_model
from desktop_app.learn.module import GraphModule
from desktop_app.learn.precision import in_halves, multiplies_halves

BATCHES = {"resnet20": (128, 3, 32, 32), "resnet56": (128, 3, 32, 32), "mobilenet": (16, 3, 224, 224)}
MOST_SHARE = 2 / 3


def main() -> int:
    """Prints the rows; 1 if one misses."""
    parser = argparse.ArgumentParser(description="Training steps in single and half precision.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", nargs="+", choices=BATCHES, default=list(BATCHES))
    parser.add_argument("--steps", type=int, default=4)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    fast, passed = multiplies_halves("cpu"), True
    sys.stdout.write(f"{'model':10} single, first   last   bfloat16, last   scores differ by\n")
    for name in arguments.models:
        module = GraphModule(read_model(arguments.data / "models" / MODELS[name][0]))
        first = torch.randn(BATCHES[name], generator=torch.Generator().manual_seed(0))
        last = first.contiguous(memory_format=torch.channels_last)
        ways = ((first, False), (last, False), (last, True))
        taken = [min(_step(module, images, halves) for _ in range(arguments.steps)) for images, halves in ways]
        off = _difference(module, last)
        passed &= not fast or name == "mobilenet" or taken[2] <= MOST_SHARE * taken[0]
        sys.stdout.write(f"{name:10} {taken[0]:11.3f} s {taken[1]:7.3f} s {taken[2]:10.3f} s {off:15.1%}\n")
        sys.stdout.flush()
    return 0 if passed else 1


def _scores(module: GraphModule, images: torch.Tensor, halves: bool) -> torch.Tensor:
    with in_halves("cpu", halves):
        return next(iter(module({module.input_names[0]: images}).values())).float()


def _step(module: GraphModule, images: torch.Tensor, halves: bool) -> float:
    """Seconds of the processor for one step; the weights stay."""
    module.train()
    module.zero_grad(set_to_none=True)
    started = process_time()
    torch.autograd.backward(_scores(module, images, halves).square().mean())
    return process_time() - started


@torch.no_grad()
def _difference(module: GraphModule, images: torch.Tensor) -> float:
    """Of scores in half precision from those in single, by their own size."""
    module.eval()
    exact = _scores(module, images[:16], False)
    return float((_scores(module, images[:16], True) - exact).norm() / exact.norm())


if __name__ == "__main__":
    sys.exit(main())
