"""From what a layer reads and should give to the objective of its factors, and to the bias that goes with them."""

from dataclasses import dataclass

import numpy as np

from desktop_app.steps.channel_pruning.least_squares import RIDGES, NormalEquations
from desktop_app.steps.factorisation.objective import Objective
from desktop_app.steps.factorisation.systems import System

DAMPING = 1e-3
"""Share of the inputs' mean energy that every direction has at least: few samples say nothing of some of them."""

MOST_DAMPING = 1e4


@dataclass(frozen=True)
class Regression:
    """Linear least squares for one layer's outputs.

    Attributes:
        objective: For its weight.
        input_mean: (unknowns,); zeros where the bias cannot take up a mean.
        output_mean: (outputs,), of the wanted outputs.
        bias_free: Whether the bias is fitted.
        behind: A matrix that the objective's weight is multiplied with to give the layer's, (unknowns, ...); None
            where they are the same.
    """

    objective: Objective
    input_mean: np.ndarray
    output_mean: np.ndarray
    bias_free: bool
    behind: np.ndarray | None = None

    def bias(self, weight: np.ndarray) -> np.ndarray | None:
        """The best bias beside a weight of the objective; None where it is not to be changed."""
        return self.output_mean - weight @ self.input_mean if self.bias_free else None


def unchanged_inputs(system: System, equations: NormalEquations) -> Regression | None:
    """The layer by itself: it reads what it reads in the original, and should give what it gives there.

    None where the samples say nothing: no rows, or values that are not finite.
    """
    gram, mean = _moments(system, equations)
    if not equations.rows or not np.isfinite(gram).all() or not np.trace(gram) > 0:
        return None
    weight = system.matrix()
    wanted = weight @ mean + system.offset
    return Regression(Objective(weight, _shrunk(gram, _damping(equations, gram))), mean, wanted, system.bias.may_change)


def fitted(system: System, training: NormalEquations, validation: NormalEquations) -> Regression | None:
    """The layer in its place: what it reads may be off already, what it should give is the original's.

    The ridge towards the weight that is there is the one that does best on held-out samples. None as above.
    """
    total = training + validation
    alone = unchanged_inputs(system, total)
    moments = (training.gram, training.cross, validation.cross)
    if alone is None or not all(np.isfinite(array).all() for array in moments):
        return None
    ridge = _best_ridge(system, training, validation)
    if ridge is None:
        return alone
    return _ridged(system, total, ridge)


def by_outputs(system: System, equations: NormalEquations) -> Regression | None:
    """A layer with too many inputs: projections of what it gives, whose second moments these are. None as above.

    Args:
        system: The layer.
        equations: With the outputs, and a 1 behind them, as the rows.
    """
    outputs, rows = system.layer.output.size, max(equations.rows, 1)
    gram, mean = equations.gram[0, :outputs, :outputs] / rows, equations.gram[0, :outputs, outputs] / rows
    centre = mean if system.bias.may_change else system.offset
    gram = gram - np.outer(centre, mean) - np.outer(mean, centre) + np.outer(centre, centre)
    if not equations.rows or not np.isfinite(gram).all() or not np.trace(gram) > 0:
        return None
    own = system.matrix()
    objective = Objective(np.eye(outputs), _shrunk(gram, _damping(equations, gram)))
    return Regression(objective, mean - system.offset, mean, system.bias.may_change, own)


def weight_alone(system: System) -> Regression:
    """Without data: the error of the weight, as if all inputs were of equal energy and independent."""
    outputs, unknowns = system.matrix().shape
    return Regression(Objective(system.matrix()), np.zeros(unknowns), np.zeros(outputs), bias_free=False)


def _best_ridge(system: System, training: NormalEquations, validation: NormalEquations) -> float | None:
    """The strength at which the whole weight fits held-out samples best; None where the weight itself does."""
    if not training.rows or not validation.rows:
        return None
    own = float(validation.error(_stacked(system, validation, system.matrix(), system.offset)).sum())
    errors = []
    for ridge in RIDGES:
        found = _ridged(system, training, ridge)
        weight = found.objective.best
        bias = found.bias(weight)
        bias = system.offset if bias is None else bias
        errors.append(float(validation.error(_stacked(system, validation, weight, bias)).sum()))
    best = int(np.argmin(errors))
    return RIDGES[best] if errors[best] < own else None


def _ridged(system: System, equations: NormalEquations, ridge: float) -> Regression:
    """Least squares with a ridge towards the weight that is there."""
    gram, mean = _moments(system, equations)
    unknowns, rows = len(gram), max(equations.rows, 1)
    cross = equations.cross[0, :unknowns] / rows
    start, wanted = system.matrix(), system.offset
    if system.bias.may_change:
        wanted = equations.cross[0, unknowns] / rows
        cross = cross - np.outer(mean, wanted)
    elif equations.gram.shape[1] > unknowns:
        cross = cross - np.outer(equations.gram[0, :unknowns, unknowns] / rows, system.offset)
    strength = ridge * _scale(gram)
    best = np.linalg.solve(_damped(gram, ridge), cross + strength * start.T).T
    shrunk = _shrunk(gram, max(ridge, _shapeless(gram, rows)))
    return Regression(Objective(best, shrunk), mean, wanted, system.bias.may_change)


def _moments(system: System, equations: NormalEquations) -> tuple[np.ndarray, np.ndarray]:
    """Second moments of what is read, about its mean where the bias can take that up, and that mean."""
    unknowns, rows = system.matrix().shape[1], max(equations.rows, 1)
    gram = equations.gram[0, :unknowns, :unknowns] / rows
    if not system.bias.may_change or equations.gram.shape[1] == unknowns:
        return gram, np.zeros(unknowns)
    mean = equations.gram[0, :unknowns, unknowns] / rows
    return gram - np.outer(mean, mean), mean


def _stacked(system: System, equations: NormalEquations, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """A solution in the form of the equations, whose last unknown is the bias if there is one."""
    solution = np.vstack([weight.T, bias]) if equations.gram.shape[1] > weight.shape[1] else weight.T
    return solution[None]


def _damping(equations: NormalEquations, gram: np.ndarray) -> float:
    """The damping: more where there are few rows for the unknowns, and most where the rows show no directions."""
    return DAMPING + max(len(gram) / max(equations.rows, 1), _shapeless(gram, equations.rows))


def _shapeless(gram: np.ndarray, rows: int) -> float:
    """The damping that takes second moments for what they are: noise about a multiple of the identity, as far as told.

    Chen, Wiesel, Eldar and Hero, Shrinkage Algorithms for MMSE Covariance Estimation (2010), "oracle approximating".
    Of inputs with directions of their own it is about their effective number over the rows; of white noise, which plain
    decomposition is right for, it grows without bounds.
    """
    size = len(gram)
    square, trace = float(np.sum(np.square(gram))), float(np.trace(gram)) ** 2
    excess = (rows + 1 - 2 / size) * (square - trace / size)
    share = ((1 - 2 / size) * square + trace) / excess if excess > 0 else 1.0
    return share / (1 - share) if share < 1 - 1 / MOST_DAMPING else MOST_DAMPING


def _damped(gram: np.ndarray, share: float) -> np.ndarray:
    damped: np.ndarray = (gram + gram.T) / 2 + share * _scale(gram) * np.eye(len(gram))
    return damped


def _shrunk(gram: np.ndarray, share: float) -> np.ndarray:
    """The same of unchanged trace."""
    return _damped(gram, share) / (1.0 + share)


def _scale(gram: np.ndarray) -> float:
    return max(float(np.trace(gram)) / len(gram), 1e-300)
