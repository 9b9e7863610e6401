"""Files of small models."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from tests.unit.io.small_models import conv_model

SaveModel = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> SaveModel:
    """Writes a model to a file and gives its path."""

    def write(model: onnx.ModelProto, name: str = "model.onnx") -> Path:
        path = tmp_path / name
        path.write_bytes(model.SerializeToString())
        return path

    return write


@pytest.fixture
def conv_file(save: SaveModel) -> Path:
    """A file of `conv_model`."""
    return save(conv_model())
