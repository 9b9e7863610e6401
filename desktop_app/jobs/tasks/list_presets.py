"""The recipes that come with the program: the first two lines of a file, comments, are its title and its use."""

from pathlib import Path

from desktop_app.core.progress import Token
from desktop_app.core.resources import resource
from desktop_app.io.recipes import parse_recipe
from desktop_app.jobs.messages import ListPresets, Preset, Presets


def run(request: ListPresets, token: Token) -> Presets:
    """Reads all presets, in the order of their file names."""
    return Presets(tuple(_preset(path) for path in sorted(resource("presets").glob("*.yaml"))))


def _preset(path: Path) -> Preset:
    text = path.read_text("utf-8")
    title, tip = (line.removeprefix("#").strip() for line in text.splitlines()[:2])
    return Preset(title, tip, parse_recipe(text))
