"""What layers read, collected for as many of them in one pass over the data as may be held."""

from collections.abc import Iterator, Mapping

import numpy as np

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import RUNTIME_ERRORS
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.stats.collector import collect, first_samples
from desktop_app.stats.requests import Covariance, StatisticRequest
from desktop_app.steps.rounding.reading import ROWS, moments_request, rows_shape
from desktop_app.steps.targets import LayerWeight

FAILURES: tuple[type[Exception], ...] = (StudioError, *RUNTIME_ERRORS)

MAX_BYTES = 256 * 2**20
"""Second moments that are held at a time; a layer that needs more by itself is not weighed by its inputs."""

FEW, FEW_ROWS = 64, 8192
"""Samples, and places in all of them, that suffice where little is rounded away."""


def collect_moments(
    model: Model,
    weights: Mapping[str, LayerWeight],
    calibration: Calibration,
    token: Token,
    *,
    few: bool = False,
) -> Iterator[tuple[str, Covariance]]:
    """The second moments (groups, inputs, inputs) of what each weight is multiplied with, by the key of the weight.

    Weights are absent whose inputs are not understood, or are too many, or were never seen, or are not finite; all of
    them where the model cannot be run on the samples.

    Args:
        model: The model that the weights are from.
        weights: By key.
        calibration: Where samples come from.
        token: Says when to stop.
        few: Whether `FEW` samples suffice.

    Raises:
        Cancelled: when the token says so.
    """
    count, rows = (min(FEW, calibration.samples), FEW_ROWS) if few else (calibration.samples, ROWS)
    waiting: dict[str, StatisticRequest] = {}
    size = 0
    for key, weight in weights.items():
        request = moments_request(model, weight, count, rows)
        own = 0 if isinstance(request, str) else _bytes(weight)
        if isinstance(request, str) or own > MAX_BYTES:
            continue
        if size + own > MAX_BYTES:
            yield from _collect(model, waiting, first_samples(calibration.batches(), count), token)
            waiting, size = {}, 0
        waiting[key], size = request, size + own
    yield from _collect(model, waiting, first_samples(calibration.batches(), count), token)


def _bytes(weight: LayerWeight) -> int:
    groups, _, inputs = rows_shape(weight)
    return 8 * groups * inputs**2


def _collect(
    model: Model, requests: Mapping[str, StatisticRequest], batches: Iterator[Batch], token: Token
) -> Iterator[tuple[str, Covariance]]:
    if not requests:
        return
    try:
        found = collect(model, tuple(requests.values()), batches, token)
    except FAILURES:
        return
    for key, request in requests.items():
        moments = found[request]
        if isinstance(moments, Covariance) and moments.count and np.isfinite(moments.matrix).all():
            inputs = moments.matrix.shape[-1]
            matrix, mean = moments.matrix.reshape(-1, inputs, inputs), moments.mean.reshape(-1, inputs)
            yield key, Covariance(matrix, mean, moments.count)
