"""The test cases that the onnx package brings for its operators."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir

from desktop_app.graph.model import Model


@dataclass(frozen=True)
class Case:
    """A model of one operator (or its expansion), with inputs and the outputs that they must give."""

    name: str
    proto: onnx.ModelProto
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    rtol: float

    @property
    def model(self) -> Model:
        return Model(ir.from_proto(self.proto))


@cache
def node_cases() -> tuple[Case, ...]:
    with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(io.StringIO()):
        from onnx.backend.test.case.node import collect_testcases

        return tuple(_cases(collect_testcases(None)))


def _cases(found: list[Any]) -> Iterator[Case]:
    for case in found:
        for inputs, outputs in case.data_sets:
            yield Case(case.name, case.model, tuple(map(_array, inputs)), tuple(map(_array, outputs)), case.rtol)


def _array(value: Any) -> Any:
    if isinstance(value, onnx.TensorProto):
        return onnx.numpy_helper.to_array(value)
    return value if isinstance(value, list) or value is None else np.asarray(value)
