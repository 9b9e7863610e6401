"""All preferences as rows of data; the store reads them typed, and the dialog is made from them."""

import os
from dataclasses import dataclass
from typing import Generic, TypeVar

from desktop_app.core.language import LANGUAGES, Words

T = TypeVar("T", bool, int, str)


@dataclass(frozen=True)
class Choice(Generic[T]):
    """One of the values that a setting may have, and what the user reads for it."""

    value: T
    title: Words


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A preference.

    Attributes:
        key: Its name where it is kept.
        default: Its value until the user chooses another; its type is the setting's type.
        section: The heading it stands below.
        title: What it is called.
        tip: What it does, in a sentence.
        choices: The values to choose from; none for a switch or a number.
        highest: The largest number; numbers begin at 0.
        zero: What 0 means, where it is no number.
        unit: What is counted, behind the number.
    """

    key: str
    default: T
    section: Words
    title: Words
    tip: Words
    choices: tuple[Choice[T], ...] = ()
    highest: int = 0
    zero: Words = ""
    unit: Words = ""

    def valid(self, value: object) -> bool:
        """Whether it may have this value."""
        if type(value) is not type(self.default):
            return False
        if self.choices:
            return any(one.value == value for one in self.choices)
        return not isinstance(value, int) or isinstance(value, bool) or 0 <= value <= self.highest


THEME = Setting(
    "theme",
    "system",
    "Appearance",
    "Theme",
    "The colours of every window; as the system: light, dark or high contrast as it is set there.",
    (
        Choice("system", "As the system"),
        Choice("light", "Light"),
        Choice("dark", "Dark"),
        Choice("contrast_light", "High contrast, light"),
        Choice("contrast_dark", "High contrast, dark"),
    ),
)
TEXT_SIZE = Setting(
    "text_size",
    100,
    "Appearance",
    "Text size",
    "Of the size that the system asks for.",
    tuple(Choice(percent, f"{percent} %") for percent in (90, 100, 115, 130, 150)),
)
LANGUAGE = Setting(
    "language",
    "system",
    "Appearance",
    "Language",
    "Of the program and of the reports; it changes at once.",
    (Choice("system", "As the system"), *(Choice(code, name) for code, name in LANGUAGES.items())),
)
THREADS = Setting(
    "threads",
    0,
    "Measuring",
    "Threads",
    "How many threads the models run with where their time is measured; figures of different numbers do not compare.",
    highest=os.cpu_count() or 1,
    zero="all cores but one",
)
MEASURE_SECONDS = Setting(
    "measure_seconds",
    12,
    "Measuring",
    "Time to measure a run",
    "How long a finished model is compared with the original: longer gives narrower intervals on a busy computer.",
    (
        Choice(2, "2 seconds, roughly"),
        Choice(12, "12 seconds"),
        Choice(30, "30 seconds"),
        Choice(60, "One minute"),
    ),
)
MEMORY = Setting(
    "worker_memory_gb",
    0,
    "Measuring",
    "Memory at most",
    "What the process that opens and compresses models may take; it holds from the next model on.",
    highest=1024,
    zero="three quarters of this computer's",
    unit=" GB",
)
TIME_LIMIT = Setting(
    "worker_time_minutes",
    0,
    "Measuring",
    "Time at most",
    "How long one piece of work may take before it is stopped, a run for example; a search has a budget of its own.",
    highest=7 * 24 * 60,
    zero="as long as it takes",
    unit=" min",
)
SECOND_MODEL = Setting(
    "second_model",
    "ask",
    "Windows",
    "A second model",
    "Where a model is opened while another is shown.",
    (Choice("ask", "Ask"), Choice("window", "In a new window"), Choice("here", "In the same window")),
)
ASK_UNSAVED = Setting(
    "ask_unsaved",
    True,
    "Windows",
    "Ask about changes that are not saved",
    "Before a window is closed. If not, they are kept, and offered when the model is opened again.",
)
AUTOSAVE = Setting(
    "autosave_minutes",
    0,
    "Windows",
    "Save the recipe by itself",
    "Into the file that it was opened from or saved to, so long after an edit. For the case of a crash every edit is"
    " kept at once, whatever stands here.",
    highest=120,
    zero="never",
    unit=" min",
)
NOTIFY = Setting(
    "notify",
    True,
    "Windows",
    "A note when long work is done",
    "Shown by the desktop when work of more than 30 seconds ends while the window is not in front.",
)

LOG_LEVEL = Setting(
    "log_level",
    "info",
    "Log",
    "The log tells",
    "In the window and in the log files; what took how long helps to find out why something is slow.",
    (
        Choice("warning", "What went wrong"),
        Choice("info", "What was done, too"),
        Choice("debug", "Also what took how long"),
    ),
)

SETTINGS: tuple[Setting, ...] = (
    THEME,
    TEXT_SIZE,
    LANGUAGE,
    THREADS,
    MEASURE_SECONDS,
    MEMORY,
    TIME_LIMIT,
    SECOND_MODEL,
    ASK_UNSAVED,
    AUTOSAVE,
    NOTIFY,
    LOG_LEVEL,
)
"""In the order of the dialog; those of a section stand together."""
