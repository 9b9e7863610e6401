"""Modules that libraries import at once and hardly ever use: loaded when something of them is used."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader
from types import ModuleType


def load_late(*names: str) -> None:
    """Whoever imports one of these modules from now on gets it, but it is only loaded at its first use.

    Meant for a process with one thread that computes: two threads must not meet at the first use.

    Args:
        names: Full names of modules; those that are imported already stay as they are.
    """
    sys.meta_path.insert(0, _Late(names))


class _Late:
    """Finds the named modules where the other finders find them, and puts off their loading."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """As the import system asks for it."""
        if name not in self._names:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = LazyLoader(spec.loader)
                return spec
        return None
