"""Every key of a recipe, and every word that it may have, is called something."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.language import catalogue_of, use
from desktop_app.core.methods import Methods
from desktop_app.ui.setting_names import setting_title, value_text

PROPER = {"rgb", "bgr", "gray", "nchw", "nhwc", "adamw", "sgd"}
"""Words that have no others."""


def keys(kind: type[msgspec.Struct], path: str) -> Iterator[tuple[str, Any]]:
    """Every key below a part of the recipe, and its type."""
    for name, hint in get_type_hints(kind).items():
        below = f"{path}.{name}"
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from keys(hint, below)
        else:
            yield below, hint


def words(hint: Any) -> Iterator[str]:
    """The words among the values of a type."""
    if get_origin(hint) is Literal:
        yield from (one for one in get_args(hint) if isinstance(one, str))
    for inner in get_args(hint) if get_origin(hint) is not Literal else ():
        yield from words(inner)


ALL = [*keys(Methods, "methods"), *keys(DataSettings, "data"), *keys(Preprocess, "data.preprocess"), ("seed", int)]


@pytest.mark.parametrize(("key", "hint"), ALL, ids=[key for key, _ in ALL])
def test_a_key_and_its_words_are_called_something(key: str, hint: Any) -> None:
    title = setting_title(key)
    assert "." not in title
    assert "_" not in title
    assert title[0].isupper()
    for word in words(hint):
        told = value_text(key, word)
        assert told
        assert word in PROPER or told != word or word in ("channels", "weights", "float"), word


def test_titles_say_which_technique_they_belong_to() -> None:
    assert setting_title("methods.prune.scope") == "Prune: How layers share the cut"
    assert setting_title("methods.recover.steps") == "Recover accuracy: Batches to train on"
    assert setting_title("methods.low_rank.chosen.stage1.conv/Conv") == "Low rank: Chosen by the run: stage1.conv/Conv"
    assert setting_title("seed") == "Seed"


def test_values_are_told_as_they_are_shown_elsewhere() -> None:
    assert value_text("methods.prune.target_macs", 0.5) == "50 %"
    assert value_text("methods.prune.scope", "latency") == "by time, over all layers"
    assert value_text("methods.restructure.activations", "keep") == "as they are"
    assert value_text("methods.quantize.smooth", True) == "yes"
    assert value_text("methods.quantize.weights_only", ("a", "b")) == "a, b"
    assert value_text("data.path", None) == "–"


def test_both_are_told_in_chinese() -> None:
    use(catalogue_of("zh_CN"))
    try:
        assert setting_title("methods.prune.scope") == "剪枝：各层如何分担剪枝"
        assert value_text("methods.prune.scope", "latency") == "按时间在所有层间分配"
    finally:
        use(catalogue_of("en"))
