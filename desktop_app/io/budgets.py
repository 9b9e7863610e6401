"""Budgets as YAML files, as strict as recipes."""

from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import msgspec

from desktop_app.core.budget import BUDGET_VERSION, LIMITED, Budget, BudgetLimits, set_limits
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.language import Words
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import KNOBS
from desktop_app.core.validation import problems
from desktop_app.io.atomic import write_text
from desktop_app.io.strict_yaml import convert, format_yaml, load_mapping, read_text

WHAT: Words = "budget"
SHARES, POINTS = ("min_agreement",), 100.0
MOST_TRIALS, MOST_FINALISTS = 100_000, 64


def read_budget(path: Path, strategy: str = "") -> Budget:
    """Reads and checks a budget; a strategy that is named goes before its own.

    Raises:
        InvalidRecipeError: naming the key that is wrong, and what it must be.
    """
    return parse_budget(read_text(path, WHAT), strategy)


def parse_budget(text: str, strategy: str = "") -> Budget:
    """The budget that a YAML text describes; keys that are left out take their defaults.

    Raises:
        InvalidRecipeError: naming the key that is wrong, and what it must be.
    """
    loaded = load_mapping(text, WHAT)
    if strategy:
        loaded["strategy"] = strategy
    budget: Budget = convert(loaded, Budget, "", WHAT)
    for path, must in _problems(budget):
        raise InvalidRecipeError(f"In the budget, {path} must be {must}.")
    return budget


def write_budget(budget: Budget, path: Path) -> None:
    """Writes a budget, whole or not at all, with every default. Raises StudioError."""
    write_text(path, format_yaml(msgspec.to_builtins(budget)))


def _problems(budget: Budget) -> Iterator[tuple[str, str]]:
    if budget.version != BUDGET_VERSION:
        yield "version", f"{BUDGET_VERSION}: this program does not know version {budget.version}"
    for name in BudgetLimits.__struct_fields__:
        value = getattr(budget.limits, name)
        if value is None:
            continue
        if not isfinite(value) or value < 0 or (value == 0 and name != "max_drop"):
            yield f"limits.{name}", "a number above 0, or left out"
        elif name in SHARES and value > 1:
            yield f"limits.{name}", "a share between 0 and 1"
        elif name == "max_drop" and value > POINTS:
            yield f"limits.{name}", "points of accuracy between 0 and 100"
    if not set_limits(budget.limits):
        yield "limits", f"at least one of {', '.join(LIMITED)}: say what you need"
    if len(set(budget.free)) < len(budget.free):
        yield "free", "a list without repetition"
    if not budget.free:
        yield "free", f"a list of settings that may change: {', '.join(KNOBS)}"
    if budget.time is None and budget.trials is None:
        yield "trials", "a number, where there is no time: a search must end"
    if budget.time is not None and not (isfinite(budget.time) and budget.time > 0):
        yield "time", "seconds above 0, or left out"
    if budget.trials is not None and not 0 < budget.trials <= MOST_TRIALS:
        yield "trials", f"between 1 and {MOST_TRIALS:,}"
    if not 0 < budget.finalists <= MOST_FINALISTS:
        yield "finalists", f"between 1 and {MOST_FINALISTS}"
    if budget.recover < 0:
        yield "recover", "0 or more batches"
    yield from problems(Recipe(data=budget.data, seed=budget.seed))
