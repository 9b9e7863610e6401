from desktop_app.graph.model import Model
from desktop_app.steps.int8.plan import make_plan
from tests.unit.steps.int8_nets import Net, mobile_net, residual_net


def layers_of(model: Model) -> list[str]:
    return [node.name or "" for node in model.graph if node.op_type in ("Conv", "Gemm", "MatMul")]


def test_integers_flow_from_the_input_to_the_last_layer_whose_result_is_float() -> None:
    model = mobile_net()
    plan = make_plan(model, layers_of(model))
    assert list(plan.groups) == ["x", "a", "b", "c", "pooled", "flat"]
    assert plan.absorbed == {"a", "b", "c"}
    assert plan.combined == {"pooled"}
    assert plan.moved == {"flat"}
    assert plan.groups["flat"] == "pooled"
    assert plan.sources == ("x", "a", "b", "c", "pooled")


def test_shortcuts_move_integers_and_add_combines_them() -> None:
    model = residual_net()
    plan = make_plan(model, layers_of(model))
    assert plan.moved == {"shortcut"}
    assert plan.combined == {"sum"}
    assert plan.groups["shortcut"] == "a"
    assert "last" in plan.native


def test_what_only_float_layers_read_stays_float() -> None:
    model = mobile_net()
    plan = make_plan(model, ["first", "depthwise", "pointwise"])
    assert list(plan.groups) == ["x", "a", "b", "c"]
    assert not plan.combined
    assert not plan.moved


def test_a_float_layer_between_gets_the_float() -> None:
    model = mobile_net()
    plan = make_plan(model, ["pointwise"])
    assert list(plan.groups) == ["b", "c"]
    assert plan.native == {"c"}


def test_concatenated_values_share_a_scale() -> None:
    net = Net()
    net.op("Relu", [net.conv("one", "x", 3, 4)], "a")
    net.conv("two", "x", 3, 4)
    net.op("Concat", ["a", "two"], "both", axis=1)
    net.conv("last", "both", 8, 4)
    model = net.model(["n", 3, 8, 8], "last")
    plan = make_plan(model, layers_of(model))
    assert {plan.groups[name] for name in ("a", "two", "both")} == {"a"}


def test_an_activation_that_is_not_alone_is_not_absorbed() -> None:
    net = Net()
    net.conv("one", "x", 3, 4)
    net.op("Relu", ["one"], "a")
    net.op("Add", ["one", "a"], "sum")
    net.conv("last", "sum", 4, 4)
    model = net.model(["n", 3, 8, 8], "last")
    plan = make_plan(model, layers_of(model))
    assert not plan.absorbed
    assert {"one", "a", "sum"} <= set(plan.groups)
