"""Images in one folder a class: `data/<class>/<image>`."""

from pathlib import Path

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidFileError
from desktop_app.io.data.files import images_in, other_images_in, subfolders
from desktop_app.io.data.image_source import ImageFiles
from desktop_app.io.data.labelled_images import TABLE


def matches(settings: DataSettings) -> bool:
    """A folder with folders in it and neither an image nor a table of labels beside them."""
    if settings.path is None or settings.labels is not None:
        return False
    path = Path(settings.path)
    if not path.is_dir() or (path / TABLE).is_file():
        return False
    return bool(subfolders(path)) and not images_in(path)


def find(settings: DataSettings, path: Path) -> ImageFiles:
    """The images; the number of a class is the position of its folder in order (see `subfolders`).

    Raises:
        InvalidFileError: when the folders hold no images.
    """
    names = subfolders(path)
    found = {name: images_in(path / name) for name in names}
    if not any(found.values()):
        raise InvalidFileError(_hint(path, names))
    files = tuple(f"{name}/{file}" for name in names for file in found[name])
    labels = tuple(number for number, name in enumerate(names) for _ in found[name])
    return ImageFiles("class folders", path, files, labels, tuple(names), _notes(path, names, found))


def _notes(path: Path, names: list[str], found: dict[str, list[str]]) -> tuple[str, ...]:
    notes = []
    empty = [name for name in names if not found[name]]
    if empty:
        notes.append(f"{len(empty)} of {len(names)} class folders hold no image (the first is {empty[0]!r}).")
    others = sum(other_images_in(path / name) for name in names)
    if others:
        notes.append(f"{others} images of other formats than PNG, JPEG, BMP and WEBP are left out.")
    return tuple(notes)


def _hint(path: Path, names: list[str]) -> str:
    nested = next(
        (name for name in names if any(images_in(path / name / inner) for inner in subfolders(path / name))), ""
    )
    if nested:
        return f"The class folders lie one level below {path}: choose one of its folders, {path / nested} say."
    return (
        f"{path} and its folders hold no PNG, JPEG, BMP or WEBP image: choose a folder of images or of class folders."
    )
