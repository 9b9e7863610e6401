"""Writes a chain of links into the graph, in the place of a layer's node; their weights are filled in afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from desktop_app.core.rank import Factor
from desktop_app.core.stack import Stack
from desktop_app.graph.constants import set_tensor
from desktop_app.graph.model import ORIGIN_KEY
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.factorisation.padding import pads_of
from desktop_app.steps.factorisation.systems import System

Attributes = Mapping[str, ir.Attr]

NAMES = {2: ("rank_in", "rank_out"), 3: ("rank_in", "rank_core", "rank_out")}
SEPARABLE_NAMES = ("depthwise", "pointwise")


@dataclass(frozen=True)
class Chain:
    """The links that stand in a layer's place.

    Attributes:
        nodes: In the order of execution.
        weights: The constant of each.
        transposed: Which of them are stored with the inputs first.
        bias: The constant that the last link adds, if it is the chain's own.
    """

    nodes: tuple[ir.Node, ...]
    weights: tuple[ir.Value, ...]
    transposed: tuple[bool, ...]
    bias: ir.Value | None

    def fill(self, links: Sequence[np.ndarray], bias: np.ndarray | None) -> bool:
        """Stores the weights (outputs, inputs, kernel ...) of all links; False, and nothing stored, if not finite."""
        arrays = [
            (link.T if turned else link).astype(np.float32) for link, turned in zip(links, self.transposed, strict=True)
        ]
        values = [*self.weights]
        if self.bias is not None and bias is not None:
            values.append(self.bias)
            arrays.append(bias.astype(np.float32))
        if not all(np.isfinite(array).all() for array in arrays):
            return False
        for value, array in zip(values, arrays, strict=True):
            set_tensor(value, array)
        return True


def link_shapes(system: System, factor: Factor) -> tuple[tuple[int, ...], ...]:
    """Shapes of the links' weights, (outputs, inputs, kernel ...)."""
    outputs, inputs, kernel = system.layer.output.size, system.layer.input.size, system.kernel
    ones, first, last = (1,) * len(kernel), factor.ranks[0], factor.ranks[-1]
    if factor.kind == "spatial":
        return (first, inputs, kernel[0], 1), (outputs, first, 1, kernel[1])
    if factor.kind == "tucker2":
        return (first, inputs, *ones), (last, first, *kernel), (outputs, last, *ones)
    if factor.kind == "cp":
        return (first, inputs, *ones), (first, 1, *kernel), (outputs, first, *ones)
    if factor.kind == "separable":
        return (first, 1, *kernel), (outputs, first, *ones)
    if factor.stack is not None:
        channels = (inputs, *factor.ranks, outputs)
        return tuple(
            (made, read, *extents)
            for made, read, extents in zip(channels[1:], channels, factor.stack.extents, strict=False)
        )
    return (first, inputs, *kernel), (outputs, first, *ones)


def write_chain(editor: GraphEditor, system: System, factor: Factor) -> Chain:
    """Puts the nodes of a chain in the place of the layer's node; the last of them gives what that gave."""
    writer = _Writer(editor, system)
    shapes = link_shapes(system, factor)
    op_type = system.weight.node.op_type
    if factor.stack is not None:
        chain = writer.stack(factor.stack, shapes)
    elif op_type == "Conv":
        chain = writer.convolutions(factor, shapes)
    elif op_type == "Gemm":
        chain = writer.gemm(shapes)
    else:
        chain = writer.matrices(shapes)
    editor.before(writer.old, writer.nodes)
    editor.drop(writer.old, writer.nodes[-1].outputs[0])
    return chain


