"""What the strategies of a search are called, and what each does."""

from collections.abc import Mapping
from typing import get_args

from desktop_app.core.budget import StrategyName
from desktop_app.ui.text import Words

NAMES: tuple[str, ...] = get_args(StrategyName)

TITLES: Mapping[str, Words] = {
    "auto": "Automatic",
    "gradient": "Gradient",
    "evolution": "Evolution",
    "bayesian": "Bayesian",
    "reinforcement": "Reinforcement",
    "random": "Random",
}

TIPS: Mapping[str, Words] = {
    "auto": "Begins with what every setting of every layer alone costs and saves, and goes on by evolution.",
    "gradient": "Weighs what every setting alone costs against what it saves, at one price for all layers; judges only "
    "what comes of that.",
    "evolution": "Candidates that no other beats have children (NSGA-II).",
    "bayesian": "Values that good candidates share are drawn more often (TPE).",
    "reinforcement": "A policy walks the layers, never beyond what the budget leaves, and learns from what came of its "
    "candidates (as AMC).",
    "random": "Every value is equally likely: what all others must beat.",
}
