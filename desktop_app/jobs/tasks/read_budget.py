"""Reading a budget file."""

from pathlib import Path

from desktop_app.core.progress import Token
from desktop_app.io.budgets import read_budget
from desktop_app.jobs.searches import BudgetRead, ReadBudget


def run(request: ReadBudget, token: Token) -> BudgetRead:
    """Reads a budget. Raises InvalidRecipeError."""
    return BudgetRead(request.path, read_budget(Path(request.path)))
