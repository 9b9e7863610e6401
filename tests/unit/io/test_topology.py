import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from desktop_app.core.errors import InvalidFileError
from desktop_app.io.topology import check_functions, check_graph


def add(first: str, second: str, output: str, name: str = "") -> object:
    return helper.make_node("Add", [first, second], [output], name=name)


def branch(reads: str, gives: str) -> object:
    return helper.make_graph(
        [helper.make_node("Identity", [reads], [gives])],
        "branch",
        [],
        [helper.make_tensor_value_info(gives, TensorProto.FLOAT, [1])],
    )


def function(name: str, *calls: str) -> object:
    nodes = [helper.make_node(call, ["a"], ["b"], domain="local") for call in calls]
    return helper.make_function("local", name, ["a"], ["b"], nodes, [helper.make_opsetid("", 17)])


def test_tells_whether_nodes_are_sorted() -> None:
    first, second = add("x", "x", "a"), add("a", "x", "y")
    assert check_graph([first, second], "graph g", ["x"])
    assert not check_graph([second, first], "graph g", ["x"])


def test_what_a_branch_reads_counts() -> None:
    late = add("x", "x", "a")
    early = helper.make_node("If", ["x"], ["y"], then_branch=branch("a", "z"))
    assert not check_graph([early, late], "graph g", ["x"])
    assert check_graph([late, early], "graph g", ["x"])


def test_names_inside_a_branch_are_its_own() -> None:
    first = helper.make_node("If", ["x"], ["y"], then_branch=branch("x", "a"))
    assert check_graph([first, add("x", "x", "a")], "graph g", ["x"])


def test_optional_outputs_without_a_name_are_no_values() -> None:
    nodes = [helper.make_node("Dropout", ["x"], ["a", ""]), helper.make_node("Dropout", ["a"], ["y", ""])]
    assert check_graph(nodes, "graph g", ["x"])


def test_initializers_may_be_inputs_too() -> None:
    assert check_graph([add("x", "w", "y")], "graph g", ["x", "w"], ["w"])


@pytest.mark.parametrize(
    ("nodes", "inputs", "constants"),
    [
        ([add("x", "x", "y"), add("x", "x", "y")], ["x"], []),
        ([helper.make_node("Split", ["x"], ["y", "y"])], ["x"], []),
        ([add("x", "x", "x")], ["x"], []),
        ([add("x", "x", "w")], ["x"], ["w"]),
        ([], ["x", "x"], []),
        ([], [], ["w", "w"]),
    ],
)
def test_a_value_has_one_origin(nodes: list[object], inputs: list[str], constants: list[str]) -> None:
    with pytest.raises(InvalidFileError, match=r"The value [xyw] is defined twice in graph g"):
        check_graph(nodes, "graph g", inputs, constants)


def test_names_a_node_of_the_cycle_and_not_one_behind_it() -> None:
    nodes = [add("b", "x", "y", "behind"), add("x", "b", "a", "one"), add("a", "x", "b", "two")]
    with pytest.raises(InvalidFileError, match=r"Node (one|two) in graph g depends on its own output"):
        check_graph(nodes, "graph g", ["x"])


def test_a_cycle_through_a_branch_is_found() -> None:
    node = helper.make_node("If", ["x"], ["y"], name="if", then_branch=branch("y", "z"))
    with pytest.raises(InvalidFileError, match="Node if in graph g depends on its own output"):
        check_graph([node], "graph g", ["x"])


def test_functions_that_call_each_other_without_end_are_refused() -> None:
    check_functions([function("A", "B", "B"), function("B", "Add")])
    with pytest.raises(InvalidFileError, match=r"The function [AB] calls itself"):
        check_functions([function("A", "B"), function("B", "A")])
    with pytest.raises(InvalidFileError, match="defined twice"):
        check_functions([function("A"), function("A")])


@given(st.permutations(range(12)))
def test_a_chain_in_any_order_has_no_cycle(order: list[int]) -> None:
    nodes = [add(f"v{index}", "x", f"v{index + 1}") for index in order]
    assert check_graph(nodes, "graph g", ["x"]) == (order == sorted(order))
