"""Functions of one element."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from desktop_app.learn.operators.arithmetic import plain
from desktop_app.learn.operators.base import Compute, Node, Operator


def is_infinite(node: Node) -> Compute:
    """IsInf: of either sign, or of one alone."""
    positive, negative = node.attribute("detect_positive", 1), node.attribute("detect_negative", 1)

    def compute(x: Tensor) -> Tensor:
        found = torch.isinf(x)
        if not positive:
            found = found & (x < 0)
        return found if negative else found & (x > 0)

    return compute


_PLAIN: dict[str, Callable[..., Any]] = {
    "Abs": torch.abs,
    "Neg": torch.neg,
    "Exp": torch.exp,
    "Log": torch.log,
    "Sqrt": torch.sqrt,
    "Reciprocal": torch.reciprocal,
    "Floor": torch.floor,
    "Ceil": torch.ceil,
    "Round": torch.round,
    "Sign": torch.sign,
    "Sin": torch.sin,
    "Cos": torch.cos,
    "Tan": torch.tan,
    "Asin": torch.asin,
    "Acos": torch.acos,
    "Atan": torch.atan,
    "Sinh": torch.sinh,
    "Cosh": torch.cosh,
    "Asinh": torch.asinh,
    "Acosh": torch.acosh,
    "Atanh": torch.atanh,
    "Erf": torch.erf,
    "IsNaN": torch.isnan,
    "Not": torch.logical_not,
    "BitwiseNot": torch.bitwise_not,
}

ROWS = (*(Operator(name, plain(function)) for name, function in _PLAIN.items()), Operator("IsInf", is_infinite))
