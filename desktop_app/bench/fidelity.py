"""How near the outputs of one model are to another's, summed up batch by batch."""

from collections.abc import Sequence
from math import inf, isfinite, log10

import numpy as np

from desktop_app.core.report import Fidelity

CAP_DB = 200.0
"""Stands for outputs that are equal; its negative for outputs that are no numbers any more."""


class FidelityMeter:
    """Takes the outputs of the reference and of the other model, and gives their `Fidelity`."""

    def __init__(self) -> None:
        self._signal: dict[int, float] = {}
        self._noise: dict[int, float] = {}
        self._cosine = 0.0
        self._agreed = 0
        self._classified = 0
        self._samples = 0

    def add(self, reference: Sequence[object], outputs: Sequence[object], samples: int) -> None:
        """Adds a batch.

        Args:
            reference: What the reference gave, output by output; what is no array of numbers is passed over.
            outputs: What the other model gave.
            samples: How many samples were run; outputs whose first axis is not that long count as one sample.
        """
        pairs = [
            (index, as_floats(one), as_floats(other))
            for index, (one, other) in enumerate(zip(reference, outputs, strict=True))
            if is_numeric(one) and is_numeric(other)
        ]
        if not pairs:
            return
        self._samples += samples
        rows = [_rows(one, other, samples) for _, one, other in pairs]
        for (index, _, _), (signal, noise, _) in zip(pairs, rows, strict=True):
            self._signal[index] = self._signal.get(index, 0.0) + float(signal.sum())
            self._noise[index] = self._noise.get(index, 0.0) + float(noise.sum())
        self._cosine += samples * float(np.mean([cosine.mean() for _, _, cosine in rows]))
        self._compare_classes(reference, outputs, samples)

    def result(self, *, synthetic: bool) -> Fidelity | None:
        """The fidelity over all batches; None if there was nothing to compare."""
        if not self._samples:
            return None
        agreement = self._agreed / self._classified if self._classified else None
        return Fidelity(self._sqnr_db(), self._cosine / self._samples, agreement, self._samples, synthetic)

    def _compare_classes(self, reference: Sequence[object], outputs: Sequence[object], samples: int) -> None:
        for one, other in zip(reference, outputs, strict=True):
            expected, got = class_numbers(one, samples), class_numbers(other, samples)
            if expected is not None and got is not None:
                self._agreed += int(np.sum(expected == got))
                self._classified += samples
                return

    def _sqnr_db(self) -> float:
        """From the mean over the outputs of noise by signal power, so that no output counts more for its scale."""
        pairs = zip(self._signal.values(), self._noise.values(), strict=True)
        share = float(np.mean([_share(signal, noise) for signal, noise in pairs]))
        if share == 0:
            return CAP_DB
        return max(min(-10 * log10(share), CAP_DB), -CAP_DB) if isfinite(share) else -CAP_DB


def is_numeric(output: object) -> bool:
    """Whether an output is an array of numbers (sequences, maps and texts are not)."""
    return isinstance(output, np.ndarray) and (np.issubdtype(output.dtype, np.number) or output.dtype == np.bool_)


def as_floats(output: object) -> np.ndarray:
    """The output in double precision."""
    return np.asarray(output, np.float64)


def class_numbers(output: object, samples: int) -> np.ndarray | None:
    """The class of each sample, (samples,), if the output looks like it: one vector of scores a sample, or numbers.

    Axes of length 1 behind the first are passed over.
    """
    if not isinstance(output, np.ndarray) or output.ndim < 1 or output.shape[0] != samples:
        return None
    if np.issubdtype(output.dtype, np.floating):
        scores = output.reshape(samples, *(size for size in output.shape[1:] if size != 1))
        return scores.argmax(axis=1) if scores.ndim == 2 and scores.shape[1] > 1 else None
    if np.issubdtype(output.dtype, np.integer) and output.size == samples:
        return output.reshape(samples)
    return None


def _rows(reference: np.ndarray, other: np.ndarray, samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signal power, noise power and cosine of each sample.

    Where the reference is not finite nothing is compared; where only the other is not, the noise is infinite. Outputs
    of different shapes (lists of detections, say) have nothing in common.
    """
    count = samples if reference.ndim and reference.shape[0] == samples else 1
    if reference.shape != other.shape:
        signal = np.square(np.nan_to_num(reference)).sum()
        return np.array([signal]), np.array([signal]), np.zeros(1)
    known = np.isfinite(reference)
    one = np.where(known, reference, 0.0).reshape(count, -1)
    two = np.where(known, other, 0.0).reshape(count, -1)
    broken = np.asarray(~np.isfinite(two).all(axis=1))
    two = np.where(broken[:, None], 0.0, two)
    signal, noise = np.square(one).sum(axis=1), np.square(one - two).sum(axis=1)
    norms = np.sqrt(signal * np.square(two).sum(axis=1))
    equal = np.where(noise == 0, 1.0, 0.0)
    cosine = np.divide((one * two).sum(axis=1), norms, out=equal, where=norms > 0)
    return signal, np.where(broken, np.inf, noise), np.where(broken, 0.0, cosine)


def _share(signal: float, noise: float) -> float:
    """Noise by signal; a reference of nothing but zeros is either met or not."""
    if signal > 0:
        return noise / signal
    return inf if noise > 0 else 0.0
