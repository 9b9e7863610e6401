"""The numbers that a weight may become."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Levels:
    """(integer - zero) * scale, for integers from `low` to `high`.

    Attributes:
        low: Smallest integer.
        high: Largest integer.
        scale: Other than zero; broadcasts against the weights (..., outputs, K): one for each output, or see `blocked`.
        zero: The integer that stands for 0, broadcasts likewise.
    """

    low: int
    high: int
    scale: np.ndarray
    zero: np.ndarray

    @classmethod
    def blocked(cls, low: int, high: int, scale: np.ndarray, zero: np.ndarray, inputs: int) -> "Levels":
        """From scales (..., outputs, blocks), each of which holds for K / blocks inputs in a row."""
        repeats = inputs // scale.shape[-1]
        return cls(low, high, np.repeat(scale, repeats, axis=-1), np.repeat(zero, repeats, axis=-1))

    @classmethod
    def symmetric(cls, limit: int, scale: np.ndarray) -> "Levels":
        """Integers from -limit to limit around 0."""
        return cls(-limit, limit, scale, np.zeros_like(scale))

    def nearest(self, weights: np.ndarray) -> np.ndarray:
        """The nearest integer for each weight, as floats."""
        nearest: np.ndarray = np.clip(np.rint(weights / self.scale + self.zero), self.low, self.high)
        return nearest

    def values(self, integers: np.ndarray) -> np.ndarray:
        """What integers stand for."""
        values: np.ndarray = (integers - self.zero) * self.scale
        return values
