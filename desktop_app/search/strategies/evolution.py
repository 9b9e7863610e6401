"""By evolution: the candidates that no other beats have children (Deb et al. 2002, NSGA-II)."""

from optuna.samplers import BaseSampler, NSGAIISampler

from desktop_app.search.strategies.base import Strategy

POPULATION = 20
"""Small, because candidates take seconds and searches have hundreds, not thousands."""


class Evolution(Strategy):
    """Non-dominated sorting; candidates that keep the limits come before those that do not."""

    name = "evolution"

    def sampler(self, seed: int) -> BaseSampler:
        """Optuna's NSGA-II."""
        return NSGAIISampler(population_size=POPULATION, seed=seed)
