"""How a model does under one preprocessing: how much its answers tell, and whether they meet the labels."""

from collections.abc import Callable, Mapping
from math import sqrt

import numpy as np
from msgspec import Struct

from desktop_app.core.data import Preprocess
from desktop_app.io.data.base import DataSet

Run = Callable[[Mapping[str, np.ndarray]], np.ndarray]
"""Inputs of a batch to the first output."""

BATCH = 8
HITS_OVER_CHANCE = 3.0
TINY = 1e-9


class Trial(Struct, frozen=True):
    """How a model does under one preprocessing.

    Attributes:
        preprocess: What was tried.
        information: See `information`.
        entropy: Mean entropy of the answers in bits: how unsure the model is.
        cross_entropy: Mean surprise at the labels in bits; None where they say nothing that the model knows.
        samples: On how many images.
    """

    preprocess: Preprocess
    information: float
    entropy: float
    cross_entropy: float | None
    samples: int


def try_preprocess(run: Run, data: DataSet, candidate: Preprocess, samples: int) -> Trial | None:
    """Runs the model on the first of the samples that calibrate; None where its output is no class vector."""
    indices = (data.calibration_indices or data.evaluation_indices)[:samples]
    outputs, labels = [], []
    for batch in data.batches(indices, BATCH):
        output = run(batch.inputs)
        if output.ndim != 2 or output.shape[1] < 2 or not np.issubdtype(output.dtype, np.floating):
            return None
        outputs.append(output)
        labels.append(batch.labels)
    logits = _logits(np.concatenate(outputs))
    numbers = np.concatenate([label for label in labels if label is not None]) if labels[0] is not None else None
    return Trial(
        candidate,
        information(logits),
        float(_entropy(_answers(logits)).mean()),
        None if numbers is None else _cross_entropy(logits, numbers),
        len(logits),
    )


def information(logits: np.ndarray) -> float:
    """Bits that the class tells of the image: entropy of the mean answer less the mean entropy of the answers.

    It is high where answers are both confident and different (Bridle et al., 1991, "Unsupervised classifiers, mutual
    information and phantom targets"). Logits are brought to the same spread first, because pixels of the wrong scale
    make any model look confident.

    Args:
        logits: (samples, classes).
    """
    answers = _answers(logits * (np.log(logits.shape[1]) / (logits.std() + TINY)))
    return float(_entropy(answers.mean(axis=0)) - _entropy(answers).mean())


def _logits(outputs: np.ndarray) -> np.ndarray:
    """Outputs as finite logits, also where the model ends in a softmax."""
    values = np.nan_to_num(outputs.astype(np.float64), posinf=0.0, neginf=0.0)
    if np.all(values >= 0) and np.allclose(values.sum(axis=1), 1, atol=1e-3):
        return np.asarray(np.log(values + TINY))
    return values


def _answers(logits: np.ndarray) -> np.ndarray:
    """Softmax over the classes."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float | None:
    """None where the model hits hardly more labels than chance does: then they number other classes."""
    samples, classes = logits.shape
    chance = samples / classes
    hits = int(np.sum(logits.argmax(axis=1) == labels))
    if labels.max() >= classes or hits < chance + HITS_OVER_CHANCE * sqrt(chance + 1):
        return None
    return float(-np.log2(_answers(logits)[np.arange(samples), labels] + TINY).mean())


def _entropy(shares: np.ndarray) -> np.ndarray:
    """In bits, along the last axis."""
    return np.asarray(-np.sum(shares * np.log2(shares + TINY), axis=-1))
