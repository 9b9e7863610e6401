"""At random: what every other strategy must beat."""

from optuna.samplers import BaseSampler, RandomSampler

from desktop_app.search.strategies.base import Strategy


class Sampling(Strategy):
    """Every value of every choice is equally likely."""

    name = "random"

    def sampler(self, seed: int) -> BaseSampler:
        """Independent of what was judged."""
        return RandomSampler(seed=seed)
