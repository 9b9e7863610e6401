import numpy as np
import pytest
from msgspec.structs import replace

from desktop_app.core.errors import StudioError
from desktop_app.core.summary import TensorSpec
from desktop_app.graph.runtime import open_session
from desktop_app.zoo.families import FAMILIES
from desktop_app.zoo.size import Wishes
from desktop_app.zoo.student import student

SMALL = Wishes(width=0.25)


def specs(session):
    return [(one.name, one.type, one.shape) for one in (*session.get_inputs(), *session.get_outputs())]


@pytest.mark.parametrize(
    ("name", "given", "output", "activation", "types"),
    [
        ("mobilenet_v2", ("x", "float32", ("n", 3, 32, 32)), ("y", "float32", ("n", 10)), "", ("float", "float")),
        ("mobilenet_v3_small", ("x", "uint8", (4, 32, 32, 3)), ("y", "float32", (4, 5)), "Softmax", ("uint8", "float")),
        ("resnet18", ("x", "float16", (1, 1, 28, 40)), ("p", "float16", (1, 6, 1, 1)), "", ("float16", "float16")),
        ("efficientnet_b0", ("i", "float64", ("b", 64, 64, 3)), ("o", "float64", ("b", 3)), "Sigmoid", ("double",) * 2),
    ],
)
def test_names_shapes_and_types_are_those_of_the_teacher(name, given, output, activation, types):
    model = student(FAMILIES[name], [TensorSpec(*given)], [TensorSpec(*output)], SMALL, activation=activation)
    session = open_session(model)
    assert specs(session) == [
        (given[0], f"tensor({types[0]})", list(given[2])),
        (output[0], f"tensor({types[1]})", list(output[2])),
    ]
    shape = [size if isinstance(size, int) else 2 for size in given[2]]
    (row,) = session.run(None, {given[0]: np.random.default_rng(0).integers(0, 9, shape).astype(given[1])})
    assert row.shape == (shape[0], *output[2][1:])
    assert np.isfinite(row).all()
    if activation == "Softmax":
        np.testing.assert_allclose(row.sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("wishes", [Wishes(classes=5), Wishes(resolution=64), Wishes(channels=1)])
def test_what_the_teacher_fixes_cannot_be_chosen(wishes):
    given, output = TensorSpec("x", "float32", ("n", 3, 32, 32)), TensorSpec("y", "float32", ("n", 10))
    with pytest.raises(StudioError, match="of its teacher"):
        student(FAMILIES["resnet18"], [given], [output], wishes)
    same = replace(wishes, classes=10, resolution=32, channels=3, width=0.25)
    assert student(FAMILIES["resnet18"], [given], [output], same).graph.inputs[0].name == "x"


def test_small_images_are_not_shrunk_to_a_pixel():
    model = student(
        FAMILIES["mobilenet_v2"],
        [TensorSpec("x", "float32", ("n", 3, 32, 32))],
        [TensorSpec("y", "float32", ("n", 10))],
        SMALL,
    )
    last = [node for node in model.graph if node.op_type == "GlobalAveragePool"][-1]
    assert model.shapes[last.inputs[0].name][2:] == (4, 4)


@pytest.mark.parametrize(
    ("inputs", "outputs", "reason"),
    [
        ([("a", "float32", (1, 3, 8, 8)), ("b", "float32", (1, 3))], [("y", "float32", (1, 2))], "2 inputs"),
        ([("a", "int64", (1, 128))], [("y", "float32", (1, 2))], "takes images"),
        ([("a", "float32", None)], [("y", "float32", (1, 2))], "unknown shape"),
        ([("a", "string", (1, 3, 8, 8))], [("y", "float32", (1, 2))], "numbers"),
        ([("a", "float32", (1, 3, 32, 32))], [("y", "float32", (1, 2)), ("z", "float32", (1, 2))], "2"),
        ([("a", "float32", (1, 3, 32, 32))], [("y", "float32", (1, 21, 32, 32))], "one row of numbers"),
        ([("a", "float32", (1, 3, 32, 32))], [("y", "int64", (1,))], "one row of numbers"),
        ([("a", "float32", (1, 3, 32, 32))], [("y", "float32", (1, "k"))], "one row of numbers"),
    ],
)
def test_teachers_that_no_family_can_learn_from_are_refused_with_the_reason(inputs, outputs, reason):
    with pytest.raises(StudioError, match=reason):
        student(FAMILIES["resnet18"], [TensorSpec(*one) for one in inputs], [TensorSpec(*one) for one in outputs])
