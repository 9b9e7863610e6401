"""Second moments made fit for the linear algebra of rounding."""

import numpy as np

DAMPING = 0.01
"""Added to the diagonal, as a share of its mean (Frantar et al., GPTQ, 2023)."""

MOST_DAMPING = 1e3


def damped(moments: np.ndarray, damping: float = DAMPING) -> np.ndarray:
    """Positive definite moments (..., K, K) in 64 bits; inputs that are always zero get a diagonal of their own.

    Raises:
        ValueError: when they are not finite.
    """
    if not np.isfinite(moments).all():
        raise ValueError("the second moments of the inputs are not finite")
    moments = moments.astype(np.float64)
    diagonal = np.diagonal(moments, axis1=-2, axis2=-1)
    mean = diagonal.mean(axis=-1, keepdims=True)
    added = damping * mean + np.where(diagonal <= 0, np.where(mean > 0, mean, 1.0), 0.0)
    regular: np.ndarray = moments + added[..., None] * np.eye(moments.shape[-1])
    return regular


def inverse_factor(moments: np.ndarray) -> np.ndarray:
    """Upper triangular U with U^T U = moments^-1: row j tells how the inputs after j make up for an error in j.

    Where rounding has left damped moments indefinite, more is added until they are not.
    """
    extra = 0.0
    mean = np.diagonal(moments, axis1=-2, axis2=-1).mean(axis=-1)[..., None, None]
    while True:
        try:
            inverse = np.linalg.inv(moments + extra * mean * np.eye(moments.shape[-1]))
            lower = np.linalg.cholesky((inverse + np.swapaxes(inverse, -1, -2)) / 2)
        except np.linalg.LinAlgError:
            if extra > MOST_DAMPING:
                raise
            extra = max(10 * extra, 1e-6)
            continue
        return np.swapaxes(lower, -1, -2)


def error_of(difference: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Mean squared error of each output, (..., outputs), for a difference of weights (..., outputs, K)."""
    error: np.ndarray = np.maximum(np.sum((difference @ moments) * difference, axis=-1), 0.0)
    return error
