from desktop_app.graph.support import why_not_runnable
from tests.unit.graph.nets import conv_norm, net


def test_known_operators_are_no_reason():
    assert why_not_runnable(conv_norm()) == ""
    fused = net("g (float[2] x) => (y) { y = com.microsoft.Gelu(x) }", domains=("com.microsoft",))
    assert why_not_runnable(fused) == ""


def test_operators_that_are_only_functions_of_others_are_known():
    assert why_not_runnable(net("g (float[2] x) => (y) { y = Mish(x) }", opset=18)) == ""


def test_unknown_operators_are_named_wherever_they_are():
    model = net(
        """g (bool c, float[2] x) => (y) {
            y = If(c) <then_branch = t () => (float[2] a) { a = some.where.Magic(x) },
                       else_branch = e () => (float[2] b) { b = com.microsoft.RestorePadding(x) }>
        }""",
        domains=("some.where", "com.microsoft"),
    )
    assert why_not_runnable(model).startswith(
        "ONNX Runtime has no operator com.microsoft.RestorePadding, some.where.Magic:"
    )
