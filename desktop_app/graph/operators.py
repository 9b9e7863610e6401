"""Names of operators and domains."""

MICROSOFT = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""

MACHINE_LEARNING = "ai.onnx.ml"
"""The domain of trees, scalers and encoders."""


def operators(names: str) -> frozenset[str]:
    """The set of the names in a line, which reads better than a list of quoted ones."""
    return frozenset(names.split())
