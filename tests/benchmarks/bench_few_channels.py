"""What it takes to normalise batches of few channels, forward and backward, beside torch's own way.

A row for each shape and type, in milliseconds (the lower quartile of some turns, both ways in one run). Passes if the
shapes of pruned nets, of fewer channels than 16, take no longer than torch's way, within a fifth.

Run: python tests/benchmarks/bench_few_channels.py [--threads 2]
"""

import argparse
import sys
from collections.abc import Callable
from time import perf_counter

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.few_channels import by_batch

SHAPES = ((128, 4, 32, 32), (128, 6, 32, 32), (128, 8, 32, 32), (128, 12, 16, 16), (128, 16, 32, 32))
TURNS, FEW, WORST = 40, 16, 1.2


def main() -> int:
    """Prints the rows; 1 if one misses."""
    parser = argparse.ArgumentParser(description="Normalising batches of few channels.")
    parser.add_argument("--threads", type=int, default=2)
    torch.set_num_threads(parser.parse_args().threads)
    passed = True
    for dtype in (torch.bfloat16, torch.float32):
        for shape in SHAPES:
            own, torchs = _times(shape, dtype)
            passed &= shape[1] >= FEW or sum(own) <= WORST * sum(torchs)
            sys.stdout.write(
                f"{dtype!s:15} {shape!s:20} forward {own[0]:5.2f} (torch {torchs[0]:5.2f})  "
                f"backward {own[1]:5.2f} (torch {torchs[1]:5.2f})\n"
            )
    return 0 if passed else 1


def _times(shape: tuple[int, ...], dtype: torch.dtype) -> tuple[tuple[float, float], tuple[float, float]]:
    """Milliseconds of both ways, forward and backward."""
    drawn = torch.randn(shape).to(dtype).contiguous(memory_format=torch.channels_last)
    x, change = drawn.requires_grad_(), torch.randn_like(drawn)
    scale, shift = torch.ones(shape[1], requires_grad=True), torch.zeros(shape[1], requires_grad=True)
    running = torch.zeros(shape[1]), torch.ones(shape[1])

    def own() -> Tensor:
        return by_batch(x, scale, shift, running, 0.1, 1e-5)

    def torchs() -> Tensor:
        return F.batch_norm(x, *running, scale, shift, True, 0.1, 1e-5)

    def backward(way: Callable[[], Tensor]) -> Callable[[], object]:
        found = way()
        return lambda: torch.autograd.grad(found, (x, scale, shift), change, retain_graph=True)

    return (_quartile(own), _quartile(backward(own))), (_quartile(torchs), _quartile(backward(torchs)))


def _quartile(call: Callable[[], object]) -> float:
    taken = list[float]()
    for _ in range(TURNS):
        started = perf_counter()
        call()
        taken.append(perf_counter() - started)
    return 1e3 * sorted(taken)[TURNS // 4]


if __name__ == "__main__":
    sys.exit(main())
