"""Where values come from: what a graph reads and gives must be made by something."""

from collections.abc import Iterable, Sequence

import onnx

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name
from desktop_app.io.topology import read_names


def check_origins(nodes: Sequence[onnx.NodeProto], given: Iterable[str], results: Iterable[str], where: str) -> None:
    """Checks that every value of a graph (or function) is given to it or made in it.

    Args:
        nodes: In any order; what the graphs inside them read from around them counts.
        given: Names of the inputs and initializers.
        results: Names of the outputs.
        where: What to call the graph in a message.

    Raises:
        InvalidFileError: when a value is read that nothing makes.
    """
    known = {"", *given, *(name for node in nodes for name in node.output)}
    for node in nodes:
        for name in read_names(node):
            if name not in known:
                raise _without_origin(name, f"node {clean_name(node.name or node.op_type)} in {where} reads it")
    for name in results:
        if name not in known:
            raise _without_origin(name, f"{where} gives it as an output")


def _without_origin(name: str, who: str) -> InvalidFileError:
    return InvalidFileError(f"Nothing makes the value {clean_name(name)}, and {who}: export the model again.")
