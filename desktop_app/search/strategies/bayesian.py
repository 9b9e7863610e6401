"""By probability: values that good candidates share are drawn more often (Bergstra et al. 2011, TPE)."""

from optuna.samplers import BaseSampler, TPESampler

from desktop_app.search.strategies.base import Strategy


class Bayesian(Strategy):
    """Tree-structured Parzen estimators."""

    name = "bayesian"

    def sampler(self, seed: int) -> BaseSampler:
        """Optuna's TPE for several objectives."""
        return TPESampler(seed=seed)
