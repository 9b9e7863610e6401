"""What a training step of the differentiable copy costs against that of the same net written by hand in torch.

Run: python tests/benchmarks/bench_differentiable.py [TURNS]   (ResNet-20 and MobileNet v1 of ../shared/data/models)
Wants: at most 1.15 times the time (median of interleaved pairs) and 1.2 times the peak memory (in a process each).
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor, nn

from desktop_app.io.onnx_reader import read_model
from desktop_app.learn.module import GraphModule

SHARED = Path(os.environ.get("COMPRESSION_STUDIO_DATA", Path(__file__).parents[3] / "shared" / "data"))
RATIO, MEMORY = 1.15, 1.2


class Block(nn.Module):
    """Two convolutions and a shortcut that pads channels (option A)."""

    def __init__(self, given: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(given, width, 3, stride, 1)
        self.second = nn.Conv2d(width, width, 3, 1, 1)
        self.stride, self.pad = stride, (width - given) // 2

    def forward(self, x: Tensor) -> Tensor:
        out = self.second(F.relu(self.first(x)))
        if self.stride > 1:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(out + x)


class ResNet20(nn.Module):
    """As in the file: batch normalisation is folded."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 1, 1)
        widths = [(16, 16, 1), (16, 16, 1), (16, 16, 1), (16, 32, 2), (32, 32, 1), (32, 32, 1)]
        widths += [(32, 64, 2), (64, 64, 1), (64, 64, 1)]
        self.blocks = nn.Sequential(*(Block(*one) for one in widths))
        self.end = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(F.relu(self.stem(x)))
        return self.end(x.mean((2, 3)))


class MobileNetV1(nn.Module):
    """Width 0.75, as in the file: batch normalisation is folded, padding at the end alone where it strides."""

    def __init__(self) -> None:
        super().__init__()
        plan = [(48, 1), (96, 2), (96, 1), (192, 2), (192, 1), (384, 2), *[(384, 1)] * 5, (768, 2), (768, 1)]
        self.stem, given = nn.Conv2d(3, 24, 3, 2, 0), 24
        self.depth, self.point = nn.ModuleList(), nn.ModuleList()
        for width, stride in plan:
            self.depth.append(nn.Conv2d(given, given, 3, stride, 1 if stride == 1 else 0, groups=given))
            self.point.append(nn.Conv2d(given, width, 1))
            given = width
        self.end = nn.Linear(given, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = F.hardtanh(self.stem(F.pad(x, (0, 1, 0, 1))), 0.0, 6.0)
        for depth, point in zip(self.depth, self.point, strict=True):
            x = F.pad(x, (0, 1, 0, 1)) if depth.stride[0] == 2 else x
            x = F.hardtanh(depth(x), 0.0, 6.0)
            x = F.hardtanh(point(x), 0.0, 6.0)
        return self.end(x.mean((2, 3)))


NETS: dict[str, tuple[str, Callable[[], nn.Module], tuple[int, ...]]] = {
    "resnet20": ("resnet20_cifar10.onnx", ResNet20, (64, 3, 32, 32)),
    "mobilenet": ("mobilenet_v1_0.75_224.onnx", MobileNetV1, (16, 3, 224, 224)),
}


def stepper(net: str, kind: str) -> Callable[[], float]:
    """A function that makes one step (forward and backward) and gives its seconds of processor time."""
    file, by_hand, shape = NETS[net]
    torch.manual_seed(0)
    x = torch.randn(shape)
    module = by_hand() if kind == "hand" else GraphModule(read_model(SHARED / "models" / file))
    module.train()

    def forward() -> Tensor:
        if isinstance(module, GraphModule):
            return module({module.input_names[0]: x})[module.output_names[0]]
        return module(x)

    def step() -> float:
        start = process_time()
        module.zero_grad()
        forward().square().mean().backward()
        return process_time() - start

    return step


def peak(net: str, kind: str) -> float:
    """MiB above what stood before the first step, in a process of its own."""
    command = [sys.executable, __file__, "--peak", net, kind]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _print_peak(net: str, kind: str) -> None:
    step = stepper(net, kind)
    before = _high_water()
    step()
    step()
    sys.stdout.write(str((_high_water() - before) / 1024))


def _high_water() -> int:
    """KiB that this process needed at most. `getrusage` would count the process that it was forked from."""
    text = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text)[1])


def main(turns: int) -> int:
    """Prints a row for each net; 1 when a bound is broken."""
    failed = False
    for net in NETS:
        hand, copy = stepper(net, "hand"), stepper(net, "copy")
        parameters = [sum(p.numel() for p in one.parameters()) for one in (NETS[net][1](), _copy(net))]
        hand()
        copy()
        pairs = [(hand(), copy()) if turn % 2 else (copy(), hand())[::-1] for turn in range(turns)]
        ratio = median(b / a for a, b in pairs)
        memory = [peak(net, kind) for kind in ("hand", "copy")]
        low, high = np.percentile([b / a for a, b in pairs], (25, 75))
        sys.stdout.write(
            f"{net:10} parameters {parameters}  step {median(a for a, _ in pairs):.3f} s by hand, ratio {ratio:.3f} "
            f"(quartiles {low:.3f}..{high:.3f})  peak {memory[0]:.0f} MiB by hand, ratio {memory[1] / memory[0]:.3f}\n"
        )
        failed |= ratio > RATIO or memory[1] > MEMORY * memory[0] or parameters[0] != parameters[1]
    return int(failed)


def _copy(net: str) -> GraphModule:
    return GraphModule(read_model(SHARED / "models" / NETS[net][0]))


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:2] == ["--peak"]:
        _print_peak(*sys.argv[2:4])
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
