"""What the frozen program is made of: which distributions its modules come from, their versions and licences."""

import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePath

OWN = "compression-studio"
LICENCE_WORDS = ("licen", "copying", "notice", "authors")
QT = ("pyside6_essentials", "shiboken6")
"""Under LGPL-3.0; their wheels bring no text along."""


@dataclass(frozen=True)
class Component:
    """A distribution that is shipped.

    Attributes:
        name: As the Python Package Index has it.
        version: Its version.
        licence: An SPDX expression where the distribution gives one, else what it calls its licence.
        texts: Files with the terms, by the place they get.
        url: Its home, where it names one.
    """

    name: str
    version: str
    licence: str
    texts: tuple[tuple[Path, str], ...]
    url: str = ""


def components_of(modules: Iterable[str], texts: Path) -> tuple[Component, ...]:
    """The distributions that modules come from, and Python itself, in alphabetical order.

    Args:
        modules: Names of top-level modules.
        texts: The folder of licences that wheels leave out.

    Raises:
        LookupError: when there is a distribution whose terms are not to be found.
    """
    homes = metadata.packages_distributions()
    names = {name for module in modules for name in homes.get(module, ())} - {OWN}
    found = [_component(metadata.distribution(name), texts) for name in names]
    return tuple(sorted((*found, _python()), key=lambda one: one.name.lower()))


def write_texts(components: Iterable[Component], folder: Path) -> None:
    """Copies all terms into a folder for each component."""
    for one in components:
        for source, place in one.texts:
            target = folder / f"{one.name}-{one.version}" / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def _component(found: metadata.Distribution, texts: Path) -> Component:
    name = found.metadata["Name"]
    terms = [(Path(str(found.locate_file(file))), _place(file)) for file in found.files or () if _is_licence(file)]
    if name.lower().replace("-", "_") in QT:
        terms = [(texts / text, text) for text in ("LGPL-3.0.txt", "GPL-3.0.txt")]
    if not terms:
        terms = [(file, file.name) for file in (texts / name).glob("*")]
    if not terms:
        raise LookupError(f"{name} {found.version} brings no licence along: put its text into {texts / name}")
    return Component(name, found.version, _licence(found), tuple(terms), _home(found))


def _is_licence(file: PurePath) -> bool:
    lower = file.name.lower()
    return any(word in lower for word in LICENCE_WORDS) and file.suffix not in (".py", ".pyc", ".html")


def _place(file: PurePath) -> str:
    """Where a text goes: its path within the distribution's own records, else its name with its folder."""
    parts = list(file.parts)
    if "licenses" in parts:
        return "/".join(parts[parts.index("licenses") + 1 :])
    return "/".join(parts[-2:]) if len(parts) > 2 else parts[-1]


def _licence(found: metadata.Distribution) -> str:
    fields = found.metadata
    if expression := fields.get("License-Expression"):
        return str(expression)
    named = str(fields.get("License") or "").strip().split("\n")[0]
    classified = [one.rpartition("::")[2].strip() for one in fields.get_all("Classifier") or () if "License ::" in one]
    return named if 0 < len(named) < 60 else " OR ".join(classified) or "see its text"


def _home(found: metadata.Distribution) -> str:
    urls = dict(one.split(", ", 1) for one in found.metadata.get_all("Project-URL") or () if ", " in one)
    lower = {key.lower(): value for key, value in urls.items()}
    return str(found.metadata.get("Home-page") or lower.get("homepage") or next(iter(urls.values()), ""))


def _python() -> Component:
    version = ".".join(str(part) for part in sys.version_info[:3])
    places = (
        Path(sys.base_prefix) / "LICENSE.txt",
        Path(f"/usr/share/doc/python{sys.version_info.major}.{sys.version_info.minor}/copyright"),
        Path(sys.base_prefix) / "LICENSE",
        Path(*sys.base_prefix.split("/bin")[:1])
        / f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
        / "LICENSE.txt",
    )
    text = next((place for place in places if place.is_file()), None)
    if text is None:
        raise LookupError("the licence of Python is not to be found")
    return Component("Python", version, "PSF-2.0", ((text, "LICENSE.txt"),), "https://www.python.org")
