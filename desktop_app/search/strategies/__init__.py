"""The strategies by name: a new one is one file and one row."""

from collections.abc import Mapping

from desktop_app.search.strategies.base import Strategy
from desktop_app.search.strategies.bayesian import Bayesian
from desktop_app.search.strategies.evolution import Evolution
from desktop_app.search.strategies.gradient import Evolved, Gradient
from desktop_app.search.strategies.reinforcement import Reinforcement
from desktop_app.search.strategies.sampling import Sampling

STRATEGIES: Mapping[str, type[Strategy]] = {
    one.name: one for one in (Evolved, Gradient, Reinforcement, Evolution, Bayesian, Sampling)
}
