"""The history of runs: what is kept, read, removed, and put right again."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import msgspec
import platformdirs
from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.errors import StudioError
from desktop_app.core.text import clean_name
from desktop_app.jobs.history import database, folders
from desktop_app.jobs.history.record import KeptRun
from desktop_app.jobs.messages import RunFinished

LIMIT_BYTES = 4 * 10**9
"""Room for the models of all runs; beyond it the oldest go. Recipes, figures and reports stay."""
DATABASE, RUNS, PAGE = "runs.sqlite", "runs", "report.html"


@dataclass(frozen=True)
class Listed:
    """The runs of a model by their numbers, and what the user should know of the history, a sentence each."""

    runs: tuple[KeptRun, ...]
    notes: tuple[str, ...] = ()


class _Head(Struct, frozen=True):
    """The part of a record that says which run it is."""

    kept: KeptRun


class History:
    """Runs in a folder. Every method opens what it needs and closes it: any thread, any process may use it.

    Args:
        folder: Where; the user's data folder where nothing is given.
        limit: Bytes that the models of all runs may take.
    """

    def __init__(self, folder: Path | None = None, limit: int = LIMIT_BYTES) -> None:
        self.folder = folder or platformdirs.user_data_path("compression-studio", appauthor=False) / "history"
        self._limit = limit
        self._path = self.folder / DATABASE
        self._runs = self.folder / RUNS

    def keep(self, finished: RunFinished, sha256: str, model: str) -> RunFinished:
        """Moves a run's folder into the history.

        Args:
            finished: The run, in a folder of its own.
            sha256: Of the model that was opened.
            model: That model's file name.

        Returns:
            The run where it lies now, with what the history knows of it.

        Raises:
            StudioError: when it cannot be kept; the run then stays where it is.
        """
        source = Path(finished.model)
        with self._told("This run is not kept for later"):
            with self._database() as data:
                number = data.next_number(sha256)
            run = KeptRun(
                id=uuid4().hex,
                number=number,
                sha256=sha256,
                model=model,
                finished=time.time(),
                recipe=finished.recipe,
                original=finished.report.original,
                compressed=finished.report.compressed,
                speedup=finished.report.speedup,
                machine=finished.report.machine,
                file_bytes=folders.model_bytes(source.parent, source.name),
            )
            kept = replace(finished, model=str(self._folder(run.id) / source.name), kept=run)
            folders.take(source.parent, self._folder(run.id), msgspec.json.encode(kept))
            with self._database() as data:
                data.add(run)
            self._make_room(run.id)
        return kept

    def runs(self, sha256: str) -> Listed:
        """The runs of a model, as their folders are now. Raises StudioError."""
        with self._told("The runs of this model cannot be listed"), self._database() as data:
            found, unread = data.of_model(sha256)
        newer = "{} of the runs of this model were made by a newer version of the program, and are not shown."
        notes = (newer.format(unread),) if unread else ()
        return Listed(tuple(self._as_it_is(run) for run in found), notes)

    def read(self, run_id: str) -> RunFinished:
        """A run with its whole report and layer table. Raises StudioError."""
        folder = self._folder(run_id)
        try:
            finished = msgspec.json.decode((folder / folders.RECORD).read_bytes(), type=RunFinished)
        except (OSError, msgspec.DecodeError) as error:
            raise StudioError(f"This run cannot be shown: its record cannot be read ({error}).") from error
        return replace(finished, model=str(folder / Path(finished.model).name))

    def page(self, run_id: str) -> Path:
        """The report of a run, to be opened in a browser."""
        return self._folder(run_id) / PAGE

    def delete(self, run_id: str) -> None:
        """Removes a run and all its files. Raises StudioError."""
        with self._told("The run is not deleted"):
            folders.remove(self._folder(run_id))
            with self._database() as data:
                data.remove(run_id)

    def pin(self, run_id: str, pinned: bool) -> None:
        """Has a run's model stay, however full the history is, or go when room is needed. Raises StudioError."""
        with self._told("What is to be kept is not noted"), self._database() as data:
            data.set_pinned(run_id, pinned)

    def tidy(self) -> tuple[str, ...]:
        """Puts the history in order, once in the life of a window.

        A damaged list is put aside and made anew from the folders of the runs; what killed processes have left is
        removed; a run whose folder came while its process died is listed.

        Returns:
            What the user should know, a sentence each.

        Raises:
            StudioError: when the history cannot be used.
        """
        with self._told("Earlier runs cannot be shown"):
            aside = None if database.is_whole(self._path) else self._put_aside()
            folders.sweep(self._runs)
            found = self._adopt()
        if aside is None:
            return ()
        told = "The list of earlier runs was damaged. It was put aside as {}, and made anew from {} runs in {}."
        return (told.format(clean_name(aside.name), found, clean_name(str(self._runs), 400)),)

    def _adopt(self) -> int:
        """Lists the runs that have a folder and no row; returns how many."""
        count = 0
        with self._database() as data:
            known = data.ids()
            for folder in folders.complete(self._runs):
                if folder.name not in known:
                    with contextlib.suppress(OSError, msgspec.DecodeError):
                        run = msgspec.json.decode((folder / folders.RECORD).read_bytes(), type=_Head).kept
                        data.add(replace(run, id=folder.name))
                        count += 1
        return count

    def _make_room(self, newest: str) -> None:
        """Removes the oldest models until the others fit; the newest and those that the user wants stay."""
        with self._database() as data:
            runs = data.with_files()
            total = sum(run.file_bytes for run in runs)
            for run in runs:
                if total > self._limit and not run.pinned and run.id != newest:
                    with contextlib.suppress(OSError):
                        folders.drop_model(self._folder(run.id))
                        data.set_file_bytes(run.id, 0)
                        total -= run.file_bytes

    def _as_it_is(self, run: KeptRun) -> KeptRun:
        """A run as its folder is: files can be removed by hand."""
        there = run.has_file and (self._folder(run.id) / "model.onnx").is_file()
        return run if there else replace(run, file_bytes=0)

    def _put_aside(self) -> Path:
        aside = self._path.with_name(f"damaged-{time.strftime('%Y%m%d-%H%M%S')}-{uuid4().hex[:6]}.sqlite")
        for end in ("-wal", "-shm"):  # what belongs to the damaged file must not be taken for the new one's
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self._path}{end}").replace(f"{aside}{end}")
        self._path.replace(aside)
        return aside

    def _folder(self, run_id: str) -> Path:
        return self._runs / run_id

    @contextlib.contextmanager
    def _database(self) -> Iterator[database.Database]:
        with database.opened(self._path) as data:
            yield data

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turns what the system and the database say into a sentence that begins with `what`."""
        where = clean_name(str(self.folder), 400)
        try:
            yield
        except database.NewerVersionError as error:
            raise StudioError(f"{what}: the history in {where} was made by a newer version of the program.") from error
        except sqlite3.Error as error:
            raise StudioError(f"{what}: the list of runs in {where} cannot be used ({error}).") from error
        except OSError as error:
            raise StudioError(f"{what}: {where}: {(error.strerror or str(error)).lower()}.") from error
        except StudioError as error:
            raise StudioError(f"{what}: {error}") from error
