"""What the outputs of a model are to a training: scores of classes, or plain numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import onnx_ir as ir

from desktop_app.graph.model import Model

SOFTMAX = frozenset({"Softmax", "LogSoftmax"})

PASS_ON = frozenset({"Identity", "Flatten", "Squeeze", "Reshape"})


@dataclass(frozen=True)
class Target:
    """An output that teaches.

    Attributes:
        output: Its name.
        value: The value to compare: the output itself, or the scores before the softmax that makes it.
        classes: How many classes the scores tell apart; 0 where the numbers are no scores.
        own: What the student calls the value, where that differs.
    """

    output: str
    value: str
    classes: int = 0
    own: str = ""

    @property
    def students(self) -> str:
        """What the student calls the value."""
        return self.own or self.value


def paired(targets: Sequence[Target], others: Sequence[Target]) -> tuple[Target, ...]:
    """The targets with what another model of the same outputs calls their values."""
    names = {other.output: other.value for other in others}
    return tuple(replace(target, own=names.get(target.output, target.output)) for target in targets)


def targets_of(model: Model) -> tuple[Target, ...]:
    """The outputs of floats, in order. One vector of numbers a sample in the first of them is taken for scores."""
    floats = (ir.DataType.FLOAT, ir.DataType.FLOAT16, ir.DataType.DOUBLE, None)
    outputs = [value for value in model.graph.outputs if value.dtype in floats]
    return tuple(_target(value, model.shapes) for value in outputs)


def _target(value: ir.Value, shapes: Mapping[str, tuple[int, ...]]) -> Target:
    name = value.name or ""
    shape = shapes.get(name, ())
    classes = shape[1] if len(shape) == 2 and shape[1] > 1 else 0
    node = value.producer()
    if classes and node is not None and node.op_type in SOFTMAX and not node.domain and node.inputs[0] is not None:
        return Target(name, node.inputs[0].name or "", classes)
    if node is not None and node.op_type == "Softmax" and not node.domain and node.inputs[0] is not None and shape:
        return Target(name, name)
    return Target(name, name, classes if not _bounded(node) else 0)


def _bounded(node: ir.Node | None) -> bool:
    """Whether the output went through a sigmoid: then every number is a probability of its own."""
    while node is not None and node.op_type in PASS_ON and node.inputs[0] is not None:
        node = node.inputs[0].producer()
    return node is not None and node.op_type in ("Sigmoid", "HardSigmoid", "Tanh")
