"""A folder of images without labels: fidelity can be told, accuracy cannot."""

from pathlib import Path

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidFileError
from desktop_app.io.data.files import images_in, other_images_in
from desktop_app.io.data.image_source import ImageFiles


def matches(settings: DataSettings) -> bool:
    """Any folder; the kinds that need more are asked first."""
    return settings.path is not None and Path(settings.path).is_dir()


def find(settings: DataSettings, path: Path) -> ImageFiles:
    """The images directly in the folder.

    Raises:
        InvalidFileError: when there are none.
    """
    files = images_in(path)
    others = other_images_in(path)
    if not files:
        found = f"only {others} images of other formats" if others else "no image"
        raise InvalidFileError(f"{path} holds {found}: choose a folder of PNG, JPEG, BMP or WEBP images.")
    notes = ["The images have no labels: fidelity to the original is measured, accuracy cannot be."]
    if others:
        notes.append(f"{others} images of other formats than PNG, JPEG, BMP and WEBP are left out.")
    return ImageFiles("images", path, tuple(files), notes=tuple(notes))
