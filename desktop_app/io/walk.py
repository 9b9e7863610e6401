"""Goes through a model file before anything is loaded from it, and refuses what lies, leads out, or has no end.

The rules are those of the specification of ONNX (https://onnx.ai/onnx/repo-docs/IR.html) as far as every real exporter
keeps them; what only keeps a model from running is left to ONNX Runtime to say.
"""

import mmap
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name
from desktop_app.io.content import refuse_other_content
from desktop_app.io.origins import check_origins
from desktop_app.io.references import open_reference
from desktop_app.io.tensors import check_tensor
from desktop_app.io.texts import check_graph_texts, check_model_texts, check_node_texts
from desktop_app.io.topology import check_functions, check_graph
from desktop_app.io.wire import MAX_NODES, SELF, check_nesting, skeleton

STANDARD = ("", "ai.onnx")


@dataclass(frozen=True)
class Walked:
    """A model file that was found sound.

    Attributes:
        proto: The model; large values are references into the file itself (location `SELF`).
        content: The file, mapped into memory.
        locations: The files beside it that hold weights, as the model names them, in the order of first use.
        sorted: Whether all nodes stand behind those whose values they read.
    """

    proto: onnx.ModelProto
    content: mmap.mmap
    locations: tuple[str, ...]
    sorted: bool


def walk(path: Path, folder: Path, name: str) -> Walked:
    """Checks a model file.

    Args:
        path: The file.
        folder: Where the files lie that it refers to.
        name: What to call the file in messages.

    Raises:
        InvalidFileError: with what is wrong, where, and what the user can do.
    """
    refuse_other_content(path, name)
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    proto = _parse(content, name)
    _check_versions(proto, name)
    walker = _Walker(folder, len(content))
    walker.model(proto)
    return Walked(proto, content, tuple(one for one in walker.sizes if one != SELF), walker.sorted)


def _parse(content: mmap.mmap, name: str) -> onnx.ModelProto:
    view = memoryview(content)
    try:
        return onnx.ModelProto.FromString(skeleton(view, name))
    except DecodeError as error:
        check_nesting(view, name)
        raise InvalidFileError(
            f"{clean_name(name)} is damaged or is no ONNX model: download or export it again."
        ) from error
    finally:
        view.release()


def _check_versions(proto: onnx.ModelProto, name: str) -> None:
    if not proto.HasField("graph") or not proto.ir_version:
        raise InvalidFileError(f"{clean_name(name)} is no ONNX model: it has no graph or does not tell its version.")
    if proto.ir_version > onnx.IR_VERSION:
        raise InvalidFileError(
            f"{clean_name(name)} follows version {proto.ir_version} of the ONNX format, and this program knows those "
            f"up to {onnx.IR_VERSION}: export it with an older version, or update this program."
        )
    known = onnx.defs.onnx_opset_version()
    for opset in proto.opset_import:
        if opset.domain in STANDARD and opset.version > known:
            raise InvalidFileError(
                f"{clean_name(name)} uses operator set {opset.version}, and this program knows those up to {known}: "
                "export it with an older operator set, or update this program."
            )


@dataclass
class _Walker:
    """Visits every graph, node and tensor once."""

    folder: Path
    model_bytes: int
    nodes: int = 0
    sorted: bool = True
    sizes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sizes[SELF] = self.model_bytes

    def model(self, proto: onnx.ModelProto) -> None:
        """The graph, the functions, and what stands there for training."""
        check_model_texts(proto)
        self.graph(proto.graph)
        values, where = (*proto.graph.input, *proto.graph.initializer), f"graph {clean_name(proto.graph.name)}"
        given = [*(one.name for one in values), *(one.values.name for one in proto.graph.sparse_initializer)]
        check_origins(proto.graph.node, given, (one.name for one in proto.graph.output), where)
        check_functions(proto.functions)
        for function in proto.functions:
            where = f"function {clean_name(function.name)}"
            self.sorted &= check_graph(function.node, where, defined=function.input)
            check_origins(function.node, function.input, function.output, where)
            self.visit(function.node, where)
            for attribute in filter(_holds_more, function.attribute_proto):
                self.attribute(attribute, where)
        for training in proto.training_info:
            self.graph(training.initialization)
            self.graph(training.algorithm)

    def graph(self, graph: onnx.GraphProto) -> None:
        """A graph and all graphs inside."""
        check_graph_texts(graph)
        where = f"graph {clean_name(graph.name)}"
        for tensor in graph.initializer:
            self.tensor(tensor, f"The values of {clean_name(tensor.name)}")
        for sparse in graph.sparse_initializer:
            self.sparse(sparse, f"The values of {clean_name(sparse.values.name)}")
        self.sorted &= check_graph(
            graph.node,
            where,
            defined=[value.name for value in graph.input],
            initialized=[
                *(one.name for one in graph.initializer),
                *(one.values.name for one in graph.sparse_initializer),
            ],
        )
        self.visit(graph.node, where)

    def visit(self, nodes: Iterable[onnx.NodeProto], where: str) -> None:
        """The nodes of a graph or function."""
        for node in nodes:
            self.nodes += 1
            if self.nodes > MAX_NODES:
                raise InvalidFileError(f"The model has more than {MAX_NODES:,} nodes and is not opened.")
            check_node_texts(node)
            if node.op_type == "EPContext":
                _refuse_outside_program(node)
            for attribute in filter(_holds_more, node.attribute):
                self.attribute(attribute, f"node {clean_name(node.name or node.op_type)} in {where}")

    def attribute(self, attribute: onnx.AttributeProto, where: str) -> None:
        """What an attribute holds of tensors and graphs."""
        owner = f"The values of attribute {clean_name(attribute.name)} of {where}"
        if attribute.HasField("t"):
            self.tensor(attribute.t, owner)
        if attribute.HasField("g"):
            self.graph(attribute.g)
        if attribute.HasField("sparse_tensor"):
            self.sparse(attribute.sparse_tensor, owner)
        for tensor in attribute.tensors:
            self.tensor(tensor, owner)
        for graph in attribute.graphs:
            self.graph(graph)
        for sparse in attribute.sparse_tensors:
            self.sparse(sparse, owner)

    def sparse(self, sparse: onnx.SparseTensorProto, owner: str) -> None:
        """A sparse tensor: its values and where they stand."""
        self.tensor(sparse.values, owner)
        self.tensor(sparse.indices, owner)

    def tensor(self, tensor: onnx.TensorProto, owner: str) -> None:
        """One tensor."""
        check_tensor(tensor, owner, self.size_of)

    def size_of(self, location: str, owner: str) -> int:
        """Size of the file at `location`, looked up once."""
        if location not in self.sizes:
            with open_reference(self.folder, location, owner) as file:
                self.sizes[location] = file.seek(0, 2)
        return self.sizes[location]


def _holds_more(attribute: onnx.AttributeProto) -> bool:
    """Whether an attribute holds a tensor or a graph. Most do not, and names for messages take time to make."""
    return bool(
        attribute.HasField("t")
        or attribute.HasField("g")
        or attribute.HasField("sparse_tensor")
        or attribute.tensors
        or attribute.graphs
        or attribute.sparse_tensors
    )


def _refuse_outside_program(node: onnx.NodeProto) -> None:
    """A compiled part may lie in the file as opaque bytes; a path to one would be opened by the runtime."""
    embedded = {attribute.name: attribute.i for attribute in node.attribute}.get("embed_mode", 1)
    if not embedded:
        raise InvalidFileError(
            f"Node {clean_name(node.name or node.op_type)} loads a program compiled for a device from another file, "
            "which is not done: open the model that it was compiled from."
        )
