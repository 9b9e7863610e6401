"""The presets: recipes that come with the program, and the user's own."""

from desktop_app.core.progress import Token
from desktop_app.io.presets import PresetFile, read_builtin, read_own
from desktop_app.jobs.recipes import ListPresets, Preset, Presets


def run(request: ListPresets, token: Token) -> Presets:
    """Reads all presets: first those of the program, then the user's by title."""
    return all_presets()


def all_presets() -> Presets:
    """What there is now."""
    own, broken = read_own()
    builtin = (Preset(one.title, one.tip, one.recipe) for one in read_builtin())
    return Presets((*builtin, *map(_own, own)), broken)


def _own(one: PresetFile) -> Preset:
    return Preset(one.title, one.tip, one.recipe, one.name)
