"""The part of a model that computes some values, by itself: it gives what the whole model gives there."""

import numpy as np
import onnx_ir as ir
import pytest

from desktop_app.graph.model import Model
from desktop_app.graph.runnable import runnable
from desktop_app.graph.runtime import open_session
from tests.contracts.small_nets import residual


def _values(model: Model) -> dict[str, np.ndarray]:
    """Every value of the main graph for two made-up samples."""
    rng = np.random.default_rng(0)
    names = [value.name or "" for node in model.graph for value in node.outputs]
    feeds = {
        value.name or "": rng.normal(size=(2, *model.shapes[value.name or ""][1:])).astype(np.float32)
        for value in model.graph.inputs
    }
    session = open_session(model, outputs=names, optimise=False)
    return {**feeds, **dict(zip(names, session.run(names, feeds), strict=True))}


def _run(part: bytes | Model, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    session = open_session(part, optimise=False)
    names = [one.name for one in session.get_outputs()]
    return dict(
        zip(names, session.run(names, {one.name: known[one.name] for one in session.get_inputs()}), strict=True)
    )


@pytest.mark.parametrize("place", range(8))
def test_every_value_is_computed_from_the_inputs(place: int) -> None:
    model = residual()
    known = _values(model)
    name = [value.name or "" for node in model.graph for value in node.outputs][place]
    np.testing.assert_allclose(_run(runnable(model, {}, [name]), known)[name], known[name], rtol=1e-5, atol=1e-5)


def test_what_is_given_is_not_computed_again() -> None:
    model = residual()
    known = _values(model)
    nodes = [*model.graph]
    middle, last = nodes[3].outputs[0].name or "", nodes[-1].outputs[0].name or ""
    given = {middle: (ir.DataType.FLOAT, (None, *known[middle].shape[1:]))}
    known[middle] = known[middle] + 1.0
    part = runnable(model, given, [last, middle])
    found = _run(part, known)
    whole = _run(runnable(model, {}, [last]), known)
    np.testing.assert_array_equal(found[middle], known[middle])
    assert not np.allclose(found[last], whole[last])
    assert isinstance(part, bytes)
    assert len(part) < len(model.to_bytes())


def test_the_model_stays_as_it_is() -> None:
    model = residual()
    before = model.to_bytes()
    runnable(model, {}, [model.graph.outputs[0].name or ""])
    assert model.to_bytes() == before


def test_graphs_inside_nodes_go_with_a_copy_of_the_model() -> None:
    text = """
        <ir_version: 8, opset_import: ["" : 17]>
        agraph (float[N, 3] x) => (float[N, 3] y) {
            yes = Constant<value = bool {1}>()
            half = Constant<value = float {0.5}>()
            z = If (yes) <
                then_branch = inside () => (float[N, 3] a) { a = Mul (x, half) },
                else_branch = other () => (float[N, 3] b) { b = Identity (x) }
            >
            y = Add (z, x)
        }
    """
    model = Model(ir.from_onnx_text(text))
    x = np.ones((2, 3), np.float32)
    found = _run(runnable(model, {}, ["z"]), {"x": x})
    np.testing.assert_allclose(found["z"], 0.5 * x)
