"""The differentiable copy of an ONNX graph."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from desktop_app.graph.extracting import needed
from desktop_app.graph.model import Model
from desktop_app.learn.named import NamedModule
from desktop_app.learn.operators.base import Mode
from desktop_app.learn.planning import inlined, planned, refusals

__all__ = ["GraphModule", "refusals"]

HALVES = (torch.float16, torch.bfloat16)


class GraphModule(NamedModule):
    """A graph, or the part of it between given values, as a module whose forward pass equals ONNX Runtime's.

    Parameters are named after the initializers that they start from, and so is `state_dict`; what is no weight
    (integers, bounds, running statistics) is a buffer. Half precision is computed in single, and so trained.

    Args:
        model: The graph.
        inputs: Values that will be given; the model's inputs by default.
        outputs: Values to compute; the model's outputs by default.

    Raises:
        UntrainableError: for the first node between them without a differentiable counterpart.
    """

    def __init__(self, model: Model, inputs: Sequence[str] = (), outputs: Sequence[str] = ()) -> None:
        super().__init__()
        self.input_names = tuple(inputs) or tuple(value.name or "" for value in model.graph.inputs)
        self.output_names = tuple(outputs) or tuple(value.name or "" for value in model.graph.outputs)
        self._mode = Mode()
        model = inlined(model)
        nodes = needed(model, self.input_names, self.output_names)
        plan = planned(model, nodes, self.input_names, self.output_names, self._mode)
        self._calls = tuple(plan.calls)
        # dots in names are no modules here, so the names are entered as they are
        self._parameters.update({name: nn.Parameter(tensor) for name, tensor in plan.weights.items()})
        self._buffers.update({**plan.settings, **plan.computed})
        self._non_persistent_buffers_set.update(plan.computed)

    def train(self, mode: bool = True) -> "GraphModule":
        """Sets whether normalisation uses the statistics of the batch."""
        super().train(mode)
        self._mode.training = mode
        return self

    def forward(self, inputs: Mapping[str, Tensor], also: Collection[str] = ()) -> dict[str, Tensor]:
        """The outputs, and the values named in `also`, by name.

        Activations that no later node reads are let go at once, so that memory is what the gradients need.
        """
        values: dict[str, Any] = {**self._buffers, **self._parameters, "": None}
        values.update({name: x.float() if x.dtype in HALVES else x for name, x in inputs.items()})
        kept = {*self.output_names, *also}
        for call in self._calls:
            call.run(values)
            for name in call.last:
                if name not in kept:
                    del values[name]
        return {name: values[name] for name in kept}
