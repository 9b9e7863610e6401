"""Writing a budget file."""

from pathlib import Path

from desktop_app.core.progress import Token
from desktop_app.io.budgets import write_budget
from desktop_app.jobs.searches import BudgetWritten, WriteBudget


def run(request: WriteBudget, token: Token) -> BudgetWritten:
    """Writes a budget, whole or not at all. Raises StudioError."""
    write_budget(request.budget, Path(request.path))
    return BudgetWritten(request.path)
