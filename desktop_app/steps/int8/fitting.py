"""From a draft and data to a quantised model."""

from collections.abc import Mapping
from dataclasses import replace

from desktop_app.core.methods import QuantizeMethod
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Calibration
from desktop_app.stats.requests import Histogram, StatisticRequest
from desktop_app.steps.int8.affine import Affine
from desktop_app.steps.int8.draft import Draft
from desktop_app.steps.int8.gates import with_gates
from desktop_app.steps.int8.layers import quantize_layers
from desktop_app.steps.int8.plan import Plan
from desktop_app.steps.int8.ranges import choose_range
from desktop_app.steps.int8.regrid import Rounder
from desktop_app.steps.int8.scheme import settled
from desktop_app.steps.int8.sequence import DRAFT_SAMPLES, SAMPLES, Start, fit_in_sequence
from desktop_app.steps.int8.smoothing import smooth
from desktop_app.steps.int8.write import write_integers


def fit(
    drafted: Draft,
    method: QuantizeMethod,
    calibration: Calibration,
    token: Token,
    bits: Mapping[str, int] | None = None,
) -> Start:
    """Chooses ranges, rounds weights, corrects biases, each on what came of the one before.

    Args:
        drafted: What will be quantised; at least one layer.
        method: How.
        calibration: With the histogram of every source of the plan.
        token: Hears of progress; says when to stop.
        bits: Layer name to the bits of its weights, where these are fewer than 8.

    Returns:
        The quantised model with what it was made of.
    """
    plan, pair_safe = drafted.plan, settled(method).scheme == "portable"
    model, changed = drafted.model, dict[str, Histogram]()
    if method.smooth:
        model, changed = smooth(model, plan, calibration, method.calibration, pair_safe=pair_safe)
    affines = _affines(model, plan, calibration, method.calibration, changed)
    layers = quantize_layers(model, plan, affines, token, pair_safe=pair_safe, bits=bits or {})
    rounded = write_integers(model, plan, affines, layers)
    quick = calibration.synthetic or calibration.draft  # in 8 bits, layer after layer gains drafts 0.2 to 2 dB
    compensated = method.rounding == "gptq" or (method.rounding == "auto" and not quick)
    rounder = Rounder(model, pair_safe, min(SAMPLES, calibration.samples)) if compensated else None
    start = Start(model, rounded, plan, affines, layers, tuple(changed))
    samples = DRAFT_SAMPLES if calibration.draft else SAMPLES
    fitted = fit_in_sequence(start, rounder, calibration.batches(), token, samples)
    return replace(start, quantized=write_integers(model, plan, affines, fitted), layers=fitted)


def _affines(
    model: Model, plan: Plan, calibration: Calibration, method: str, changed: Mapping[str, Histogram]
) -> dict[str, Affine]:
    """Scale and zero point of every group: the range that holds those of all its values."""
    ranges: dict[str, tuple[float, float]] = {}
    for name in plan.sources:
        histogram = changed.get(name) or calibration.statistic(StatisticRequest(name, "histogram"))
        if isinstance(histogram, Histogram):
            low, high = choose_range(histogram, method)
            before = ranges.get(plan.groups[name], (0.0, 0.0))
            ranges[plan.groups[name]] = (min(low, before[0]), max(high, before[1]))
    return with_gates(model, plan.gates, plan.groups, {one: Affine.of_range(*both) for one, both in ranges.items()})
