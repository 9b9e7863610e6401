"""Which samples calibrate, which train and which evaluate."""

from math import ceil

import numpy as np
from msgspec import Struct

from desktop_app.core.errors import InvalidRecipeError

EVALUATION_SHARE = 1 / 3
"""Of data that is too small for the calibration asked for, at least this share is kept for evaluation."""


class Split(Struct, frozen=True):
    """Indices that calibrate, that evaluate and that train, and a sentence where it went otherwise than asked."""

    calibration: tuple[int, ...]
    evaluation: tuple[int, ...]
    notes: tuple[str, ...] = ()
    training: tuple[int, ...] = ()


def split(samples: int, calibration: int, seed: int, training: float = 0.0) -> Split:
    """Splits `samples` samples: in a seeded order the first `calibration` calibrate and the rest evaluates.

    Where that would leave none to evaluate, a third of the samples evaluates and the others calibrate. With a share for
    `training`, that share of what does not calibrate trains, and so do the samples that calibrate; none that evaluates.

    Raises:
        InvalidRecipeError: when there are too few samples to split, or `calibration` is negative.
    """
    if calibration < 0:
        raise InvalidRecipeError(f"data.calibration is {calibration}: give the number of samples, 0 or more.")
    if samples < 1 or (samples < 2 and calibration > 0):
        raise InvalidRecipeError(
            f"Too few samples, {samples} in all: two are needed at least, one to calibrate, another to evaluate."
        )
    notes: tuple[str, ...] = ()
    if calibration >= samples:
        kept = ceil(samples * EVALUATION_SHARE)
        notes = (
            f"The data holds {samples} samples, not more than the {calibration} that were to calibrate: "
            f"{samples - kept} calibrate and {kept} evaluate.",
        )
        calibration = samples - kept
    order = [int(index) for index in np.random.default_rng(seed).permutation(samples)]
    trained = calibration + min(int(training * (samples - calibration)), samples - calibration - 1)
    taught = tuple(order[:trained]) if training else ()
    return Split(tuple(order[:calibration]), tuple(order[trained:]), notes, taught)
