"""Images with a `labels.csv` (`file,label`) in or beside their folder."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidFileError
from desktop_app.io.data.files import MAX_FILES, subfolders
from desktop_app.io.data.image_source import ImageFiles

MAX_CLASSES = 1_000_000
MAX_MISSING_SHARE = 0.05
TABLE = "labels.csv"


def matches(settings: DataSettings) -> bool:
    """A folder for which there is a table of labels."""
    if settings.path is None or not Path(settings.path).is_dir():
        return False
    return _table(settings, Path(settings.path)) is not None


def find(settings: DataSettings, path: Path) -> ImageFiles:
    """The images that the table names, in its order.

    Labels are class numbers, or names, which are numbered in alphabetical order.

    Raises:
        InvalidFileError: when the table cannot be read, or names files that are not there.
    """
    table = _table(settings, path)
    if table is None or not table.is_file():
        raise InvalidFileError(f"There is no table of labels at {table or path / TABLE}: check data.labels.")
    rows = _rows(table)
    folder = _folder(path, rows)
    present = [(file, label) for file, label in rows if (folder / file).is_file()]
    missing = len(rows) - len(present)
    if not present or missing > MAX_MISSING_SHARE * len(rows):
        absent = next(file for file, _ in rows if not (folder / file).is_file())
        raise InvalidFileError(
            f"{missing} of the {len(rows)} files in {table} are not in {folder} (the first is {absent!r}): "
            "check the column `file`."
        )
    labels, names, notes = _numbered([label for _, label in present])
    if missing:
        notes += (f"{missing} files in {table.name} are not in the folder and are left out.",)
    return ImageFiles("labelled images", folder, tuple(file for file, _ in present), labels, names, notes)


def _table(settings: DataSettings, path: Path) -> Path | None:
    if settings.labels is not None:
        return Path(settings.labels)
    return next((table for table in (path / TABLE, path.parent / TABLE) if table.is_file()), None)


def _rows(table: Path) -> list[tuple[str, str]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(_parsed(table, lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidFileError(
            f"{table} cannot be read as a table ({error}): it must be UTF-8 text, `file,label`."
        ) from error
    if not rows:
        raise InvalidFileError(f"{table} has no rows: it must have the columns `file` and `label`.")
    return rows


def _parsed(table: Path, lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    reader = csv.DictReader(lines)
    if not {"file", "label"} <= set(reader.fieldnames or ()):
        raise InvalidFileError(f"{table} must begin with a line that names its columns, `file,label`.")
    for number, row in enumerate(reader, 2):
        file, label = (row["file"] or "").strip().replace("\\", "/"), (row["label"] or "").strip()
        if not file and not label:
            continue
        if not _is_inside(file):
            raise InvalidFileError(
                f"Line {number} of {table} names {file!r}, which is not a file inside the image folder."
            )
        if not label:
            raise InvalidFileError(f"Line {number} of {table} has no label for {file!r}.")
        if number > MAX_FILES:
            raise InvalidFileError(f"{table} has more than {MAX_FILES} rows: give a smaller one.")
        yield file, label


def _is_inside(file: str) -> bool:
    parts = PurePosixPath(file).parts
    return (
        bool(parts) and ".." not in parts and "\0" not in file and not Path(file).is_absolute() and ":" not in parts[0]
    )


def _folder(path: Path, rows: Sequence[tuple[str, str]]) -> Path:
    """The folder that the table's names start from: `path`, or its only subfolder where they lie there."""
    inner = subfolders(path)
    if not (path / rows[0][0]).is_file() and len(inner) == 1 and (path / inner[0] / rows[0][0]).is_file():
        return path / inner[0]
    return path


def _numbered(labels: Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
    """Class numbers, class names, notes."""
    if all(label.isdecimal() and int(label) < MAX_CLASSES for label in labels):
        numbers = tuple(int(label) for label in labels)
        return numbers, tuple(str(number) for number in range(max(numbers) + 1)), ()
    names = tuple(sorted(set(labels)))
    position = {name: number for number, name in enumerate(names)}
    note = f"The labels are names: {len(names)} classes are numbered in alphabetical order, from {names[0]!r} on."
    return tuple(position[label] for label in labels), names, (note,)
