"""Files of recipes, as dialogs name them."""

from pathlib import Path

from desktop_app.ui.document import Document

RECIPES = "YAML (*.yaml *.yml)"


def suggested_path(document: Document) -> Path:
    """Where a recipe that has no file yet may go: beside the model."""
    return Path(document.summary.path).with_suffix(".yaml") if document.summary else Path()
