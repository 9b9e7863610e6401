"""Writes a chain of factors into the graph, in the place of the layer's node."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx_ir as ir

from desktop_app.graph.model import ORIGIN_KEY
from desktop_app.steps.editor import GraphEditor
from desktop_app.steps.factorisation.factoring import Chain
from desktop_app.steps.targets import LayerWeight

Attributes = Mapping[str, ir.Attr]

LINKS = {2: ("rank_in", "rank_out"), 3: ("rank_in", "rank_core", "rank_out")}


def write_chain(editor: GraphEditor, weight: LayerWeight, chain: Chain) -> None:
    """Puts the nodes of the chain in the place of the layer's node; the last of them gives what that gave."""
    writer = _Writer(editor, weight)
    if weight.node.op_type == "Conv":
        writer.convolutions(chain)
    elif weight.node.op_type == "Gemm":
        writer.gemm(chain)
    else:
        writer.matrices(chain)
    editor.before(writer.old, writer.nodes)
    editor.drop(writer.old, writer.nodes[-1].outputs[0])


class _Writer:
    """Writes one link after the other; `nodes` are those written."""

    def __init__(self, editor: GraphEditor, weight: LayerWeight) -> None:
        self._editor = editor
        self.old = editor.node_like(weight.node)
        self._origin = weight.layer.origin or weight.layer.name
        self.nodes: list[ir.Node] = []

    def convolutions(self, chain: Chain) -> None:
        """A convolution for each link; stride, padding and dilation go where the kernel goes."""
        every = tuple(range(chain.weights[0].ndim - 2))
        axes = {"spatial": ((0,), (1,)), "tucker2": ((), every, ())}.get(chain.factor.kind, (every, ()))
        for name, weight, own in zip(LINKS[len(chain.weights)], chain.weights, axes, strict=True):
            bias = self._bias(chain) if name == "rank_out" else ()
            attributes = self._geometry(weight.shape[2:], own)
            self._add("Conv", [self._input(), self._constant(name, weight), *bias], name, attributes)

    def gemm(self, chain: Chain) -> None:
        """A product with no scale and no bias, then a Gemm with all that the layer had."""
        down, up = chain.weights
        attributes = dict(self.old.attributes)
        if attributes.pop("transA", ir.AttrInt64("transA", 0)).as_int():
            transposed = {"transA": ir.AttrInt64("transA", 1)}
            self._add("Gemm", [self._input(), self._constant("rank_in", down.T)], "rank_in", transposed)
        else:
            self._add("MatMul", [self._input(), self._constant("rank_in", down.T)], "rank_in", {})
        stored = up if self.old.attributes.get_int("transB", 0) else up.T
        if chain.bias is not None:
            attributes["beta"] = ir.AttrFloat32("beta", 1.0)
        inputs = [self._input(), self._constant("rank_out", stored), *self._bias(chain)]
        self._add("Gemm", inputs, "rank_out", attributes)

    def matrices(self, chain: Chain) -> None:
        """Two products."""
        for name, weight in zip(LINKS[2], chain.weights, strict=True):
            self._add("MatMul", [self._input(), self._constant(name, weight.T)], name, {})

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

    def _bias(self, chain: Chain) -> tuple[ir.Value, ...]:
        """The last link's bias: the chain's, in the shape of the layer's, or the layer's own; nothing without one."""
        old = self.old.inputs[2] if len(self.old.inputs) > 2 else None
        if old is None:
            return ()
        return (old,) if chain.bias is None else (self._constant("rank_out", chain.bias, "bias"),)

    def _constant(self, link: str, array: np.ndarray, role: str = "weight") -> ir.Value:
        return self._editor.constant(f"{self.old.name}/{link}.{role}", array)

    def _add(self, op_type: str, inputs: Sequence[ir.Value | None], link: str, attributes: Attributes) -> None:
        node = self._editor.node(op_type, inputs, f"{self.old.name}/{link}", attributes)
        node.metadata_props.update({**self.old.metadata_props, ORIGIN_KEY: self._origin})
        self.nodes.append(node)
