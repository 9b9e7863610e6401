"""The command line that does what Run does, exactly, as text for a shell of this system."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from desktop_app.core.measuring import USUAL_SECONDS, Measuring
from desktop_app.core.program import program_command
from desktop_app.core.recipe import Recipe
from desktop_app.ui.document import Document

PROGRAM = "compression-studio"
SAYS_MORE = '"%$`'
"""What shells of Windows read between double quotes: a text with these cannot be written for all of them."""


def command_text(document: Document, measuring: Measuring, windows: bool = sys.platform == "win32") -> str:
    """The command for the opened model and its recipe: as its file where it is saved so, else written out.

    Args:
        document: What is shown; a model is open.
        measuring: How the run measures.
        windows: Whether it is for cmd or PowerShell instead of a POSIX shell.

    Returns:
        One line; empty where no line says it for all shells: then the recipe must be saved first.
    """
    model = Path(document.summary.path if document.summary else "")
    saved = document.recipe_path if not document.dirty else None
    recipe = str(saved) if saved is not None else inline(document.recipe)
    words = [*_program(), "compress", str(model), "--recipe", recipe, "--out", str(out_folder(model))]
    if measuring.threads:
        words += ["--threads", str(measuring.threads)]
    if measuring.seconds != USUAL_SECONDS:
        words += ["--seconds", f"{measuring.seconds:g}"]
    if not windows:
        return shlex.join(words)
    if any(set(SAYS_MORE) & set(word) for word in words):
        return ""
    return " ".join(word if word.replace("-", "").isalnum() else f'"{word}"' for word in words)


def out_folder(model: Path) -> Path:
    """Where the command leaves its result: beside the model where the user may write there, else at home."""
    folder = model.parent if os.access(model.parent, os.W_OK) else Path.home()
    return folder / f"{model.stem}-small"


def inline(recipe: Recipe) -> str:
    """The recipe in one line of YAML, without what is usual, and without double quotes where names allow it."""
    asked = _other(msgspec.to_builtins(recipe), msgspec.to_builtins(Recipe()))
    return _flow({"version": recipe.version, **(asked if isinstance(asked, dict) else {})})


def _program() -> list[str]:
    """What starts this program in a shell."""
    return [PROGRAM] if shutil.which(PROGRAM) else program_command()


def _other(value: object, usual: object) -> object:
    """What differs from the usual, key by key; layers by name are told in full."""
    if not isinstance(value, Mapping) or not isinstance(usual, Mapping):
        return value
    return {
        key: _other(one, usual[key]) if key in usual else one
        for key, one in value.items()
        if key not in usual or one != usual[key]
    }


def _flow(value: object) -> str:
    """YAML in flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    return msgspec.json.encode(value).decode()


def _text(text: str) -> str:
    """A text that YAML reads as it is: bare where it is a plain word, in single quotes where it is printable."""
    if text.isascii() and text.replace("_", "").isalpha() and text.lower() not in WORDS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    plain = (one if one.isascii() and one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}" for one in text)
    return f'"{"".join(plain)}"'


WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What YAML reads as something else than a word."""
