from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.bench.kernel import Kernel, kernel_of_layer, kernels_of
from desktop_app.graph.model import Model
from tests.unit.graph.nets import conv_norm, net, normal


def depthwise_net() -> Model:
    return net(
        """g (float[N, 6, 15, 15] x) => (float[N, 6, 8, 8] y) {
            c = Conv<group = 6, strides = [2, 2], auto_pad = "SAME_UPPER">(x, w)
            y = Relu(c)
        }""",
        w=normal(6, 1, 3, 3),
    )


def test_the_row_of_the_table_gives_the_kernel_that_the_node_gives() -> None:
    model = conv_norm()
    kernels = kernels_of(model)
    assert set(kernels) == {"c", "r", "p", "y"}
    assert kernels["c"] == Kernel("Conv", (1, 3, 8, 8), 4, (3, 3), (1, 1), (2, 2), (1, 1), 1, "")
    assert kernel_of_layer(model.layer("y")) == kernels["y"] == Kernel("Gemm", (1, 4), 10)
    assert kernel_of_layer(model.layer("c"), 8) == Kernel(
        "Conv", (1, 3, 8, 8), 4, (3, 3), (1, 1), (2, 2), (1, 1), 1, "Relu", 8
    )


def test_a_fused_activation_is_part_of_the_convolution() -> None:
    (kernel,) = kernels_of(depthwise_net()).values()
    assert kernel == Kernel("Conv", (1, 6, 15, 15), 6, (3, 3), (2, 2), (2, 2), (1, 1), 6, "Relu")
    assert kernel.depthwise


def test_bits_are_those_of_the_node() -> None:
    assert {name: one.bits for name, one in kernels_of(conv_norm(), {"c": 8}).items()} == {
        "c": 8,
        "r": 32,
        "p": 32,
        "y": 32,
    }


def test_widths_of_a_depthwise_convolution_go_together() -> None:
    kernel = kernels_of(depthwise_net())["c"].resized(4, 1)
    assert (kernel.input_shape[1], kernel.outputs, kernel.group, kernel.weights) == (4, 4, 4, 36)


def test_widths_of_a_grouped_convolution_count_for_each_group() -> None:
    kernel = Kernel("Conv", (1, 8, 5, 5), 8, (1, 1), (1, 1), (0, 0), (1, 1), 2).resized(6, 3)
    assert (kernel.input_shape, kernel.outputs, kernel.weights) == ((1, 6, 5, 5), 6, 18)
    assert Kernel("MatMul", (1, 7, 16), 5).resized(4, 8) == Kernel("MatMul", (1, 7, 8), 4)


def test_recurrent_layers_have_no_kernel() -> None:
    model = net(
        "g (float[4, 1, 3] x) => (y) { y = LSTM<hidden_size = 2>(x, w, r) }", w=normal(1, 8, 3), r=normal(1, 8, 2)
    )
    assert kernel_of_layer(model.layer("y")) is None


@dataclass
class Window:
    wide: int
    extent: int
    stride: int
    pad: int


@given(st.builds(Window, st.integers(4, 64), st.integers(1, 7), st.integers(1, 3), st.integers(0, 3)))
def test_strides_and_padding_told_by_sizes_give_these_sizes(window: Window) -> None:
    if window.extent > window.wide + 2 * window.pad or window.pad >= window.extent:
        return
    model = net(
        f"""g (float[1, 2, {window.wide}, {window.wide}] x) => (y) {{
            y = Conv<strides = [{window.stride}, {window.stride}], pads = [{window.pad}, {window.pad},
            {window.pad}, {window.pad}]>(x, w)
        }}""",
        w=normal(3, 2, window.extent, window.extent),
    )
    layer = model.layer("y")
    kernel = kernel_of_layer(layer)
    assert kernel is not None
    taps = kernel.dilations[0] * (window.extent - 1) + 1
    out = (window.wide + kernel.pads[0] - taps) // kernel.strides[0] + 1
    assert out == pytest.approx(layer.output_shape[2], abs=1)


def test_dilated_convolutions_keep_their_size() -> None:
    model = net(
        "g (float[1, 2, 16, 16] x) => (y) { y = Conv<dilations = [2, 2], pads = [2, 2, 2, 2]>(x, w) }",
        w=normal(3, 2, 3, 3),
    )
    assert kernels_of(model)["y"].dilations == (2, 2)
