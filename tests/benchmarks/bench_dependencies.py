"""What the dependency analysis lets be cut, model by model, and what it refuses most often and why.

Run: python tests/benchmarks/bench_dependencies.py [FOLDER OR MODEL ...]     (../shared/data by default)
Counts are of the cleaned model, which is what a run cuts. A parameter counts as prunable when it lies on a channel of a
group that can be cut.
"""

import os
import re
import sys
from collections import Counter
from pathlib import Path
from time import process_time

import numpy as np
from msgspec import Struct

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.inspection import NO_DATA
from desktop_app.io.onnx_reader import read_model
from desktop_app.steps.clean import Clean

DATA = Path(os.environ.get("COMPRESSION_STUDIO_DATA", Path(__file__).parents[3] / "shared" / "data"))
SHOWN = 3


class Coverage(Struct, frozen=True):
    """What can be cut of one model.

    Attributes:
        groups: All channel groups, and those that can be cut.
        channels: Likewise.
        share: Of the parameters those that lie on a channel that can be cut.
        refusals: Reason to the number of groups refused for it.
        seconds: Processor time of the analysis.
    """

    groups: tuple[int, int]
    channels: tuple[int, int]
    share: float
    refusals: Counter[str]
    seconds: float


def cover(model: Model) -> Coverage:
    """Analyses a model."""
    started = process_time()
    channels = model.channels
    seconds = process_time() - started
    free = [group for group in channels.groups if not group.refusal]
    prunable: dict[str, np.ndarray] = {}
    for group in free:
        for member in channels.members(group.id):
            shape = _shape(model, member.constant)
            mask = prunable.setdefault(member.constant, np.zeros(shape, dtype=bool))
            np.moveaxis(mask, member.axis, 0)[member.units >= 0] = True
    total = sum(layer.params for layer in model.layers)
    return Coverage(
        (len(channels.groups), len(free)),
        (sum(group.channels for group in channels.groups), sum(group.channels for group in free)),
        sum(int(mask.sum()) for mask in prunable.values()) / max(total, 1),
        Counter(group.refusal for group in channels.groups if group.refusal),
        seconds,
    )


def _shape(model: Model, name: str) -> tuple[int, ...]:
    return tuple(model.shapes[name])


def general(reason: str) -> str:
    """A reason without the names of nodes and values, so that models can be counted together."""
    reason = re.sub(r"(the model's (?:output|input)) .*", r"\1", reason)
    return re.sub(r"\b((?:[a-z.]*\.)?[A-Z]\w+) [^ ,]+", r"\1", reason)


def main(arguments: list[str]) -> int:
    """Prints a line for each model, and how many models every kind of refusal blocks."""
    roots = [Path(argument) for argument in arguments] or [DATA / "models", DATA / "corpus"]
    blocked: Counter[str] = Counter()
    for path in sorted(found for root in roots for found in ([root] if root.is_file() else root.rglob("*.onnx"))):
        try:
            model = Clean().apply(read_model(path), Recipe(), NO_DATA, SilentToken()).model
        except StudioError as error:
            sys.stdout.write(f"{path.stem}: {error}\n")
            continue
        one = cover(model)
        if not model.layers:
            continue
        blocked.update({general(reason) for reason in one.refusals})
        sys.stdout.write(
            f"{path.stem}: {one.groups[1]} of {one.groups[0]} groups, {one.channels[1]} of {one.channels[0]} channels, "
            f"{one.share:.0%} of the parameters, {one.seconds:.2f} s\n"
        )
        for reason, count in one.refusals.most_common(SHOWN):
            sys.stdout.write(f"    {count} x {reason}\n")
        unseen = Counter(layer.op_type for layer in model.layers if layer.name not in model.channels.weights)
        if unseen:
            sys.stdout.write(
                "    layers that make no channels: " + ", ".join(f"{n} {op}" for op, n in unseen.items()) + "\n"
            )
    sys.stdout.write("\nModels blocked in part, by kind of refusal:\n")
    for reason, count in blocked.most_common():
        sys.stdout.write(f"{count:4} {reason}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
