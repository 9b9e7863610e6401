"""Which operators ONNX Runtime has on this processor, told without running the model."""

from functools import lru_cache

import onnx
from onnxruntime.capi import onnxruntime_pybind11_state as ort_tables

from desktop_app.core.text import clean_name
from desktop_app.graph.model import Model
from desktop_app.graph.operators import MICROSOFT

Operator = tuple[str, str]
"""Domain and name."""


def why_not_runnable(model: Model) -> str:
    """A sentence that names the operators which ONNX Runtime does not have; empty where it has them all."""
    functions = {(function.domain, function.name) for function in model.ir.functions.values()}
    used = {(node.domain, node.op_type) for node in model.nodes}
    missing = sorted(one for one in used - functions - _runnable() if not _is_standard(*one))
    if not missing:
        return ""
    names = ", ".join(clean_name(f"{domain}.{name}" if domain else name) for domain, name in missing[:3])
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return f"ONNX Runtime has no operator {names}{more}: the model can be inspected, but not run."


def _is_standard(domain: str, name: str) -> bool:
    """Whether the operator is in the standard, possibly only as a function of others."""
    return not domain and onnx.defs.has(name)


@lru_cache(maxsize=1)
def _runnable() -> frozenset[Operator]:
    """All operators with a kernel for the CPU, and those of other domains than ONNX Runtime's own that it knows."""
    kernels = {
        (kernel.domain, kernel.op_name)
        for kernel in ort_tables.get_all_opkernel_def()
        if kernel.provider == "CPUExecutionProvider"
    }
    known = {(schema.domain, schema.name) for schema in ort_tables.get_all_operator_schema()}
    return frozenset(kernels | {one for one in known if one[0] != MICROSOFT})
