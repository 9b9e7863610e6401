"""Recipes that are not saved yet, kept beside the user's data so that a crash or a closed window loses nothing."""

import os
from pathlib import Path

import msgspec
import platformdirs
from msgspec import Struct

from desktop_app.core.recipe import Recipe


class Entry(Struct, frozen=True):
    """The recipe for a model as it was last."""

    model: str
    recipe: Recipe


class Journal:
    """One small file for each model, named by the model's hash.

    Args:
        folder: Where the files lie; the user's data folder where nothing is given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or platformdirs.user_data_path("compression-studio", appauthor=False) / "journal"

    def write(self, sha256: str, entry: Entry) -> None:
        """Keeps a recipe, replacing the one kept for that model before. Raises OSError where it cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._folder / f"{sha256}.{os.getpid()}.tmp"
        draft.write_bytes(msgspec.json.encode(entry))
        draft.replace(self._path(sha256))

    def read(self, sha256: str) -> Entry | None:
        """The recipe kept for a model; None where there is none, or none that can be read."""
        try:
            return msgspec.json.decode(self._path(sha256).read_bytes(), type=Entry)
        except (OSError, msgspec.DecodeError):
            return None

    def forget(self, sha256: str) -> None:
        """Removes what is kept for a model: it was saved, or the user does not want it."""
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.json"
