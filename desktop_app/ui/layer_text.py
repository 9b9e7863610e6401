"""Settings of layers as text for the clipboard, so that they can be pasted in another window."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.core.validation import check_recipe
from desktop_app.ui.document import Document

LONGEST = 8 * 2**20
"""Characters that are looked at: the clipboard may hold anything."""


class Copied(Struct, frozen=True):
    """What was asked of a layer; locks are not copied."""

    layer: str
    settings: LayerSettings


class _Clip(Struct, frozen=True, forbid_unknown_fields=True):
    """The text, as JSON."""

    layer_settings: dict[str, LayerOverride]


def as_text(document: Document, names: Sequence[str]) -> str:
    """The settings of layers, in their order, as text."""
    asked = {}
    for name in names:
        layer = document.layer(name)
        settings = replace(document.settings(layer), locked=False)
        asked[layer.origin or layer.name] = LayerOverride.between(LayerSettings(), settings)
    return msgspec.json.format(msgspec.json.encode(_Clip(asked)), indent=1).decode()


def from_text(text: str) -> tuple[Copied, ...]:
    """What such a text says; nothing where it is none, or asks for what no layer can be asked."""
    if len(text) > LONGEST or not text.lstrip().startswith("{"):
        return ()
    try:
        clip = msgspec.json.decode(text, type=_Clip)
        check_recipe(Recipe(layers=clip.layer_settings))
    except (msgspec.MsgspecError, InvalidRecipeError, UnicodeError):
        return ()
    return tuple(
        Copied(name, replace(one.over(LayerSettings()), locked=False)) for name, one in clip.layer_settings.items()
    )


def matched(document: Document, copied: Sequence[Copied], names: Sequence[str]) -> dict[str, LayerSettings]:
    """Which of the layers gets which settings: layer name to settings; nothing where that cannot be told.

    One layer's settings go to every layer. Those of several go to the layers of the same names, if there is any; else
    to as many layers in the same order.
    """
    if len(copied) == 1:
        return dict.fromkeys(names, copied[0].settings)
    by_name = {one.layer: one.settings for one in copied}
    keys = {name: document.layer(name).origin or name for name in names}
    same = {name: by_name[key] for name, key in keys.items() if key in by_name}
    if same:
        return same
    if len(copied) != len(names):
        return {}
    return {name: one.settings for name, one in zip(names, copied, strict=True)}
