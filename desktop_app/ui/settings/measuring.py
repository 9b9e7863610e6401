"""How runs are measured, as the settings say."""

from desktop_app.core.measuring import Measuring
from desktop_app.ui.settings.rows import MEASURE_SECONDS, THREADS
from desktop_app.ui.settings.store import settings


def chosen_measuring() -> Measuring:
    """What the next run is asked for."""
    return Measuring(settings().read(THREADS), float(settings().read(MEASURE_SECONDS)))
