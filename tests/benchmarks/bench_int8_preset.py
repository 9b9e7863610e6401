"""The preset "INT8 for this CPU" on the real models as users run it: fidelity, accuracy, time, CPU seconds and memory.

Every row goes through the whole pipeline, timed choices and all, in a process of its own, whose CPU seconds and peak
memory count as a whole, imports too. 300 samples calibrate, others evaluate. The time ratio is the file's time over
float's, interleaved; below 1 is faster. `--memory` instead runs one model with few and with many calibration samples:
peak memory must not differ by more than 5 %.

Run: python tests/benchmarks/bench_int8_preset.py [--models mobilenet,resnet20,resnet56] [--seeds 0,1] [--seconds 15]
     python tests/benchmarks/bench_int8_preset.py --memory 50,3000 --models resnet20
"""

import argparse
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from real_models import DATA, Case

from desktop_app.bench.latency import compare
from desktop_app.io.recipes import read_recipe

PRESET = Path(__file__).parents[2] / "resources" / "presets" / "int8.yaml"
EVALUATED = 2000
MOST_GROWTH = 0.05


@dataclass(frozen=True)
class Target:
    """What a model must reach (issue 3)."""

    agreement: float
    sqnr_db: float
    ratio: float


TARGETS = {
    "mobilenet": Target(0.975, 22.5, 0.65),
    "resnet20": Target(0.988, 30.0, 0.70),
    "resnet56": Target(0.988, 30.0, 0.70),
}


def main() -> int:
    """Prints a row for every model and seed; 1 if one misses a figure."""
    parser = argparse.ArgumentParser(description="The int8 preset on the real models.")
    parser.add_argument("--models", default="mobilenet,resnet20,resnet56")
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--memory", default="", help="numbers of calibration samples to compare the peak memory of")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--alone", default="", help="model:seed:samples, for the processes that this one starts")
    arguments = parser.parse_args()
    if arguments.alone:
        return alone(*arguments.alone.split(":"), arguments)
    models, sizes = arguments.models.split(","), arguments.memory.split(",") if arguments.memory else []
    if sizes:
        return max(flat(model, sizes, arguments.data) for model in models)
    runs = [f"{model}:{seed}:300" for model in models for seed in arguments.seeds.split(",")]
    return max(started(run, arguments.data, arguments.seconds).returncode for run in runs)


def alone(name: str, seed: str, samples: str, arguments: argparse.Namespace) -> int:
    """One row, or with no seconds only what it took."""
    case = Case.open(name, arguments.data, seed=int(seed), evaluated=EVALUATED, calibration=int(samples))
    made = case.run(read_recipe(PRESET))
    cpu, peak = process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if arguments.seconds <= 0:
        sys.stdout.write(f"{peak}\n")
        return 0
    found, plain = case.figures(made.model), case.figures(case.model)
    ratio = 1.0 / compare((case.model, made.model), threads=1, seconds=arguments.seconds).rows[1].ratio.median
    sys.stdout.write(
        f"{name:10} seed {seed}: agreement {found.agreement:.2%}, {found.sqnr_db:.2f} dB, "
        f"top-1 {plain.accuracy:.2%} -> {found.accuracy:.2%}, time {ratio:.3f}, {found.bytes / 1e6:.2f} MB, "
        f"{cpu:.1f} CPU s, {peak:.0f} MB peak\n"
    )
    target = TARGETS[name]
    met = found.agreement >= target.agreement and found.sqnr_db >= target.sqnr_db and ratio <= target.ratio
    return 0 if met else 1


def flat(model: str, sizes: list[str], data: Path) -> int:
    """The peak memory with each number of samples; 1 if it grows."""
    peaks = [float(started(f"{model}:0:{size}", data, 0.0, quiet=True).stdout) for size in sizes]
    said = ", ".join(f"{peak:.0f} MB with {size}" for peak, size in zip(peaks, sizes, strict=True))
    sys.stdout.write(f"{model}: {said}\n")
    return 0 if peaks[-1] <= (1.0 + MOST_GROWTH) * peaks[0] else 1


def started(run: str, data: Path, seconds: float, *, quiet: bool = False) -> "subprocess.CompletedProcess[str]":
    """A fresh process for one run."""
    command = [sys.executable, __file__, "--alone", run, "--data", str(data), "--seconds", str(seconds)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, stdout=subprocess.PIPE if quiet else None, text=True, env=environment, check=False)


if __name__ == "__main__":
    sys.exit(main())
