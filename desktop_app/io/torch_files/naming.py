"""Names of nodes out of the paths of modules: "layer1.0.conv1" gives "/layer1/layer1.0/conv1/Conv"."""

from collections.abc import Iterator


def scopes_of(path: str) -> Iterator[str]:
    """The labels of the modules that a path leads through, as torch's exporters write them.

    A module is called as its parent calls it; one that is only numbered keeps the parent's name before the number.
    """
    before = ""
    for part in path.split(".") if path else ():
        before = f"{before}.{part}" if part.isdigit() and before else part
        yield before


def node_name(path: str, op_type: str) -> str:
    """The name of a node of a module."""
    return "/".join(("", *scopes_of(path), op_type))
