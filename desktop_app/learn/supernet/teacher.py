"""The user's model as a teacher that does not learn: ONNX Runtime runs it, in half the time of a copy in torch."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.learn.module import GraphModule, refusals


class RuntimeTeacher(nn.Module):
    """Gives values of a model by name.

    Args:
        model: Any model that ONNX Runtime runs, differentiable or not.
        values: Names of what is asked for.
    """

    def __init__(self, model: Model, values: Sequence[str]) -> None:
        super().__init__()
        outputs = {value.name for value in model.graph.outputs}
        inner = [name for name in values if name not in outputs]
        self._session = open_session(model, threads=torch.get_num_threads(), outputs=inner)
        self._values = list(values)

    def forward(self, inputs: Mapping[str, Tensor], also: Collection[str] = ()) -> dict[str, Tensor]:
        """The values for a batch, in single precision, where the inputs are."""
        device = next(iter(inputs.values())).device
        feeds = {name: np.ascontiguousarray(one.cpu().numpy()) for name, one in inputs.items()}
        with running():
            found = self._session.run(self._values, feeds)
        return {
            name: torch.from_numpy(np.asarray(one, np.float32)).to(device)
            for name, one in zip(self._values, found, strict=True)
        }


def teacher_of(model: Model, values: Sequence[str], device: str) -> nn.Module:
    """The teacher where students are trained on a device: beside them, where torch can compute it there."""
    if device != "cpu" and not refusals(model):
        return GraphModule(model, outputs=values).to(device).eval()
    return RuntimeTeacher(model, values)
