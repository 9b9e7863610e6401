import pytest

from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.ui.recovery.history import (
    NOWHERE,
    History,
    Moved,
    Saved,
    Step,
    edit_between,
    read_history,
    written,
)

EIGHT, HALF = LayerSettings(bits=8), LayerSettings(prune=0.5)
FIRST = Recipe().with_layer("a", EIGHT)
SECOND = FIRST.with_layer("b", HALF)


def test_an_edit_names_only_the_layers_that_changed():
    line = edit_between(FIRST, Step("Prune b", SECOND), 1)
    assert list(line.layers) == ["b"]
    assert line.recipe is None
    assert History((Step("Bits of a", FIRST),), 1).after(line).recipe == SECOND


def test_what_layers_do_not_tell_is_kept_whole():
    seeded = Recipe(seed=3, layers=FIRST.layers)
    assert edit_between(FIRST, Step("Seed", seeded), 0).recipe == seeded
    patterns = Recipe().with_layers({"re:.*": EIGHT, "re:a.*": HALF})
    turned = Recipe().with_layers({"re:a.*": HALF, "re:.*": EIGHT})
    line = edit_between(patterns, Step("Turn", turned), 0)
    assert list(History().after(edit_between(Recipe(), Step("", patterns), 0)).recipe.layers) == ["re:.*", "re:a.*"]
    assert line.recipe is not None, "the first pattern that matches counts, so their order does"
    assert list(line.recipe.layers) == list(turned.layers)


@pytest.mark.parametrize(
    "history",
    [
        History(),
        History((Step("Bits of a", FIRST), Step("Prune b", SECOND)), 1, 2, "/recipes/a.yaml"),
        History((Step("Bits of a", FIRST), Step("Reset", Recipe())), 2, NOWHERE),
    ],
)
def test_its_lines_lead_there_again(history):
    assert read_history(written(history.lines())) == history


def test_half_a_line_and_what_follows_it_is_left_out():
    content = written(History((Step("Bits of a", FIRST),), 1).lines())
    assert read_history(content + b'{"type":"edited","beh').recipe == FIRST
    assert read_history(content + written([Moved(7), Moved(0)])).recipe == FIRST, "there are no seven edits"


def test_edits_after_an_undo_take_the_place_of_those_undone():
    history = read_history(written(History((Step("Bits of a", FIRST), Step("Prune b", SECOND)), 2, 2).lines()))
    history = history.after(Moved(0))
    assert history.dirty
    history = history.after(edit_between(Recipe(), Step("Prune b", SECOND), 0))
    assert (history.index, len(history.steps), history.clean) == (1, 1, NOWHERE)


def test_what_is_in_a_file_is_what_was_there_when_it_was_saved():
    history = History((Step("Bits of a", FIRST), Step("Prune b", SECOND)), 2).after(Saved(1, "/a.yaml"))
    assert history.as_saved.recipe == FIRST
    assert not history.as_saved.dirty
