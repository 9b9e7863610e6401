"""A weight as two matrices: a link on one part of what it multiplies, and what comes behind it."""

import numpy as np

from desktop_app.steps.factorisation.objective import Objective, descend, falling, solve

STEPS = 6
"""Of conjugate gradients in each turn."""


class Split:
    """A weight whose unknowns are (first, places): a link on `first`, and an upper matrix on (its outputs, places)."""

    def __init__(self, objective: Objective, places: int) -> None:
        self._objective = objective
        self._places = places
        self._first = objective.best.shape[1] // places
        self.gram = np.eye(self._first)
        if objective.gram is not None:
            blocks = objective.gram.reshape(self._first, places, self._first, places)
            self.gram = np.einsum("mpnp->mn", blocks) / places
        self._inverse = np.linalg.inv(self.gram + 1e-9 * np.trace(self.gram) / self._first * np.eye(self._first))

    def start(self, rank: int) -> np.ndarray:
        """The directions of the first part that matter most, as if places did not depend on each other."""
        values, vectors = falling(self.gram)
        roots = np.sqrt(values + 1e-9 * values.mean())
        best = self._objective.best.reshape(-1, self._first, self._places)
        weighed = np.einsum("omp,mn->nop", best, (vectors * roots) @ vectors.T, optimize=True)
        weighed = weighed.reshape(self._first, -1)
        _, directions = falling(weighed @ weighed.T)
        lower: np.ndarray = directions[:, :rank].T @ ((vectors / roots) @ vectors.T)
        return lower

    def upper(self, lower: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The best matrix (outputs, rank * places) on what `lower` gives, and the second moments of that."""
        wide, first, places = len(lower) * self._places, self._first, self._places
        gram = self._objective.gram
        if gram is None:
            half = np.kron(lower, np.eye(places)).reshape(wide, first, places)
        else:
            half = (lower @ gram.reshape(first, -1)).reshape(wide, first, places)
        moments = np.einsum("kmq,bm->kbq", half, lower, optimize=True).reshape(wide, wide)
        moments = (moments + moments.T) / 2
        cross = half.reshape(wide, -1) @ self._objective.best.T
        return solve(moments, cross).T, moments

    def truncated(self, lower: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
        """The best such matrix of a rank, as (outputs, rank) and (rank, rank of the lower * places)."""
        upper, moments = self.upper(lower)
        _, directions = falling(upper @ moments @ upper.T)
        up = directions[:, :rank]
        return up, up.T @ upper

    def improved(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """A better first link for that upper matrix."""
        rank, places = len(lower), self._places
        blocks = upper.reshape(len(upper), rank, places)
        across = np.einsum("oap,obp->ab", blocks, blocks, optimize=True)
        inverse = np.linalg.inv(across + 1e-9 * max(np.trace(across) / rank, 1e-100) * np.eye(rank))

        def back(dense: np.ndarray) -> np.ndarray:
            shaped = dense.reshape(len(dense), self._first, places)
            summed: np.ndarray = np.einsum("oap,omp->am", blocks, shaped, optimize=True)
            return summed

        return descend(
            lambda link: back(self._objective.times(self.dense(upper, link))),
            back(self._objective.cross),
            lower,
            lambda residual: inverse @ residual @ self._inverse,
            STEPS,
        )

    def dense(self, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
        """The weight that both make, (outputs, unknowns)."""
        blocks = upper.reshape(len(upper), len(lower), self._places)
        whole: np.ndarray = np.einsum("oap,am->omp", blocks, lower, optimize=True)
        return whole.reshape(len(upper), -1)

    def balanced(self, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same with outputs of the first link that are equally large, as few bits need them."""
        strength = np.sqrt(np.maximum(np.einsum("am,mn,an->a", lower, self.gram, lower), 1e-100))
        return lower / strength[:, None], upper * np.repeat(strength, self._places)
