"""Which channels can be spared when what reads them is refitted: backward elimination on the least-squares objective.

Taking a channel away and refitting the others costs w^T (P_cc)^-1 w, where P is the inverse of the second moments of
what the reader reads, and w the weights on that channel (Hassibi and Stork, Optimal Brain Surgeon, 1993, for blocks).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from desktop_app.core.progress import Token


class Objective:
    """What one linear system loses when channels go.

    Args:
        moments: Second moments of what is read, (unknowns, unknowns).
        weights: What it is multiplied with, (unknowns, outputs).
        places: For every channel the unknowns that go with it, (channels, unknowns of each).
        ridge: Added to the moments, as a share of their mean diagonal: the fewer rows they come from the more.
    """

    def __init__(self, moments: np.ndarray, weights: np.ndarray, places: np.ndarray, ridge: float) -> None:
        scale = max(float(np.trace(moments)) / len(moments), 1e-12)
        moments = moments / scale + ridge * np.eye(len(moments))
        self._inverse = np.linalg.inv(moments)
        self._start = weights
        self._places = places
        self._total = max(float(np.sum(weights * (moments @ weights))), 1e-30)
        self.weights = weights.copy()

    def costs(self, channels: np.ndarray) -> np.ndarray:
        """Share of the output's energy that is lost with each of some channels."""
        places = self._places[channels]
        blocks = np.linalg.inv(self._inverse[places[:, :, None], places[:, None, :]])
        weights = self.weights[places]
        lost: np.ndarray = np.sum(weights * (blocks @ weights), axis=(1, 2)) / self._total
        return lost

    def remove(self, channel: int) -> None:
        """Takes a channel away, and refits the others."""
        place = self._places[channel]
        gain = self._inverse[:, place] @ np.linalg.inv(self._inverse[np.ix_(place, place)])
        self.weights -= gain @ self.weights[place]
        self._inverse -= gain @ self._inverse[place]

    def loss(self, moments: np.ndarray) -> float:
        """Share of the output's energy that is lost by now, on other samples' moments."""
        step = self.weights - self._start
        energy = float(np.sum(self._start * (moments @ self._start)))
        return float(np.sum(step * (moments @ step))) / max(energy, 1e-30)


def eliminate(objectives: Sequence[Objective], channels: int, token: Token) -> Iterator[int]:
    """Takes the cheapest channel away, again and again, and tells which; the last one stays."""
    left = np.arange(channels)
    while left.size > 1:
        token.check()
        costs = np.sum([objective.costs(left) for objective in objectives], axis=0)
        cheapest = int(np.argmin(costs))
        for objective in objectives:
            objective.remove(int(left[cheapest]))
        yield int(left[cheapest])
        left = np.delete(left, cheapest)
