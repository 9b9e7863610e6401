"""A grammar of blocks as they stand in real nets: hypothesis grows small nets of images and sequences from it.

Every block takes a tensor and gives one: images are (N, channels, 8, 8), sequences (N, 6, channels).
"""

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st
from onnx import TensorProto, helper

from desktop_app.graph.model import Model
from tests.unit.graph.channel_nets import Net

SIDE, STEPS = 8, 6

ZERO_KEEPING = ("Relu", "Tanh", "Elu", "LeakyRelu", "Softsign", "Erf")
OTHERS = ("Sigmoid", "HardSigmoid", "Softplus", "Exp", "Cos")

Block = Callable[[str, int], tuple[str, int]]


class Grower:
    """What the kinds of nets share.

    Args:
        draw: Of hypothesis.
        pure: Whether to leave out what makes something of nothing (Sigmoid), so that cut channels really were zero.
    """

    def __init__(self, draw: st.DrawFn, pure: bool) -> None:
        self.draw, self.pure = draw, pure
        self.net = Net(draw(st.sampled_from([13, 17, 18, 21])), seed=draw(st.integers(0, 99)))
        self.tensors: list[tuple[str, int]] = []

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def one_of(self, *options: object) -> "object":
        return self.draw(st.sampled_from(options))

    def vector(self, size: int) -> str:
        return self.net.const(self.net.rng.uniform(0.5, 1.5, size))

    def grow(self, blocks: list[Block], count: int) -> None:
        for _ in range(count):
            block = self.draw(st.sampled_from(blocks))
            self.tensors.append(block(*self.draw(st.sampled_from(self.tensors[-3:]))))

    def activation(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op(self.one_of(*ZERO_KEEPING, *(() if self.pure else OTHERS)), data), size

    def gelu(self, data: str, size: int) -> tuple[str, int]:
        grown = self.net.op("Erf", self.net.op("Div", data, self.net.const(1.41421)))
        half = self.net.op("Mul", data, self.net.op("Add", grown, self.net.const(1.0)))
        return self.net.op("Mul", half, self.net.const([0.5])), size

    def sizes(self, data: str, *picked: int) -> list[str]:
        """Sizes of axes as the graph computes them, each a vector of one."""
        shape = self.net.op("Shape", data)
        scalars = [self.net.op("Gather", shape, self.net.const(axis, np.int64), axis=0) for axis in picked]
        return [self.net.op("Unsqueeze", scalar, self.net.ints(0)) for scalar in scalars]

    def halves_by_shape(self, data: str, axis: int) -> list[str]:
        """x[:, : c // 2] and x[:, c // 2 :] as torch exports them when sizes are free."""
        (size,) = self.sizes(data, axis)
        half = self.net.op("Div", size, self.net.ints(2))
        end = self.net.op("Mul", half, self.net.ints(2))
        along = self.net.ints(axis)
        return [
            self.net.op("Slice", data, self.net.ints(0), half, along),
            self.net.op("Slice", data, half, end, along),
        ]


class Images(Grower):
    """Convolutional nets."""

    def __init__(self, draw: st.DrawFn, pure: bool) -> None:
        super().__init__(draw, pure)
        self.tensors.append(self.made(self.net.input("N", 3, SIDE, SIDE), 3))

    def made(self, data: str, read: int) -> tuple[str, int]:
        made = self.number(2, 6) * 2
        return self.net.conv(data, read, made, self.one_of(1, 3)), made

    def blocks(self) -> list[Block]:
        convolutions = [self.made, self.depthwise, self.grouped, self.transposed, self.quantised, self.fused]
        norms = [self.batch_norm, self.instance_norm, self.group_norm, self.group_norm_by_reshape, self.norm_2]
        coupled = [self.residual, self.dense, self.squeeze_excite, self.option_a, self.twins, self.mixed_up]
        moved = [
            self.shuffle,
            self.shuffle_by_shape,
            self.swap,
            self.swap_by_shape,
            self.slice,
            self.permute,
            self.interleaved,
        ]
        pointwise = [self.activation, self.gelu, self.prelu, self.chosen, self.scaled]
        odd = [self.tile, self.energy, self.branch, self.decoder, self.masked, self.fake_quantised]
        spatial = [self.depth_to_space, self.space_to_depth, self.resize, self.pool, self.spatial_softmax]
        return [*convolutions, *norms, *coupled, *moved, *pointwise, *spatial, *odd]

    def depthwise(self, data: str, size: int) -> tuple[str, int]:
        multiplier = self.number(1, 2)
        return self.net.conv(data, size, size * multiplier, 3, group=size), size * multiplier

    def grouped(self, data: str, size: int) -> tuple[str, int]:
        return self.net.conv(data, size, 6, group=2), 6

    def transposed(self, data: str, size: int) -> tuple[str, int]:
        groups, made = self.one_of(1, 2, size), 4
        made = size if groups == size else made
        weight = self.net.random(size, made // groups, 3, 3)
        return self.net.op("ConvTranspose", data, weight, self.net.random(made), group=groups, pads=[1] * 4), made

    def quantised(self, data: str, size: int) -> tuple[str, int]:
        weight = self.net.const(self.net.rng.integers(-127, 128, (4, size, 1, 1)), np.int8)
        scale = self.net.const(self.net.rng.uniform(0.002, 0.01, 4))
        decoded = self.net.op("DequantizeLinear", weight, scale, self.net.const(np.zeros(4), np.int8), axis=0)
        return self.net.op("Conv", data, decoded), 4

    def fused(self, data: str, size: int) -> tuple[str, int]:
        """A convolution with its residual and its activation in it, as ONNX Runtime saves them."""
        inputs = [data, self.net.random(size, size, 1, 1), self.net.random(size), data]
        return self.net.op("FusedConv", *inputs, activation="Relu", domain="com.microsoft"), size

    def batch_norm(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("BatchNormalization", data, *(self.vector(size) for _ in range(4))), size

    def instance_norm(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("InstanceNormalization", data, self.vector(size), self.vector(size)), size

    def group_norm(self, data: str, size: int) -> tuple[str, int]:
        if self.net.opset < 18:
            return self.batch_norm(data, size)
        length = size if self.net.opset >= 21 else 2
        return self.net.op("GroupNormalization", data, self.vector(length), self.vector(length), num_groups=2), size

    def group_norm_by_reshape(self, data: str, size: int) -> tuple[str, int]:
        grid = self.net.op("Reshape", data, self.net.ints(0, 2, -1))
        normed = self.net.op("InstanceNormalization", grid, self.net.const(np.ones(2)), self.net.const(np.zeros(2)))
        back = self.net.op("Reshape", normed, self.net.op("Shape", data))
        scaled = self.net.op("Mul", back, self.net.random(size, 1, 1))
        return self.net.op("Add", scaled, self.net.random(size, 1, 1)), size

    def norm_2(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("LpNormalization", self.net.op("Add", data, self.net.random(size, 1, 1)), axis=1, p=2), size

    def residual(self, data: str, size: int) -> tuple[str, int]:
        same = [name for name, other in self.tensors if other == size]
        other = self.draw(st.sampled_from([*same, self.net.conv(data, size, size)]))
        return self.net.op("Add", data, other), size

    def dense(self, data: str, size: int) -> tuple[str, int]:
        """DenseNet: normalised, made, and laid beside what was there."""
        normed, _ = self.batch_norm(data, size)
        grown = self.net.conv(self.net.op("Relu", normed), size, 4)
        return self.net.op("Concat", data, grown, axis=1), size + 4

    def squeeze_excite(self, data: str, size: int) -> tuple[str, int]:
        pooled = self.net.op("GlobalAveragePool", data)
        narrow = self.net.op("Relu", self.net.conv(pooled, size, 4))
        gate = self.net.op(self.one_of("Sigmoid", "HardSigmoid"), self.net.conv(narrow, 4, size))
        return self.net.op("Mul", data, gate), size

    def option_a(self, data: str, size: int) -> tuple[str, int]:
        before, after = self.number(0, 2), self.number(0, 2)
        after += (size + before + after) % 2
        wide = size + before + after
        padded = self.net.op("Pad", data, self.net.ints(0, before, 0, 0, 0, after, 0, 0))
        return self.net.op("Add", padded, self.net.conv(data, size, wide)), wide

    def twins(self, data: str, size: int) -> tuple[str, int]:
        """One weight, read by two nodes."""
        weight = self.net.random(4, size, 1, 1)
        left, right = (self.net.op("Conv", one, weight) for one in (data, self.net.op("Relu", data)))
        return self.net.op("Add" if self.one_of(True, False) else "Max", left, right), 4

    def mixed_up(self, data: str, size: int) -> tuple[str, int]:
        """Mixed by what cannot be cut."""
        if self.one_of(True, False):
            return self.net.op("LRN", data, size=3), size
        return self.net.op("Mul", data, self.net.op("Softmax", data, axis=1)), size

    def shuffle(self, data: str, size: int) -> tuple[str, int]:
        grid = self.net.op("Reshape", data, self.net.ints(0, 2, size // 2, SIDE, SIDE))
        swapped = self.net.op("Transpose", grid, perm=[0, 2, 1, 3, 4])
        return self.net.op("Reshape", swapped, self.net.ints(0, -1, SIDE, SIDE)), size

    def shuffle_by_shape(self, data: str, size: int) -> tuple[str, int]:
        samples, channels, height, width = self.sizes(data, 0, 1, 2, 3)
        part = self.net.op("Div", channels, self.net.ints(2))
        target = self.net.op("Concat", samples, self.net.ints(2), part, height, width, axis=0)
        swapped = self.net.op("Transpose", self.net.op("Reshape", data, target), perm=[0, 2, 1, 3, 4])
        back = self.net.op("Concat", samples, channels, height, width, axis=0)
        return self.net.op("Reshape", swapped, back), size

    def swap(self, data: str, size: int) -> tuple[str, int]:
        left, right = self.net.split(data, 2, 1)
        return self.net.op("Concat", right, self.net.op("Relu", left), axis=1), size

    def swap_by_shape(self, data: str, size: int) -> tuple[str, int]:
        left, right = self.halves_by_shape(data, 1)
        return self.net.op("Concat", right, self.net.op("Tanh", left), axis=1), size

    def slice(self, data: str, size: int) -> tuple[str, int]:
        start = self.number(0, size - 2)
        size = (size - start) // 2 * 2
        return self.net.op("Slice", data, self.net.ints(start), self.net.ints(start + size), self.net.ints(1)), size

    def interleaved(self, data: str, size: int) -> tuple[str, int]:
        even, odd = (
            self.net.op("Slice", data, self.net.ints(first), self.net.ints(size), self.net.ints(1), self.net.ints(2))
            for first in (0, 1)
        )
        return self.net.op("Concat", odd, self.net.op("Neg", even), axis=1), size

    def permute(self, data: str, size: int) -> tuple[str, int]:
        order = [*map(int, self.net.rng.permutation(size))][: size // 4 * 2 + 2]
        return self.net.op("Gather", data, self.net.ints(*order[:-1], order[-1] - size), axis=1), len(order)

    def prelu(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("PRelu", data, self.net.random(size, 1, 1)), size

    def chosen(self, data: str, size: int) -> tuple[str, int]:
        limit = self.net.random(size, 1, 1)
        return self.net.op("Where", self.net.op("Greater", data, limit), data, self.net.random(size, 1, 1)), size

    def scaled(self, data: str, size: int) -> tuple[str, int]:
        divided = self.net.op("Div", data, self.net.const(self.net.rng.uniform(0.5, 2, (size, 1, 1))))
        return self.net.op("Sub", self.net.op("Mul", divided, self.net.random(1, size, 1, 1)), divided), size

    def depth_to_space(self, data: str, size: int) -> tuple[str, int]:
        wide = self.net.op("DepthToSpace", self.net.conv(data, size, 16), blocksize=2, mode=self.one_of("DCR", "CRD"))
        return self.net.op("AveragePool", wide, kernel_shape=[2, 2], strides=[2, 2]), 4

    def space_to_depth(self, data: str, size: int) -> tuple[str, int]:
        narrow = self.net.op("SpaceToDepth", data, blocksize=2)
        made = self.net.conv(narrow, size * 4, 4)
        return self.net.op("Resize", made, "", self.net.const([1, 1, 2, 2]), mode="nearest"), 4

    def resize(self, data: str, size: int) -> tuple[str, int]:
        (samples,) = self.sizes(data, 0)
        target = self.net.op("Concat", samples, self.net.ints(size, SIDE, SIDE), axis=0)
        return self.net.op("Resize", data, "", "", target, mode="linear"), size

    def pool(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op(self.one_of("MaxPool", "AveragePool"), data, kernel_shape=[3, 3], pads=[1] * 4), size

    def spatial_softmax(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("Mul", data, self.net.op("Softmax", data, axis=-1)), size

    def tile(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("Tile", data, self.net.ints(1, 2, 1, 1)), size * 2

    def energy(self, data: str, size: int) -> tuple[str, int]:
        """Divided by what all channels sum up to."""
        total = self.net.op("ReduceSum", self.net.op("Mul", data, data), self.net.ints(1), keepdims=1)
        return self.net.op("Div", data, self.net.op("Add", total, self.net.const(1.0))), size

    def decoder(self, data: str, size: int) -> tuple[str, int]:
        """A vector that is made into an image again."""
        pooled = self.net.op("Flatten", self.net.op("GlobalAveragePool", data))
        image = self.net.op("Reshape", self.net.gemm(pooled, size, 4 * 16), self.net.ints(-1, 4, 4, 4))
        return self.net.op("ConvTranspose", image, self.net.random(4, 6, 2, 2), strides=[2, 2]), 6

    def masked(self, data: str, size: int) -> tuple[str, int]:
        """A single channel that is broadcast."""
        return self.net.op("Mul", data, self.net.conv(data, size, 1)), size

    def fake_quantised(self, data: str, size: int) -> tuple[str, int]:
        """Float weights between QuantizeLinear and DequantizeLinear, as in quantisation-aware training."""
        weight, scale, zero = self.net.random(4, size, 1, 1), self.vector(4), self.net.const(np.zeros(4), np.int8)
        stored = self.net.op("QuantizeLinear", weight, scale, zero, axis=0)
        return self.net.op("Conv", data, self.net.op("DequantizeLinear", stored, scale, zero, axis=0)), 4

    def branch(self, data: str, size: int) -> tuple[str, int]:
        """A condition whose bodies read the tensor."""
        bodies = []
        for op_type in ("Relu", "Neg"):
            result = f"{op_type}_{data}"
            info = helper.make_tensor_value_info(result, TensorProto.FLOAT, None)
            bodies.append(helper.make_graph([helper.make_node(op_type, [data], [result])], op_type, [], [info]))
        sign = self.net.op("Greater", self.net.op("ReduceSum", data, keepdims=0), self.net.const(0.0))
        chosen = self.net.op("If", sign, then_branch=bodies[0], else_branch=bodies[1])
        return self.net.conv(chosen, size, 4), 4

    def finish(self) -> Model:
        data, size = self.tensors[-1]
        if self.draw(st.booleans()):
            return self.net.model(self.net.gemm(self.net.op("Flatten", data), size * SIDE * SIDE, 3))
        pooled = self.net.op("Reshape", self.net.op("GlobalMaxPool", data), self.net.ints(-1, size))
        return self.net.model(self.net.op("MatMul", pooled, self.net.random(size, 3)))


class Sequences(Grower):
    """Transformers and recurrent nets."""

    def __init__(self, draw: st.DrawFn, pure: bool) -> None:
        super().__init__(draw, pure)
        if draw(st.booleans()):
            self.tensors.append(self.linear(self.net.input("N", STEPS, 3), 3))
        else:
            ids = self.net.op("Abs", self.net.input("N", STEPS, dtype=TensorProto.INT64))
            picked = self.net.op("Mod", ids, self.net.const(5, np.int64))
            self.tensors.append((self.net.op("Gather", self.net.random(5, 8), picked, axis=0), 8))

    def blocks(self) -> list[Block]:
        dense = [self.linear, self.mlp, self.einsum, self.fused_matmul, self.residual, self.bias_gelu, self.tied]
        norms = [self.layer_norm, self.skip_norm, self.unit_norm]
        heads = [self.heads, self.fused_heads, self.heads_by_shape, self.heads_by_width, self.heads_by_einsum]
        mixers = [*heads, self.query_norm, self.single_head, self.fused_attention, self.multi_head]
        return [*dense, *norms, *mixers, self.recurrent, self.recurrent, self.activation, self.gelu]

    def linear(self, data: str, size: int) -> tuple[str, int]:
        made = self.number(2, 4) * 2
        return self._linear(data, size, made), made

    def _linear(self, data: str, size: int, made: int) -> str:
        return self.net.op("Add", self.net.op("MatMul", data, self.net.random(size, made)), self.net.random(made))

    def mlp(self, data: str, size: int) -> tuple[str, int]:
        hidden, _ = self.gelu(self._linear(data, size, 6), 6)
        return self.net.op("Add", data, self._linear(hidden, 6, size)), size

    def einsum(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("Einsum", data, self.net.random(4, size), equation="bld,od->blo"), 4

    def fused_matmul(self, data: str, size: int) -> tuple[str, int]:
        weight = self.net.random(4, size)
        return self.net.op("FusedMatMul", data, weight, transB=1, domain="com.microsoft"), 4

    def residual(self, data: str, size: int) -> tuple[str, int]:
        return self.net.op("Add", data, self._linear(data, size, size)), size

    def tied(self, data: str, size: int) -> tuple[str, int]:
        """One matrix there and, transposed, back."""
        weight = self.net.random(size, 6)
        there = self.net.op("Relu", self.net.op("MatMul", data, weight))
        return self.net.op("MatMul", there, self.net.op("Transpose", weight, perm=[1, 0])), size

    def bias_gelu(self, data: str, size: int) -> tuple[str, int]:
        made = self.net.op("MatMul", data, self.net.random(size, 6))
        return self.net.op("BiasGelu", made, self.net.random(6), domain="com.microsoft"), 6

    def layer_norm(self, data: str, size: int) -> tuple[str, int]:
        if self.net.opset < 17:
            return self.unit_norm(data, size)
        return self.net.op("LayerNormalization", data, self.vector(size), self.vector(size)), size

    def skip_norm(self, data: str, size: int) -> tuple[str, int]:
        other = self._linear(data, size, size)
        parameters = [self.vector(size), self.vector(size)]
        return self.net.op("SkipLayerNormalization", data, other, *parameters, domain="com.microsoft"), size

    def unit_norm(self, data: str, size: int) -> tuple[str, int]:
        length = self.net.op("ReduceSum", self.net.op("Mul", data, data), self.net.ints(-1), keepdims=1)
        return self.net.op("Div", data, self.net.op("Sqrt", self.net.op("Add", length, self.net.const(0.1)))), size

    def heads(self, data: str, size: int) -> tuple[str, int]:
        """Projections, heads, scores, softmax, sum, merge."""
        query, key, value = (
            self.net.op(
                "Transpose", self.net.op("Reshape", self._linear(data, size, 8), self.net.ints(0, 0, 4, 2)), perm=order
            )
            for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        )
        return self._merged(query, key, value, size)

    def heads_by_shape(self, data: str, size: int) -> tuple[str, int]:
        """Heads as GPT-2 computes them: the width divided by their number, and their number times their size."""
        parts = []
        for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]):
            made = self._linear(data, size, 8)
            samples, steps, width = self.sizes(made, 0, 1, 2)
            each = self.net.op("Div", width, self.net.ints(4))
            target = self.net.op("Concat", samples, steps, self.net.ints(4), each, axis=0)
            parts.append(self.net.op("Transpose", self.net.op("Reshape", made, target), perm=order))
        scores = self.net.op("Softmax", self.net.op("MatMul", *parts[:2]), axis=-1)
        mixed = self.net.op("Transpose", self.net.op("MatMul", scores, parts[2]), perm=[0, 2, 1, 3])
        samples, steps, heads, each = self.sizes(mixed, 0, 1, 2, 3)
        target = self.net.op("Concat", samples, steps, self.net.op("Mul", heads, each), axis=0)
        return self._linear(self.net.op("Reshape", mixed, target), 8, size), size

    def heads_by_width(self, data: str, size: int) -> tuple[str, int]:
        """Heads as timm computes them: all sizes are those of the block's input."""
        data = self._linear(data, size, 8)
        samples, steps, width = self.sizes(data, 0, 1, 2)
        each = self.net.op("Div", width, self.net.ints(4))
        target = self.net.op("Concat", samples, steps, self.net.ints(3), self.net.ints(4), each, axis=0)
        grid = self.net.op("Reshape", self._linear(data, 8, 24), target)
        grid = self.net.op("Transpose", grid, perm=[2, 0, 3, 1, 4])
        query, key, value = (self.net.op("Gather", grid, self.net.const(i, np.int64), axis=0) for i in range(3))
        scores = self.net.op("MatMul", query, self.net.op("Transpose", key, perm=[0, 1, 3, 2]))
        mixed = self.net.op("MatMul", self.net.op("Softmax", scores, axis=-1), value)
        target = self.net.op("Concat", samples, steps, width, axis=0)
        merged = self.net.op("Reshape", self.net.op("Transpose", mixed, perm=[0, 2, 1, 3]), target)
        return self.net.op("Add", data, self._linear(merged, 8, 8)), 8

    def query_norm(self, data: str, size: int) -> tuple[str, int]:
        """Queries and keys normalised within each head; keys shared by two heads each."""
        query = self.net.op("Reshape", self._linear(data, size, 8), self.net.ints(0, 0, 4, 2))
        if self.net.opset >= 17:
            query = self.net.op("LayerNormalization", query, self.vector(2), self.vector(2))
        key, value = (
            self.net.op("Reshape", self._linear(data, size, 4), self.net.ints(0, 0, 2, 1, 2)) for _ in range(2)
        )
        key, value = (
            self.net.op("Reshape", self.net.op("Expand", one, self.net.ints(1, 1, 2, 2, 2)), self.net.ints(0, 0, 4, 2))
            for one in (key, value)
        )
        moved = [self.net.op("Transpose", one, perm=[0, 2, 1, 3]) for one in (query, value)]
        return self._merged(moved[0], self.net.op("Transpose", key, perm=[0, 2, 3, 1]), moved[1], size)

    def fused_heads(self, data: str, size: int) -> tuple[str, int]:
        """One projection for queries, keys and values, as timm and nanoGPT have it."""
        made = self._linear(data, size, 24)
        if self.one_of(True, False):
            grid = self.net.op(
                "Transpose", self.net.op("Reshape", made, self.net.ints(0, 0, 3, 4, 2)), perm=[2, 0, 3, 1, 4]
            )
            parts = [self.net.op("Gather", grid, self.net.const(i, np.int64), axis=0) for i in range(3)]
        else:
            grids = [self.net.op("Reshape", part, self.net.ints(0, 0, 4, 2)) for part in self.net.split(made, 3, 2)]
            parts = [self.net.op("Transpose", grid, perm=[0, 2, 1, 3]) for grid in grids]
        return self._merged(parts[0], self.net.op("Transpose", parts[1], perm=[0, 1, 3, 2]), parts[2], size)

    def _merged(self, query: str, key: str, value: str, size: int) -> tuple[str, int]:
        scores = self.net.op("Softmax", self.net.op("MatMul", query, key), axis=-1)
        mixed = self.net.op("Transpose", self.net.op("MatMul", scores, value), perm=[0, 2, 1, 3])
        return self._linear(self.net.op("Reshape", mixed, self.net.ints(0, 0, 8)), 8, size), size

    def single_head(self, data: str, size: int) -> tuple[str, int]:
        """Without heads: queries and keys lose dimensions together, values on their own."""
        query, key, value = (self._linear(data, size, 6) for _ in range(3))
        if not self.pure and self.one_of(True, False):
            query, key = self.net.op("Exp", query), self.net.op("Sigmoid", key)
        scores = self.net.op("MatMul", query, self.net.op("Transpose", key, perm=[0, 2, 1]))
        mixed = self.net.op("MatMul", self.net.op("Softmax", scores, axis=-1), value)
        return self._linear(mixed, 6, size), size

    def heads_by_einsum(self, data: str, size: int) -> tuple[str, int]:
        query, key, value = (
            self.net.op("Einsum", data, self.net.random(size, 4, 2), equation="bld,dhk->blhk") for _ in range(3)
        )
        scores = self.net.op("Softmax", self.net.op("Einsum", query, key, equation="blhk,bmhk->bhlm"), axis=-1)
        mixed = self.net.op("Einsum", scores, value, equation="bhlm,bmhk->blhk")
        return self.net.op("Einsum", mixed, self.net.random(4, 2, size), equation="blhk,hkd->bld"), size

    def fused_attention(self, data: str, size: int) -> tuple[str, int]:
        weight, bias = self.net.random(size, 24), self.net.random(24)
        made = self.net.op("Attention", data, weight, bias, num_heads=4, domain="com.microsoft")
        return self._linear(made, 8, size), size

    def multi_head(self, data: str, size: int) -> tuple[str, int]:
        parts = [self.net.op("MatMul", data, self.net.random(size, 8)) for _ in range(3)]
        made = self.net.op("MultiHeadAttention", *parts, self.net.random(24), num_heads=4, domain="com.microsoft")
        return self._linear(made, 8, size), size

    def recurrent(self, data: str, size: int) -> tuple[str, int]:
        """LSTM, GRU or RNN, in one direction or both, with initial states or without."""
        op_type, gates = self.one_of(("LSTM", 4), ("GRU", 3), ("RNN", 1))
        direction, ways = self.one_of(("forward", 1), ("reverse", 1), ("bidirectional", 2))
        hidden = self.number(2, 4)
        rows = gates * hidden
        weights = [
            self.net.random(ways, rows, size),
            self.net.random(ways, rows, hidden),
            self.net.random(ways, 2 * rows),
        ]
        states = [""] * self.one_of(0, 3 if op_type == "LSTM" else 2)
        if states:
            states[1:] = [self._state(data, ways, hidden) for _ in states[1:]]
        if len(states) == 3 and self.one_of(True, False):
            states.append(self.net.random(ways, 3 * hidden))
        steps_first = self.net.op("Transpose", data, perm=[1, 0, 2])
        inputs, more = [steps_first, *weights, *states], {"hidden_size": hidden, "direction": direction}
        made = self.net.op(op_type, *inputs, outputs=2, **more)[0]
        merged = self.net.op("Transpose", made, perm=[2, 0, 1, 3])
        return self.net.op("Reshape", merged, self.net.ints(0, 0, -1)), ways * hidden

    def _state(self, data: str, ways: int, hidden: int) -> str:
        """Zeros of the right shape, as exporters make them; or a constant for each unit."""
        (samples,) = self.sizes(data, 0)
        shape = self.net.op("Concat", self.net.ints(ways), samples, self.net.ints(hidden), axis=0)
        made = self.one_of("ConstantOfShape", "zeros", "constants")
        if made == "ConstantOfShape":
            return self.net.op("ConstantOfShape", shape)
        return self.net.op(
            "Expand", self.net.const(0.0) if made == "zeros" else self.net.random(ways, 1, hidden), shape
        )

    def finish(self) -> Model:
        data, size = self.tensors[-1]
        if self.draw(st.booleans()):
            data = self.net.op("ReduceMax", data, *self._axes(1)) if self.net.opset >= 18 else data
        return self.net.model(self.net.op("MatMul", data, self.net.random(size, 3)))

    def _axes(self, axis: int) -> list[str]:
        return [self.net.ints(axis)]


@st.composite
def image_nets(draw: st.DrawFn, pure: bool = False) -> Model:
    images = Images(draw, pure)
    images.grow(images.blocks(), draw(st.integers(1, 7)))
    return images.finish()


@st.composite
def sequence_nets(draw: st.DrawFn, pure: bool = False) -> Model:
    sequences = Sequences(draw, pure)
    sequences.grow(sequences.blocks(), draw(st.integers(1, 5)))
    return sequences.finish()
