"""Where the files are that come with the program: icons, presets, templates, the sample."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

PLACES = (PACKAGE / "resources", PACKAGE.parent / "resources")
"""In an installed wheel or a frozen program, resources lie in the package; in a source checkout, beside it."""

GUIDE = "guide/"
"""The guide lies among the documents of a source checkout, and among the resources of an installation."""


def resource(path: str) -> Path:
    """The file or folder `path` (with forward slashes) under `resources/`.

    Raises:
        FileNotFoundError: when the installation lacks it.
    """
    for place in (*PLACES, PACKAGE.parent / "docs") if path.startswith(GUIDE) else PLACES:
        if (place / path).exists():
            return place / path
    raise FileNotFoundError(f"The installation is incomplete: resources/{path} is missing; install it again.")
