from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from desktop_app.core.errors import InvalidFileError
from desktop_app.graph.runtime import open_session
from desktop_app.io import sparse as sparse_module
from desktop_app.io.onnx_reader import read_model
from tests.unit.io.small_models import model_of

SaveModel = Callable[..., Path]
ADD = helper.make_node("Add", ["x", "w"], ["y"])


def sparse(values: np.ndarray, indices: list[object], dims: list[int]) -> onnx.SparseTensorProto:
    return helper.make_sparse_tensor(
        onnx.numpy_helper.from_array(values, "w"),
        onnx.numpy_helper.from_array(np.array(indices, np.int64), "w_indices"),
        dims,
    )


def with_sparse(tensor: onnx.SparseTensorProto, node: onnx.NodeProto = ADD) -> onnx.ModelProto:
    model = model_of(node)
    model.graph.sparse_initializer.append(tensor)
    return model


@pytest.mark.parametrize("indices", [[1], [[1]]])
def test_becomes_dense(save: SaveModel, indices: list[object]) -> None:
    model = read_model(save(with_sparse(sparse(np.array([5], np.float32), indices, [2]))))
    assert model.constant("w").tolist() == [0, 5]
    (result,) = open_session(model).run(None, {"x": np.array([1, 1], np.float32)})
    assert result.tolist() == [1, 6]


def test_large_values_are_taken_from_the_file(save: SaveModel) -> None:
    values, places = np.arange(1, 601, dtype=np.float32), np.arange(0, 1200, 2)
    model = read_model(save(with_sparse(sparse(values, places.tolist(), [30, 40]))))
    expected = np.zeros(1200, np.float32)
    expected[places] = values
    assert np.array_equal(model.constant("w"), expected.reshape(30, 40))


def test_constants_become_dense(save: SaveModel) -> None:
    constant = helper.make_node("Constant", [], ["w"])
    constant.attribute.append(helper.make_attribute("sparse_value", sparse(np.array([5], np.float32), [1], [2])))
    model = read_model(save(model_of(constant, ADD)))
    (result,) = open_session(model).run(None, {"x": np.array([1, 1], np.float32)})
    assert result.tolist() == [1, 6]


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [
        (sparse(np.ones(1, np.float32), [2], [2]), "lie outside their shape"),
        (sparse(np.ones(1, np.float32), [-1], [2]), "lie outside their shape"),
        (sparse(np.ones(1, np.float32), [[0, 5]], [2, 3]), "lie outside their shape"),
        (sparse(np.ones(1, np.float32), [0, 1], [2]), "do not fit their shape"),
        (sparse(np.ones(1, np.float32), [0], [-2]), "do not fit their shape"),
        (sparse(np.ones(1, np.float32), [0], [2**40]), "too large a tensor"),
        (sparse(np.ones(1, np.float32), [0], [2**62, 2**62]), "too large a tensor"),
    ],
)
def test_lies_are_refused(save: SaveModel, tensor: onnx.SparseTensorProto, reason: str) -> None:
    with pytest.raises(InvalidFileError, match=reason):
        read_model(save(with_sparse(tensor)))


def test_many_of_them_may_not_be_too_large_together(save: SaveModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_module, "MAX_DENSE_BYTES", 12)
    model = with_sparse(sparse(np.ones(1, np.float32), [0], [2]))
    other = sparse(np.ones(1, np.float32), [0], [2])
    other.values.name = "v"
    model.graph.sparse_initializer.append(other)
    with pytest.raises(InvalidFileError, match="sparse values of v stand for too large"):
        read_model(save(model))


def test_sparse_texts_and_packed_numbers_are_refused(save: SaveModel) -> None:
    tensor = sparse(np.ones(1, np.float32), [0], [2])
    tensor.values.CopyFrom(helper.make_tensor("w", TensorProto.INT4, [1], [1]))
    with pytest.raises(InvalidFileError, match="cannot be sparse"):
        read_model(save(with_sparse(tensor)))
