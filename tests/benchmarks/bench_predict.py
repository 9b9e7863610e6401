"""Time of one prediction for 2,000 layers: it follows every move of a slider, so it must end within a frame (16 ms).

Run: python tests/benchmarks/bench_predict.py
"""

import statistics
import sys
from time import process_time

from desktop_app.core.layer import Axis, ChannelGroup, Layer, Span
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import predict
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.core.summary import LayerProfile, ModelSummary

LAYERS = 2_000
LIMIT_MS = 16.0
CHANNELS = 64


def chain_of_convolutions(count: int) -> ModelSummary:
    """A chain in which every convolution produces one group and reads the one before."""
    axes = [Axis(CHANNELS, (Span(index, CHANNELS),)) for index in range(count)]
    layers = tuple(_convolution(index, axes) for index in range(count))
    groups = tuple(
        ChannelGroup(
            index, CHANNELS, (layers[index].name,), tuple(layer.name for layer in layers[index + 1 : index + 2])
        )
        for index in range(count)
    )
    cost = sum((Cost(layer.bytes, layer.params, layer.macs) for layer in layers), Cost())
    return ModelSummary("chain", "", "", cost.bytes, 0, count, cost, 17, "", (), (), layers, groups)


def recipes() -> dict[str, Recipe]:
    """What a user may have set while a slider moves."""
    all_of_it = LayerSettings(prune=0.3, rank=0.4, bits=8)
    patterns = {f"re:.*block_{n}/.*": LayerOverride(prune=0.1 * n) for n in range(1, 6)}
    exact = {f"/features/block_{n % 7}/conv_{n}": LayerOverride(prune=0.2) for n in range(0, LAYERS, 2)}
    return {
        "nothing": Recipe(),
        "defaults": Recipe(defaults=all_of_it),
        "patterns": Recipe(defaults=all_of_it, layers=dict(patterns)),
        "patterns and 1,000 exact names": Recipe(defaults=all_of_it, layers={**exact, **patterns}),
    }


def times_ms(summary: ModelSummary, recipe: Recipe, profile: LayerProfile, repeats: int = 30) -> list[float]:
    """Times of predictions in milliseconds, of the processor: what else the machine does does not count."""
    times = []
    for _ in range(repeats):
        started = process_time()
        predict(summary, recipe, profile)
        times.append(1e3 * (process_time() - started))
    return times


def _convolution(index: int, axes: list[Axis]) -> Layer:
    weights = CHANNELS * CHANNELS * 9
    return Layer(
        name=f"/features/block_{index % 7}/conv_{index}",
        op_type="Conv",
        scope=("features", f"block_{index % 7}"),
        weight_shape=(CHANNELS, CHANNELS, 3, 3),
        output_shape=(1, CHANNELS, 14, 14),
        params=weights + CHANNELS,
        macs=weights * 196,
        bytes=4 * (weights + CHANNELS),
        output=axes[index],
        input=axes[index - 1] if index else Axis(CHANNELS),
        per_channel=1,
        kernel=(3, 3),
        input_shape=(1, CHANNELS, 14, 14),
    )


def main() -> int:
    """Prints a line for each recipe; exit status 1 when one takes longer than a frame."""
    summary = chain_of_convolutions(LAYERS)
    profile = LayerProfile(float(LAYERS), {layer.name: 1.0 for layer in summary.layers}, 1)
    slowest = 0.0
    for name, recipe in recipes().items():
        taken = times_ms(summary, recipe, profile)
        slowest = max(slowest, min(taken))
        sys.stdout.write(f"{name:32} best {min(taken):5.1f} ms, median {statistics.median(taken):5.1f} ms\n")
    sys.stdout.write(f"{LAYERS} layers: slowest recipe {slowest:.1f} ms, limit {LIMIT_MS:g} ms\n")
    return 0 if slowest <= LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
