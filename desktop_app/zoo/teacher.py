"""What a student needs to know of its teacher."""

import onnx_ir as ir

from desktop_app.graph.model import Model

ACTIVATIONS = ("Softmax", "Sigmoid", "LogSoftmax")

PASSED = ("Cast", "Reshape", "Flatten", "Squeeze", "Identity")
"""What may stand between the activation and the output without changing what the numbers mean."""

MAX_PASSED = 4


def final_activation(model: Model) -> str:
    """The operator that a teacher's first output has gone through; empty where it gives logits."""
    value: ir.Value | None = next(iter(model.graph.outputs), None)
    for _ in range(MAX_PASSED):
        node = value.producer() if value is not None else None
        if node is None:
            return ""
        if node.op_type in ACTIVATIONS:
            return node.op_type
        if node.op_type not in PASSED:
            return ""
        value = node.inputs[0]
    return ""
