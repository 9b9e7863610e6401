"""Where searches are kept, and how one is told from another."""

import hashlib
import os
from collections.abc import Mapping

import msgspec
import platformdirs
from msgspec.structs import replace

from desktop_app.core.budget import Budget
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import StudioError
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Machine
from desktop_app.search.space import Space


def default_storage() -> str:
    """The address of the user's own database; others may not read it.

    Raises:
        StudioError: when the folder for it cannot be made.
    """
    folder = platformdirs.user_data_path("compression-studio", appauthor=False)
    path = folder / "searches.sqlite"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StudioError(
            f"The folder {folder} for the user's data cannot be written: name a database by --storage."
        ) from error
    return f"sqlite:///{path.as_posix()}"


def study_name(
    sha256: str, budget: Budget, space: Space, base: Recipe, machine: Machine, mark: str, versions: Mapping[str, str]
) -> str:
    """Names a search by all that decides what it judges, and not by how long it goes on.

    Args:
        sha256: Of the model.
        budget: What is asked for.
        space: What there is to choose.
        base: What candidates go out from, complete with the data.
        machine: The one that times them.
        mark: What tells the samples from others: figures of those are not to be weighed against these.
        versions: Of the program, and of what computes for it: the same holds for figures of others.
    """
    goal = replace(budget, time=None, trials=None, finalists=1, recover=0, data=DataSettings())  # base has them whole
    return hashlib.sha256(msgspec.json.encode((sha256, goal, space, base, machine, mark, versions))).hexdigest()[:24]
