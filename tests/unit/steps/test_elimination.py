import numpy as np
import onnx_ir as ir
import pytest

from desktop_app.core.progress import SilentToken
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.judgement import Judgement
from desktop_app.steps.channel_pruning.losses import losses_of_readers
from desktop_app.steps.channel_pruning.outputs import OutputError

TEXT = """
<ir_version: 8, opset_import: ["" : 17]>
net (float[N, K] x) => (float[N, M] y) {
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


def _judged(model: Model, *, compare: bool = False) -> Judgement:
    samples = np.random.default_rng(0).standard_normal((64, 3)).astype(np.float32)
    groups = model.channels.groups[:1]
    batches = [{"x": samples}]
    error = OutputError(model, batches) if compare else None
    return losses_of_readers(model, groups, batches, SilentToken(), 0, error)[0]


def test_a_channel_that_others_can_stand_in_for_costs_nothing() -> None:
    judged = _judged(_model(np.eye(3)[:, [0, 1, 2, 0]], np.ones((4, 2))))
    assert judged.order[0] in (0, 3)
    assert judged.loss[1] < 0.01
    assert judged.loss[2] > 0.1


def test_a_channel_that_is_not_read_costs_nothing() -> None:
    second = np.random.default_rng(1).standard_normal((3, 2))
    second[1] = 0
    judged = _judged(_model(np.eye(3), second))
    assert judged.order[0] == 1
    assert judged.loss[1] < 1e-6


def test_loss_grows_with_every_channel_that_goes() -> None:
    rng = np.random.default_rng(2)
    judged = _judged(_model(rng.standard_normal((3, 6)), rng.standard_normal((6, 4))))
    assert sorted(judged.order) == [*range(6)]
    assert judged.loss[0] == 0
    assert (np.diff(judged.loss) >= 0).all()
    assert judged.loss[-1] > judged.loss[3]  # three channels carry all that there is


def test_losses_that_compete_are_those_of_the_output() -> None:
    first = np.eye(3)[:, [0, 1, 2, 2]]
    model = _model(first, np.diag([4.0, 1, 2, 1])[:, :3])
    judged = _judged(model, compare=True)
    x = np.random.default_rng(0).standard_normal((64, 3))[3::4]
    centred = (x - x.mean(axis=0)) * [4, 1, 2]
    assert judged.loss[2] == pytest.approx(np.square(x[:, 1]).sum() / np.square(centred).sum(), rel=0.25)


def test_few_samples_do_not_make_channels_look_superfluous() -> None:
    """Twelve samples can be fitted exactly by twelve of forty channels: the loss is told by other samples."""
    weights = np.random.default_rng(3).standard_normal((40, 4))
    model = _model(np.eye(40), weights)
    samples = np.random.default_rng(4).standard_normal((16, 40)).astype(np.float32)
    judged = losses_of_readers(model, model.channels.groups[:1], [{"x": samples}], SilentToken(), 0, None)[0]
    assert judged.loss[20] > 0.05


def test_groups_whose_readers_cannot_be_refitted_are_left_to_others() -> None:
    model = _model(np.eye(3), np.eye(3))
    assert losses_of_readers(model, model.channels.groups[1:], [], SilentToken(), 0, None) == {}
