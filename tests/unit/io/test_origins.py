import pytest
from onnx import TensorProto, helper

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.origins import check_origins


def branch(reads: str) -> object:
    gives = helper.make_tensor_value_info("z", TensorProto.FLOAT, [1])
    return helper.make_graph([helper.make_node("Identity", [reads], ["z"])], "branch", [], [gives])


def test_inputs_constants_and_results_are_origins() -> None:
    nodes = [helper.make_node("Conv", ["x", "w", ""], ["a"]), helper.make_node("Relu", ["a"], ["y"])]
    check_origins(nodes, ["x", "w"], ["y", "x"], "graph g")


@pytest.mark.parametrize(
    ("node", "results"),
    [
        (helper.make_node("MatMul", ["x", "nowhere"], ["y"], name="n"), ["y"]),
        (helper.make_node("If", ["x"], ["y"], then_branch=branch("nowhere")), ["y"]),
        (helper.make_node("Relu", ["x"], ["y"]), ["nowhere"]),
    ],
)
def test_a_value_that_nothing_makes_is_refused(node: object, results: list[str]) -> None:
    with pytest.raises(InvalidFileError, match="Nothing makes the value nowhere"):
        check_origins([node], ["x"], results, "graph g")
