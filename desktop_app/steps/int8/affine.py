"""Scale and zero point of an 8-bit activation."""

from dataclasses import dataclass

import numpy as np

LEVELS = 255


@dataclass(frozen=True)
class Affine:
    """real = scale * (stored - zero_point), stored in [0, 255]."""

    scale: np.float32
    zero_point: np.uint8

    @classmethod
    def of_range(cls, low: float, high: float) -> "Affine":
        """The parameters that cover [low, high] and represent 0 exactly; a range of zero width gets scale 1."""
        low, high = min(low, 0.0), max(high, 0.0)
        scale = np.float32((high - low) / LEVELS)
        if not np.isfinite(scale) or scale < np.finfo(np.float32).tiny:
            return cls(np.float32(1.0), np.uint8(0))
        return cls(scale, np.uint8(np.clip(round(-low / float(scale)), 0, LEVELS)))

    def stored(self, real: float) -> int:
        """The integer that stands for a real number, saturated."""
        return int(np.clip(np.rint(real / float(self.scale)) + int(self.zero_point), 0, LEVELS))

    def real(self, stored: np.ndarray) -> np.ndarray:
        """What integers stand for, as 32-bit floats."""
        real: np.ndarray = (stored.astype(np.float32) - np.float32(self.zero_point)) * self.scale
        return real

    @property
    def low(self) -> float:
        """Smallest real number that can be stored."""
        return -int(self.zero_point) * float(self.scale)

    @property
    def high(self) -> float:
        """Largest real number that can be stored."""
        return (LEVELS - int(self.zero_point)) * float(self.scale)
