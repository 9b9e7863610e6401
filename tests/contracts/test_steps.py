"""Every step of the pipeline keeps the same promises, on small nets and on real models."""

import warnings
from pathlib import Path

import pytest

from desktop_app.core.errors import NothingChangedError, StudioError
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import RUNTIME_ERRORS, open_session
from desktop_app.io.onnx_reader import read_model
from desktop_app.pipeline import STEPS
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.steps.base import Step
from desktop_app.steps.restructure import Restructure
from tests.contracts.contract import RECIPES, STACKED, make_batch, make_case, violations
from tests.contracts.small_nets import NETS, large_kernels

LARGEST_FILE = 200_000
"""Of the real models: together they shall take a minute."""

every_step = pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.name)


def test_every_step_is_under_contract():
    assert {step.name for step in STEPS} == set(RECIPES)


@every_step
@pytest.mark.parametrize("net", NETS)
def test_keeps_its_promises(kind: type[Step], net: str):
    case = make_case(kind(), NETS[net]())
    assert case is None or list(violations(case)) == []


@every_step
def test_changes_some_small_net(kind: type[Step]):
    cases = [case for make in NETS.values() if (case := make_case(kind(), make()))]
    results = [result for case in cases if (result := case.apply())]
    assert any(outcome.changed for result in results for outcome in result.outcomes)


def test_stacks_keep_the_promises_and_change_what_has_large_kernels():
    case = make_case(Restructure(), large_kernels(), other_recipe=STACKED)
    assert case is not None
    assert list(violations(case)) == []
    result = case.apply()
    assert result is not None
    assert [one.changed for one in result.outcomes] == [True, True]


@every_step
def test_is_not_wanted_where_nothing_is_asked(kind: type[Step]):
    if kind.knob is None:
        pytest.skip("nobody asks for it by a setting")
    assert not kind().wanted(NETS["residual"](), Recipe())


@every_step
def test_refuses_only_layers_that_there_are(kind: type[Step]):
    model = NETS["recurrent"]()
    refusals = kind().refusals(model)
    assert set(refusals) <= {layer.name for layer in model.layers}
    assert all(refusals.values())


@every_step
def test_nothing_changed_is_an_error(kind: type[Step]):
    if kind.knob is None:
        pytest.skip("it changes what it finds, which may be nothing")
    model = NETS["perceptron"]()
    with_input_weights = _with_weights_as_inputs(model)
    recipe = RECIPES[kind.name]
    calibration = DataCalibration(lambda: iter(()), 0, True, {})
    assert kind().wanted(with_input_weights, recipe)
    with pytest.raises(NothingChangedError, match=r"\w+"):
        kind().apply(with_input_weights, recipe, calibration, SilentToken())


@pytest.fixture(scope="module")
def real_models(shared_data: Path) -> dict[str, Model]:
    """The small ones among the real models that ONNX Runtime runs."""
    found = {path.name: _runnable(path) for path in sorted((shared_data / "corpus").rglob("*.onnx"))}
    return {name: model for name, model in found.items() if model is not None}


@pytest.mark.corpus
@every_step
def test_keeps_its_promises_on_real_models(kind: type[Step], real_models: dict[str, Model]):
    cases = {name: make_case(kind(), model, synthetic=True) for name, model in real_models.items()}
    broken = {name: found for name, case in cases.items() if case and (found := list(violations(case)))}
    assert any(cases.values())
    assert broken == {}


@pytest.mark.corpus
def test_stacks_keep_the_promises_on_real_models(real_models: dict[str, Model]):
    cases = {
        name: make_case(Restructure(), model, synthetic=True, other_recipe=STACKED)
        for name, model in real_models.items()
    }
    broken = {name: found for name, case in cases.items() if case and (found := list(violations(case)))}
    changed = [name for name, case in cases.items() if case and case.apply() is not None]
    assert broken == {}
    assert "mnist_cntk_opset8.onnx" in changed


def _runnable(path: Path) -> Model | None:
    """The model, if it is small, can be opened, and runs on inputs that are made up."""
    if path.stat().st_size > LARGEST_FILE:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            model = read_model(path)
            open_session(model).run(None, make_batch(model))
    except (StudioError, KeyError, TypeError, *RUNTIME_ERRORS):
        return None
    return model


def _with_weights_as_inputs(model: Model) -> Model:
    """The model with every matrix an input too, so that a caller may give another."""
    copy = model.clone()
    for value in copy.graph.initializers.values():
        if value.const_value is not None and len(value.const_value.shape) > 1:
            copy.graph.inputs.append(value)
    return Model(copy.ir)
