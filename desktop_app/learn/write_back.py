"""Trained weights go back into the graph that they came from."""

import numpy as np
import onnx_ir as ir
from torch import nn

from desktop_app.graph.model import Model


def write_back(module: nn.Module, model: Model) -> Model:
    """A copy of the model with the module's parameters and buffers as initializers; what did not change stays the same.

    Element types stay; a weight of half precision is rounded to it once, here.
    """
    copy = model.clone()
    for name, trained in module.state_dict().items():
        value = copy.graph.initializers.get(name)
        if value is None or value.const_value is None:
            continue
        old = value.const_value.numpy()
        new = trained.detach().cpu().numpy().astype(old.dtype)
        if not np.array_equal(new, old, equal_nan=old.dtype.kind == "f"):
            value.const_value = ir.Tensor(np.ascontiguousarray(new), dtype=value.const_value.dtype, name=name)
    return Model(copy.ir)
