from collections.abc import Collection
from math import inf
from pathlib import Path

import pytest

from desktop_app import sensitivity as module
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import Cancelled
from desktop_app.core.methods import Methods, PruneMethod, QuantizeMethod
from desktop_app.core.progress import Event, Progress, SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import CHANGES, LayerSensitivity, Sensitivity, changes_of
from desktop_app.graph.model import Model
from desktop_app.inspection import input_specs
from desktop_app.io.data import open_data
from desktop_app.sensitivity import TITLED, find_sensitivity, known_sensitivity
from tests.unit.graph.nets import conv_norm, net, normal

LAYERS = ("c", "y")


class StopsAfterOne(SilentToken):
    """Asks to stop when the first layer is done."""

    def report(self, event: Event) -> None:
        if isinstance(event, Progress) and event.stage == "sensitivity":
            self.cancelled = True


def found(
    folder: Path,
    model: Model | None = None,
    token: SilentToken | None = None,
    *,
    until: float = inf,
    titles: Collection[str] = TITLED,
) -> Sensitivity:
    model = model or conv_norm()
    data = open_data(DataSettings(), input_specs(model), seed=0, shapes=model.shapes)
    token = token or SilentToken()
    return find_sensitivity(model, "key", Recipe(), data, 8, token, folder, until=until, titles=titles)


def test_every_layer_has_a_row_with_every_candidate(tmp_path: Path) -> None:
    result = found(tmp_path)
    assert tuple(row.layer for row in result.layers) == LAYERS
    for row in result.layers:
        assert row.microseconds is not None
        ones = row.candidates
        assert ones["weights 8"].output_db > ones["weights 4"].output_db
        assert ones["int8"].output_db > ones["channels 0.5"].output_db
        assert all(one.reason or one.microseconds is not None for one in ones.values())
    assert result.synthetic
    assert result.together_db["weights 8"] < min(row.candidates["weights 8"].output_db for row in result.layers)


def test_what_was_found_before_it_was_stopped_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Cancelled):
        found(tmp_path, token=StopsAfterOne())
    tried: list[str] = []
    original = module.changed_alone

    def watched(model: Model, changes: dict, *others: object, **more: object) -> object:
        tried.extend(changes)
        return original(model, changes, *others, **more)

    monkeypatch.setattr(module, "changed_alone", watched)
    result = found(tmp_path)
    assert tried == ["y"]
    assert tuple(row.layer for row in result.layers) == LAYERS


def test_what_there_is_no_time_for_is_left_but_one_layer_is_tried_every_time(tmp_path: Path) -> None:
    assert tuple(row.layer for row in found(tmp_path, until=0.0).layers) == LAYERS[:1]
    assert tuple(row.layer for row in found(tmp_path, until=0.0).layers) == LAYERS


def test_a_damaged_row_is_found_again(tmp_path: Path) -> None:
    whole = found(tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    again = found(tmp_path)
    assert [row.layer for row in again.layers] == [row.layer for row in whole.layers]
    assert again.together_db["weights 4"] == pytest.approx(whole.together_db["weights 4"], abs=0.1)


def test_layers_in_subgraphs_are_not_tried_and_say_so(tmp_path: Path) -> None:
    model = net(
        """g (float[N, 4] x, bool flag) => (float[N, 4] y) {
            a = Gemm(x, w)
            y = If (flag) <
                then_branch = t () => (float[N, 4] p) { p = MatMul(a, v) },
                else_branch = e () => (float[N, 4] q) { q = Identity(a) }
            >
        }""",
        w=normal(4, 4),
        v=normal(4, 4),
    )
    result = found(tmp_path, model)
    assert [row.layer for row in result.layers] == ["a"]
    assert list(result.refused.values()) == ["it lies inside a subgraph"]


class Listens(SilentToken):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.rows: list[LayerSensitivity] = []

    def report(self, event: Event) -> None:
        if isinstance(event, LayerSensitivity):
            self.rows.append(event)


def known(folder: Path, recipe: Recipe) -> Sensitivity:
    model = conv_norm()
    data = open_data(DataSettings(), input_specs(model), seed=0, shapes=model.shapes)
    return known_sensitivity(model, "key", recipe, data, 8, folder)


def test_every_row_is_told_as_it_is_found_and_known_afterwards(tmp_path: Path) -> None:
    assert known(tmp_path, Recipe()).layers == ()
    token = Listens()
    whole = found(tmp_path, token=token)
    assert tuple(token.rows) == whole.layers
    assert known(tmp_path, Recipe()) == whole


def test_only_the_changes_that_are_asked_for_are_tried_and_the_others_when_all_are(tmp_path: Path) -> None:
    token = Listens()
    some = found(tmp_path, token=token, titles={"channels 0.5", "int8"})
    assert [tuple(row.candidates) for row in some.layers] == [("int8", "channels 0.5")] * len(LAYERS)
    assert token.rows == []
    assert known(tmp_path, Recipe()).layers == ()  # the window shows whole rows alone
    whole = found(tmp_path, token=token)
    assert tuple(token.rows) == whole.layers == known(tmp_path, Recipe()).layers
    for before, after in zip(some.layers, whole.layers, strict=True):
        assert tuple(after.candidates) == tuple(one.title for one in CHANGES)
        assert before.candidates.items() <= after.candidates.items()


def test_a_layer_that_was_tried_with_something_else_alone_has_no_row(tmp_path: Path) -> None:
    """Else a search would take what there was no time for to cost as much as everything."""
    found(tmp_path, titles={"channels 0.5"})
    some = found(tmp_path, titles={"int8"}, until=0.0)
    assert [tuple(row.candidates) for row in some.layers] == [("int8", "channels 0.5")]


def test_what_is_known_does_not_depend_on_methods_that_nothing_was_tried_by(tmp_path: Path) -> None:
    whole = found(tmp_path)
    methods = Methods(
        prune=PruneMethod(round_to=8), quantize=QuantizeMethod(activations=False, exclude=2, weights_only=LAYERS)
    )
    assert known(tmp_path, Recipe(methods=methods)) == whole
    assert known(tmp_path, Recipe(seed=1)).layers == ()


def test_stronger_changes_of_a_knob_cost_more(tmp_path: Path) -> None:
    row = found(tmp_path).layers[0]
    for knob in ("prune", "bits"):
        figures = [row.candidates[one.title].output_db for one in changes_of(knob, activations=False)]
        assert figures == sorted(figures, reverse=True)
    assert set(row.candidates) == {one.title for one in CHANGES}
