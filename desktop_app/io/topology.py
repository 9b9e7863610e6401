"""What reads what in a graph: every value has one origin, and no value depends on itself."""

from collections.abc import Iterable, Iterator, Sequence

import onnx

from desktop_app.core.errors import InvalidFileError
from desktop_app.core.text import clean_name


def check_graph(
    nodes: Sequence[onnx.NodeProto], where: str, defined: Iterable[str] = (), initialized: Iterable[str] = ()
) -> bool:
    """Checks the values of one graph (or function) and tells whether its nodes are sorted.

    Args:
        nodes: In the order of the file.
        where: What to call the graph in a message.
        defined: Names of its inputs.
        initialized: Names of its initializers, which may be those of inputs too.

    Raises:
        InvalidFileError: when a value is defined twice, or depends on itself.
    """
    producer: dict[str, int] = {}
    inputs, constants = _unique(defined, where), _unique(initialized, where)
    for index, node in enumerate(nodes):
        for name in node.output:
            if name in producer or (name and (name in inputs or name in constants)):
                raise _defined_twice(name, where)
            if name:
                producer[name] = index
    reads = [read_names(node) for node in nodes]
    if all(producer.get(name, -1) < index for index, names in enumerate(reads) for name in names):
        return True
    _check_acyclic(nodes, [{producer[name] for name in names if name in producer} for names in reads], where)
    return False


def read_names(node: onnx.NodeProto) -> list[str]:
    """Names of the values that a node reads, also from within its graphs."""
    names = list(node.input)
    for attribute in node.attribute:
        if attribute.HasField("g"):
            names += _captured(attribute.g)
        for graph in attribute.graphs:
            names += _captured(graph)
    return names


def check_functions(functions: Sequence[onnx.FunctionProto]) -> None:
    """Checks that no function is defined twice or calls itself, directly or through others.

    Raises:
        InvalidFileError: otherwise; putting a function in place of its call would never end.
    """
    names = [(one.domain, one.name, one.overload) for one in functions]
    known = {name: index for index, name in enumerate(names)}
    if len(known) != len(names):
        raise InvalidFileError("A function is defined twice: the file is wrong; export the model again.")
    calls = [
        {known[key] for node in _all_nodes(one.node) if (key := (node.domain, node.op_type, node.overload)) in known}
        for one in functions
    ]
    ring = _find_cycle(calls)
    if ring is not None:
        raise InvalidFileError(
            f"The function {clean_name(functions[ring].name)} calls itself without end: the file is wrong; export the "
            "model again."
        )


def _captured(graph: onnx.GraphProto) -> Iterator[str]:
    """Names that a graph takes from around it."""
    own = {value.name for value in graph.input}
    own.update(tensor.name for tensor in graph.initializer)
    own.update(sparse.values.name for sparse in graph.sparse_initializer)
    own.update(name for node in graph.node for name in node.output)
    for node in graph.node:
        yield from (name for name in read_names(node) if name not in own)
    yield from (value.name for value in graph.output if value.name not in own)


def _all_nodes(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    for node in nodes:
        yield node
        for attribute in node.attribute:
            yield from _all_nodes(attribute.g.node if attribute.HasField("g") else ())
            for graph in attribute.graphs:
                yield from _all_nodes(graph.node)


def _unique(names: Iterable[str], where: str) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            raise _defined_twice(name, where)
        seen.add(name)
    return seen


def _defined_twice(name: str, where: str) -> InvalidFileError:
    return InvalidFileError(f"The value {clean_name(name)} is defined twice in {where}: export the model again.")


def _check_acyclic(nodes: Sequence[onnx.NodeProto], reads: Sequence[set[int]], where: str) -> None:
    index = _find_cycle(reads)
    if index is not None:
        node = nodes[index]
        raise InvalidFileError(
            f"Node {clean_name(node.name or node.op_type)} in {where} depends on its own output: the file is wrong; "
            "export the model again."
        )


def _find_cycle(reads: Sequence[set[int]]) -> int | None:
    """An item on a cycle, if there is one: what taking items whose sources are all taken never reaches (Kahn 1962)."""
    waiting = [len(read) for read in reads]
    readers: list[list[int]] = [[] for _ in reads]
    for index, read in enumerate(reads):
        for source in read:
            readers[source].append(index)
    ready = [index for index, count in enumerate(waiting) if not count]
    for index in ready:
        for reader in readers[index]:
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    if len(ready) == len(reads):
        return None
    item = next(index for index, count in enumerate(waiting) if count)
    for _ in reads:  # back along what was not taken; after so many steps one is on the cycle, not only behind it
        item = next(source for source in reads[item] if waiting[source])
    return item
