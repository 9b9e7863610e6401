"""A model that lost accuracy learns it back from the original."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx_ir as ir
import pytest

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidRecipeError, NothingChangedError, StudioError
from desktop_app.core.measuring import Measuring
from desktop_app.core.methods import Methods, PruneMethod, RecoverMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.resources import resource
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.base import Samples
from desktop_app.io.onnx_reader import read_model
from desktop_app.pipeline import Pipeline
from desktop_app.run import Run
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.training import TrainingSamples
from desktop_app.steps.cleaning.plain import cleaned
from desktop_app.steps.recover import Recover
from tests.contracts.small_nets import NETS
from tests.unit.test_run import Listener


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def disturbed(model: Model, share: float = 0.3) -> Model:
    """The model with noise on its weights."""
    copy, rng = model.clone(), np.random.default_rng(0)
    for name, value in copy.graph.initializers.items():
        array = value.const_value.numpy()
        if array.ndim > 1 and array.dtype == np.float32:
            noise = share * array.std() * rng.normal(size=array.shape).astype(np.float32)
            value.const_value = ir.tensor(array + noise, name=name)
    return Model(copy.ir)


def calibration(original: Model | None, inputs: np.ndarray, name: str = "x") -> DataCalibration:
    def read(indices: Sequence[int], size: int) -> Iterator[Samples]:
        for start in range(0, len(indices), size):
            yield Samples({name: inputs[list(indices[start : start + size])]})

    training = TrainingSamples(read, tuple(range(len(inputs))), key="inputs")
    return DataCalibration(lambda: iter(()), len(inputs), False, {}, original, training)


def recipe(**method: object) -> Recipe:
    chosen = {"steps": 60, "batch": 16, "augment": False, **method}
    return Recipe(methods=Methods(recover=RecoverMethod(**chosen)))


def error(model: Model, original: Model, inputs: np.ndarray) -> float:
    """Of the scores relative to their mean: what all of them have in common changes no class."""
    one, other = (open_session(m).run(None, {"x": inputs})[0] for m in (model, original))
    one, other = (scores - scores.mean(axis=1, keepdims=True) for scores in (one, other))
    return float(np.square(one - other).mean() / np.square(other).mean())


@pytest.mark.parametrize("net", ["residual", "separable", "perceptron"])
@pytest.mark.parametrize("normalise", [True, False])
def test_outputs_come_near_to_the_originals(net: str, normalise: bool) -> None:
    original = cleaned(NETS[net]())
    shape = [16 * 6, *original.shapes["x"][1:]]
    inputs = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    student = disturbed(original)
    result = Recover().apply(student, recipe(normalise=normalise), calibration(original, inputs), SilentToken())
    unseen = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    assert error(result.model, original, unseen) < 0.5 * error(student, original, unseen)
    assert [node.op_type for node in result.model.graph] == [node.op_type for node in student.graph]
    assert [*result.model.graph.initializers] == [*student.graph.initializers]
    made = [[value.name for node in one.graph for value in node.outputs] for one in (result.model, student)]
    assert made[0] == made[1]
    assert all(outcome.changed and outcome.before == outcome.after for outcome in result.outcomes)
    assert "without labels" in result.notes[0]


@pytest.mark.parametrize("pruned", [0.05, 0.5])
def test_locked_layers_and_zeros_stay(pruned: float) -> None:
    original = cleaned(NETS["residual"]())
    student = disturbed(original)
    first, second = (layer for layer in student.layers[:2])
    weight = student.node(second.name).inputs[1]
    sparse = np.where(np.random.default_rng(0).random(weight.const_value.shape) < pruned, 0, weight.const_value.numpy())
    weight.const_value = ir.tensor(sparse.astype(np.float32), name=weight.name)
    student = Model(student.ir)
    inputs = np.random.default_rng(1).normal(size=(64, *student.shapes["x"][1:])).astype(np.float32)
    locking = recipe().with_layer(first.name, LayerSettings(locked=True))
    result = Recover().apply(student, locking, calibration(original, inputs), SilentToken()).model
    for index in (1, 2):
        before, after = (model.node(first.name).inputs[index].const_value.numpy() for model in (student, result))
        assert np.array_equal(before, after)
    after = result.node(second.name).inputs[1].const_value.numpy()
    assert not np.array_equal(after, sparse)
    assert np.array_equal(after == 0, sparse == 0)


def test_what_cannot_be_trained_through_is_named() -> None:
    original = NETS["residual"]()
    student = original.clone()
    node = next(one for one in student.graph if one.op_type == "Relu")
    node.op_type, node.domain = "Mystery", "some.where"
    with pytest.raises(NothingChangedError, match=r"Mystery"):
        Recover().apply(Model(student.ir), recipe(), calibration(original, np.ones((40, 3, 8, 8))), SilentToken())


def test_nothing_to_learn_from_is_an_error() -> None:
    model = NETS["residual"]()
    with pytest.raises(StudioError, match="nothing to train on"):
        Recover().apply(model, recipe(), DataCalibration(lambda: iter(()), 0, False, {}), SilentToken())


def test_the_original_itself_stays_to_the_bit() -> None:
    original = cleaned(NETS["residual"]())
    inputs = np.random.default_rng(1).normal(size=(64, *original.shapes["x"][1:])).astype(np.float32)
    result = Recover().apply(original, recipe(rate=1.0), calibration(original, inputs), SilentToken())
    assert result.model is original
    assert "the weights stay" in result.notes[-1]


def test_a_run_trains_on_other_samples_than_it_evaluates() -> None:
    model = read_model(resource("sample/digits.onnx"))
    data = DataSettings(path=str(resource("sample/digits")), calibration=100)
    method = RecoverMethod(steps=60, batch=32, labels=True)
    asked = Recipe(
        data=data,
        defaults=LayerSettings(prune=0.4),
        methods=Methods(prune=PruneMethod(reconstruct=False), recover=method),
    )
    token = Listener()
    finished = Run(model, "hash", 1000, Measuring(1, 0.05), Pipeline()).carry_out(asked, token)
    taught, judged = set(finished.data.training_indices), set(finished.data.evaluation_indices)
    assert taught.isdisjoint(judged)
    assert set(finished.data.calibration_indices) <= taught
    assert len(judged) == 120
    steps = {step.step: step for step in finished.report.steps}
    before, after = steps["prune_channels"].fidelity, steps["recover"].fidelity
    assert before is not None
    assert after is not None
    assert after.top1_agreement > before.top1_agreement + 0.5
    assert any("and their labels" in note for note in steps["recover"].notes)
    assert [one for one in token.heard if one.metric == "loss" and one.stage == "recover"]


def test_a_student_learns_from_another_model_and_is_compared_with_it(tmp_path: Path) -> None:
    original = read_model(resource("sample/digits.onnx"))
    student, teacher = tmp_path / "student.onnx", resource("sample/digits.onnx")
    student.write_bytes(disturbed(original, 0.7).to_bytes())
    data = DataSettings(path=str(resource("sample/digits")), calibration=100)
    asked = Recipe(data=data, methods=Methods(recover=RecoverMethod(steps=60, batch=32, teacher=str(teacher))))
    finished = Run(read_model(student), "hash", 1000, Measuring(1, 0.05), Pipeline()).carry_out(asked, SilentToken())
    steps = {step.step: step for step in finished.report.steps}
    before, after = steps["clean"].fidelity, steps["recover"].fidelity
    assert before.sqnr_db < 10  # the student is not compared with itself
    assert after.top1_agreement > before.top1_agreement + 0.2


def test_a_teacher_with_other_outputs_is_refused(tmp_path: Path) -> None:
    student = tmp_path / "student.onnx"
    student.write_bytes(NETS["residual"]().to_bytes())
    data = DataSettings(path=str(resource("sample/digits")), calibration=100)
    asked = Recipe(data=data, methods=Methods(recover=RecoverMethod(steps=30, teacher=str(student))))
    model = read_model(resource("sample/digits.onnx"))
    with pytest.raises(InvalidRecipeError, match=r"of the teacher .* --like"):
        Run(model, "hash", 1000, Measuring(1, 0.05), Pipeline()).carry_out(asked, SilentToken())


def test_blocks_are_trained_one_after_the_other() -> None:
    original = cleaned(NETS["residual"]())
    inputs = np.random.default_rng(1).normal(size=(96, *original.shapes["x"][1:])).astype(np.float32)
    student = disturbed(original)
    asked = recipe(blocks=True, steps=120, rate=2e-3)
    result = Recover().apply(student, asked, calibration(original, inputs), SilentToken())
    assert error(result.model, original, inputs) < 0.5 * error(student, original, inputs)
    assert "block by block" in result.notes[-1]
    assert [node.op_type for node in result.model.graph] == [node.op_type for node in student.graph]


def test_what_lies_before_an_unknown_node_is_trained() -> None:
    original = cleaned(NETS["residual"]())
    last = next(node for node in reversed([*original.graph]) if node.op_type == "Relu")

    def barred(model: Model) -> Model:
        copy = model.clone()
        node = copy.node(last.name or "")
        node.op_type, node.domain = "Mystery", "some.where"
        copy.ir.opset_imports["some.where"] = 1
        return Model(copy.ir)

    student = disturbed(original)
    inputs = np.random.default_rng(1).normal(size=(96, *original.shapes["x"][1:])).astype(np.float32)
    result = Recover().apply(barred(student), recipe(), calibration(barred(original), inputs), SilentToken())
    assert any("Mystery" in note for note in result.notes)
    trained = result.model.clone()
    node = trained.node(last.name or "")
    node.op_type, node.domain = "Relu", ""
    before, after = error(student, original, inputs), error(Model(trained.ir), original, inputs)
    assert after < before