class _Writer:
    """Writes one link after the other; `nodes` are those written."""

    def __init__(self, editor: GraphEditor, system: System) -> None:
        self._editor = editor
        self._system = system
        self.old = editor.node_like(system.weight.node)
        self._origin = system.layer.origin or system.layer.name
        self.nodes: list[ir.Node] = []
        self._bias_value: ir.Value | None = None

    def convolutions(self, factor: Factor, shapes: Sequence[tuple[int, ...]]) -> Chain:
        """A convolution for each link; stride, padding and dilation go where the kernel goes."""
        every = tuple(range(len(shapes[0]) - 2))
        own = {"spatial": ((0,), (1,)), "tucker2": ((), every, ()), "cp": ((), every, ())}.get(factor.kind, (every, ()))
        names = SEPARABLE_NAMES if factor.kind == "separable" else NAMES[len(shapes)]
        again = factor.ranks[0] // self._system.layer.input.size if factor.kind == "separable" else 1
        if again > 1:  # one kernel for each channel is what ONNX Runtime is fast at: several take twice as long
            self._add("Concat", [self._input()] * again, "widened", {"axis": ir.AttrInt64("axis", 1)})
        weights = []
        for name, shape, axes in zip(names, shapes, own, strict=True):
            weights.append(self._constant(name, shape))
            bias = self._bias(name) if name == names[-1] else ()
            attributes = dict(self._geometry(shape[2:], axes))
            if factor.kind == "cp" and name == "rank_core":
                attributes["group"] = ir.AttrInt64("group", shape[0])
            if name == "depthwise":
                attributes["group"] = ir.AttrInt64("group", shape[0])
            self._add("Conv", [self._input(), weights[-1], *bias], name, attributes)
        return self._chain(weights, (False,) * len(weights))

    def stack(self, stack: Stack, shapes: Sequence[tuple[int, ...]]) -> Chain:
        """Small kernels. The first has all of the padding: what is outside the picture is so the same to all."""
        ones = (1,) * len(stack.strides)
        weights = []
        for number, shape in enumerate(shapes):
            name, last = f"stack_{number + 1}", number == len(shapes) - 1
            weights.append(self._constant(name, shape))
            sizes = {
                "kernel_shape": shape[2:],
                "strides": ones if number else stack.strides,
                "dilations": stack.dilations,
                "pads": () if number else pads_of(self._system.weight.node, self._system.layer),
            }
            attributes = {key: ir.AttrInt64s(key, list(given)) for key, given in sizes.items() if given}
            self._add("Conv", [self._input(), weights[-1], *(self._bias(name) if last else ())], name, attributes)
        return self._chain(weights, (False,) * len(weights))

    def gemm(self, shapes: Sequence[tuple[int, ...]]) -> Chain:
        """A product with no scale and no bias, then a Gemm; the factors take the scale in, and the bias its own."""
        (rank, inputs), (outputs, _) = shapes
        attributes = {name: one for name, one in self.old.attributes.items() if name not in ("transA", "alpha")}
        first = self._constant("rank_in", (inputs, rank))
        if self.old.attributes.get_int("transA", 0):
            self._add("Gemm", [self._input(), first], "rank_in", {"transA": ir.AttrInt64("transA", 1)})
        else:
            self._add("MatMul", [self._input(), first], "rank_in", {})
        stored_so = self.old.attributes.get_int("transB", 0) != 0
        last = self._constant("rank_out", (outputs, rank) if stored_so else (rank, outputs))
        bias = self._bias("rank_out")
        if self._bias_value is not None:
            attributes.pop("beta", None)
        self._add("Gemm", [self._input(), last, *bias], "rank_out", attributes)
        return self._chain([first, last], (True, not stored_so))

    def matrices(self, shapes: Sequence[tuple[int, ...]]) -> Chain:
        """Two products."""
        weights = []
        for name, (outputs, inputs) in zip(NAMES[2], shapes, strict=True):
            weights.append(self._constant(name, (inputs, outputs)))
            self._add("MatMul", [self._input(), weights[-1]], name, {})
        return self._chain(weights, (True, True))

    def _chain(self, weights: Sequence[ir.Value], transposed: tuple[bool, ...]) -> Chain:
        return Chain(tuple(self.nodes), tuple(weights), transposed, self._bias_value)

    def _geometry(self, kernel: Sequence[int], own: Sequence[int]) -> Attributes:
        """The layer's attributes on the spatial axes `own`, and none on the others."""
        geometry = {"kernel_shape": ir.AttrInt64s("kernel_shape", list(kernel))}
        if not own:
            return geometry
        count, whole = len(kernel), self.old.attributes
        for name, ends, neutral in (("strides", 1, 1), ("dilations", 1, 1), ("pads", 2, 0)):
            if name in whole:
                sizes = whole[name].as_ints()
                kept = [size if index % count in own else neutral for index, size in enumerate(sizes[: count * ends])]
                geometry[name] = ir.AttrInt64s(name, kept)
        return {**geometry, **({"auto_pad": whole["auto_pad"]} if "auto_pad" in whole else {})}

    def _input(self) -> ir.Value | None:
        """What the next link reads."""
        return self.nodes[-1].outputs[0] if self.nodes else self.old.inputs[0]

    def _bias(self, link: str) -> tuple[ir.Value, ...]:
        """The last link's bias: one of the chain's own, with the layer's values, or the layer's own."""
        old = self.old.inputs[2] if len(self.old.inputs) > 2 else None
        if old is None:
            return ()
        if not self._system.bias.may_change:
            return (old,)
        content = self._system.offset.astype(np.float32)
        self._bias_value = self._editor.constant(f"{self.old.name}/{link}.bias", content)
        return (self._bias_value,)

    def _constant(self, link: str, shape: tuple[int, ...]) -> ir.Value:
        return self._editor.constant(f"{self.old.name}/{link}.weight", np.zeros(shape, np.float32))

    def _add(self, op_type: str, inputs: Sequence[ir.Value | None], link: str, attributes: Attributes) -> None:
        node = self._editor.node(op_type, inputs, f"{self.old.name}/{link}", attributes)
        node.metadata_props.update({**self.old.metadata_props, ORIGIN_KEY: self._origin})
        self.nodes.append(node)
