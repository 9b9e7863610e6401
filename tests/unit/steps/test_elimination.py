import numpy as np
import onnx_ir as ir

from desktop_app.core.progress import SilentToken
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.elimination import elimination_costs

TEXT = """
<ir_version: 8, opset_import: ["" : 17]>
net (float[N, 3] x) => (float[N, M] y) {
    first = MatMul (x, w0)
    y = MatMul (first, w1)
}
"""


def _model(*weights: np.ndarray) -> Model:
    model = ir.from_onnx_text(TEXT)
    for index, array in enumerate(weights):
        value = model.graph[index].inputs[1]
        value.const_value = ir.Tensor(array.astype(np.float32), name=value.name)
        value.shape, value.type = ir.Shape(array.shape), ir.TensorType(ir.DataType.FLOAT)
        model.graph.register_initializer(value)
    return Model(model)


def _costs(model: Model) -> np.ndarray:
    samples = np.random.default_rng(0).standard_normal((64, 3)).astype(np.float32)
    groups = model.channels.groups[:1]
    return elimination_costs(model, groups, [{"x": samples}], SilentToken(), 0)[0]


def test_a_channel_that_others_can_stand_in_for_costs_nothing() -> None:
    first = np.eye(3)[:, [0, 1, 2, 0]]
    costs = _costs(_model(first, np.ones((4, 2))))
    assert min(costs[0], costs[3]) < 0.01
    assert max(costs[0], costs[3]) > 0.1
    assert min(costs[1], costs[2]) > 0.1


def test_a_channel_that_is_not_read_costs_nothing() -> None:
    second = np.random.default_rng(1).standard_normal((3, 2))
    second[1] = 0
    costs = _costs(_model(np.eye(3), second))
    assert np.argmin(costs) == 1
    assert costs[1] < 1e-6


def test_loss_grows_with_every_channel_that_goes() -> None:
    rng = np.random.default_rng(2)
    costs = _costs(_model(rng.standard_normal((3, 6)), rng.standard_normal((6, 4))))
    assert len(set(costs.tolist())) == 6
    assert (costs > 0).all()


def test_groups_whose_readers_cannot_be_refitted_are_left_to_others() -> None:
    model = _model(np.eye(3), np.eye(3))
    assert elimination_costs(model, model.channels.groups[1:], [], SilentToken(), 0) == {}
