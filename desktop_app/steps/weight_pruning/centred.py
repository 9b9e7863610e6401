"""The least squares of a layer's weights, with the bias taken out of it."""

from dataclasses import dataclass

import numpy as np

from desktop_app.steps.channel_pruning.least_squares import NormalEquations


@dataclass(frozen=True)
class Centred:
    """A quadratic form of the weights alone: the bias is always the best one beside them.

    Attributes:
        best: Weights without any zeros, (groups, outputs, K).
        gram: Second moments of what is read, about the mean where there is a bias, with the ridge, (groups, K, K).
        signal: Energy of what is wanted, about its mean likewise, over all rows.
        input_mean: (groups, K); None where there is no bias.
        output_mean: (groups, outputs); None likewise.
    """

    best: np.ndarray
    gram: np.ndarray
    signal: float
    input_mean: np.ndarray | None
    output_mean: np.ndarray | None

    @classmethod
    def of(cls, equations: NormalEquations, start: np.ndarray, ridges: np.ndarray, *, bias: bool) -> "Centred":
        """From sums over rows.

        Args:
            equations: The sums; the bias is the last unknown where there is one.
            start: The weights that are there, in the form of `Reader.start`, which the ridge draws towards.
            ridges: Its strength for each group, as a share of the mean diagonal.
            bias: Whether there is one.
        """
        rows = max(equations.rows, 1)
        gram, cross, signal = equations.gram / rows, equations.cross / rows, float(equations.square.sum())
        inputs, outputs = None, None
        if bias:
            inputs, outputs, start = gram[:, :-1, -1], cross[:, -1], start[:, :-1]
            gram = gram[:, :-1, :-1] - inputs[:, :, None] * inputs[:, None, :]
            cross = cross[:, :-1] - inputs[:, :, None] * outputs[:, None, :]
            signal -= rows * float(np.square(outputs).sum())
        scale = np.maximum(np.trace(gram, axis1=1, axis2=2) / gram.shape[1], 1e-12)
        regular = gram + (ridges * scale)[:, None, None] * np.eye(gram.shape[1])
        best = start + np.linalg.solve(regular, cross - gram @ start)
        return cls(best.transpose(0, 2, 1), regular, signal, inputs, outputs)

    def solution(self, rows: np.ndarray) -> np.ndarray:
        """Weights (groups, outputs, K) with the bias that goes with them, in the form of `Reader.start`."""
        weights = rows.transpose(0, 2, 1)
        if self.input_mean is None or self.output_mean is None:
            return weights
        bias = self.output_mean - np.einsum("gk,gko->go", self.input_mean, weights)
        return np.concatenate([weights, bias[:, None]], axis=1)
