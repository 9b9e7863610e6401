"""What earlier measurements of sensitivity have found, brought back from the disk while nothing else is done."""

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject

from desktop_app.core.recipe import Recipe
from desktop_app.jobs.measurements import MeasureSensitivity, SensitivityMeasured
from desktop_app.jobs.messages import Failed
from desktop_app.ui.aside import Aside, Question
from desktop_app.ui.document import Document


class KnownSensitivity(QObject):
    """Asks for it once for each model, and again when the recipe names other data or methods.

    Args:
        document: Is given what is found.
        aside: Who is asked.
        samples: As many as a measurement takes, see `MeasureSensitivity`.
    """

    def __init__(self, document: Document, aside: Aside, samples: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._aside, self._samples = document, aside, samples
        self._asked: tuple[Any, ...] = ()
        document.opened.connect(self._ask)
        document.recipe_changed.connect(self._ask)

    def _ask(self) -> None:
        document = self._document
        summary, recipe = document.summary, document.recipe
        asked = (document.snapshot, *_deciding(recipe))
        if summary is None or summary.runnable or asked == self._asked:
            return
        if self._asked and self._asked[0] == asked[0] and self._asked[-2:] != asked[-2:]:
            document.set_sensitivity(None)  # it was found on other samples
        self._asked = asked

        def show(found: SensitivityMeasured) -> None:
            if asked == self._asked and found.sensitivity.layers:
                document.set_sensitivity(found.sensitivity)

        request = MeasureSensitivity(document.snapshot, recipe, self._samples, known_only=True)
        self._aside.ask(Question("sensitivity", request, show, _forget, patient=True))


def _deciding(recipe: Recipe) -> tuple[Any, ...]:
    """What of a recipe decides the figures; see `sensitivity._row_key`."""
    tried = {"activations": True, "exclude": 0, "min_sqnr_db": None, "keep_faster": False, "weights_only": ()}
    quantize = replace(recipe.methods.quantize, **tried)
    return quantize, recipe.methods.low_rank, recipe.data, recipe.seed


def _forget(failure: Failed) -> None:
    """Nobody has asked; a measurement that is asked for will say so, too."""
