"""The user's model as a teacher that does not learn.

In single precision ONNX Runtime runs it in half the time of a copy in torch; in half precision, where the processor
multiplies that in tiles, the copy takes a third of ONNX Runtime's.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from desktop_app.core.methods import RecoverMethod
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.learn.feed import Feed
from desktop_app.learn.module import GraphModule, refusals
from desktop_app.learn.outputs import Target
from desktop_app.learn.precision import gains_by_halves


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


def teacher_of(model: Model, target: Target, feed: Feed, method: RecoverMethod) -> nn.Module:
    """The teacher that is fastest where a feed's samples go, among those whose scores a training takes for the same.

    A copy in torch stays beside students on their device; what torch does not compute there, ONNX Runtime does.
    """
    if refusals(model):
        return RuntimeTeacher(model, [target.value])
    beside = feed.device != "cpu"
    if beside or (target.classes and method.precision != "single"):
        copy = GraphModule(model, outputs=[target.value]).to(feed.device).eval()
        if beside or gains_by_halves(copy, target.value, feed):
            return copy
    return RuntimeTeacher(model, [target.value])
