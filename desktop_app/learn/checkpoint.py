"""The state of a training on disk, so that one that was stopped or killed goes on where it was."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

import platformdirs
import torch

KEPT_SECONDS = 14 * 24 * 3600.0
"""What nobody went on with for two weeks is removed."""


@dataclass(frozen=True)
class Checkpoint:
    """A file for the state of one training; a folder that cannot be written costs only that it cannot be resumed.

    Attributes:
        key: Names everything that the training depends on.
        folder: Where it lies.
        outlives: Whether it is kept when the training has ended, until someone removes it: what comes after the
            training may be stopped, too, and is to go on without training again.
    """

    key: str
    folder: Path
    outlives: bool = False

    @classmethod
    def in_cache(cls, key: str, *, outlives: bool = False) -> "Checkpoint":
        """A file in the user's cache."""
        return cls(key, platformdirs.user_cache_path("compression-studio", appauthor=False) / "training", outlives)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / f"{self.key}.pt"

    def read(self) -> dict[str, Any] | None:
        """The state, if there is one that can be read; it is read as plain data, whatever the file holds."""
        try:
            found = torch.load(self.path, weights_only=True, map_location="cpu")
        except Exception:
            return None
        return found if isinstance(found, dict) else None

    def write(self, state: Mapping[str, Any]) -> None:
        """Keeps a state in place of the one before, all or nothing."""
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            torch.save(dict(state), temporary)
            temporary.replace(self.path)
        except (OSError, RuntimeError):
            temporary.unlink(missing_ok=True)

    def remove(self) -> None:
        """Forgets the state, and those of others that are too old."""
        try:
            self.path.unlink(missing_ok=True)
            for one in self.folder.glob("*.pt"):
                if time() - one.stat().st_mtime > KEPT_SECONDS:
                    one.unlink(missing_ok=True)
        except OSError:
            return
