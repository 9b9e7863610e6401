import numpy as np

from desktop_app.steps.channel_pruning.least_squares import NormalEquations, fit


def _system(rows: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal((5, 2))
    data = rng.standard_normal((rows, 5))
    return data, data @ truth + noise * rng.standard_normal((rows, 2)), truth


def _equations(data: np.ndarray, targets: np.ndarray) -> NormalEquations:
    equations = NormalEquations(1, data.shape[1], targets.shape[1])
    for start in range(0, len(data), 7):
        equations.add(data[start : start + 7, None], targets[start : start + 7])
    return equations


def test_the_error_is_that_of_all_rows() -> None:
    data, targets, truth = _system(40, 0.5)
    error = np.square(data @ (truth + 1) - targets).sum()
    assert np.isclose(_equations(data, targets).error(truth + 1), error)


def test_sums_of_equations_are_those_of_all_rows() -> None:
    data, targets, truth = _system(40, 0.5)
    parts = _equations(data[:10], targets[:10]) + _equations(data[10:], targets[10:])
    assert np.isclose(parts.error(truth), _equations(data, targets).error(truth))
    assert parts.rows == 40


def test_enough_rows_give_back_the_weights() -> None:
    data, targets, truth = _system(400, 0.0)
    solution = fit(_equations(data[:300], targets[:300]), _equations(data[300:], targets[300:]), np.zeros((1, 5, 2)))
    np.testing.assert_allclose(solution, truth[None], atol=1e-3)


def test_few_noisy_rows_stay_near_the_start() -> None:
    data, targets, truth = _system(24, 2.0)
    start = truth[None] + 0.1
    solution = fit(_equations(data[:8], targets[:8]), _equations(data[8:], targets[8:]), start)
    assert solution is None or np.abs(solution - start).max() < 1.5


def test_a_start_that_cannot_be_beaten_stays() -> None:
    data, targets, truth = _system(60, 0.0)
    assert fit(_equations(data[:40], targets[:40]), _equations(data[40:], targets[40:]), truth[None]) is None


def test_without_rows_to_judge_by_or_with_numbers_that_are_none_there_is_no_fit() -> None:
    data, targets, _ = _system(40, 0.1)
    whole, none = _equations(data, targets), NormalEquations(1, 5, 2)
    assert fit(whole, none, np.zeros((1, 5, 2))) is None
    assert fit(none, whole, np.zeros((1, 5, 2))) is None
    data[3, 1] = np.nan
    assert fit(_equations(data, targets), whole, np.zeros((1, 5, 2))) is None


def test_blocks_are_fitted_each_by_itself() -> None:
    systems = [_system(90, 0.3, seed) for seed in range(3)]
    data, targets = (np.stack([one[part] for one in systems], axis=1) for part in (0, 1))
    starts = np.stack([one[2] + 1 for one in systems])
    training, validation = NormalEquations(3, 5, 2), NormalEquations(3, 5, 2)
    training.add(data[:60], targets[:60].reshape(60, -1))
    validation.add(data[60:], targets[60:].reshape(30, -1))
    together = fit(training, validation, starts)
    for index, (own, wanted, _) in enumerate(systems):
        alone = fit(_equations(own[:60], wanted[:60]), _equations(own[60:], wanted[60:]), starts[[index]])
        np.testing.assert_allclose(together[index], alone[0], rtol=1e-6)
