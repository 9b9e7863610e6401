"""The pages of the guide as values: read from the installation, searched, in the language of now."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.core.language import SOURCE, current
from desktop_app.core.resources import resource


@dataclass(frozen=True)
class Page:
    """A page: its name in links, its title, and its text as Markdown."""

    name: str
    title: str
    text: str


def pages() -> tuple[Page, ...]:
    """All pages in their order, in the language of now; in English where it has none."""
    try:
        folder = resource(f"guide/{current().code}")
    except FileNotFoundError:
        folder = resource(f"guide/{SOURCE}")
    found = sorted(folder.glob("*.md"), key=lambda path: int(path.name.partition("-")[0]))
    return tuple(_page(path.stem, path.read_text("utf-8")) for path in found)


def searched(every: Sequence[Page], query: str) -> tuple[Page, ...]:
    """The pages that have all words of a query, those with one in the title first."""
    words = query.lower().split()
    found = [page for page in every if all(word in page.text.lower() for word in words)]
    return tuple(sorted(found, key=lambda page: not any(word in page.title.lower() for word in words)))


def _page(name: str, text: str) -> Page:
    return Page(name, text.partition("\n")[0].removeprefix("# ").strip(), text)
