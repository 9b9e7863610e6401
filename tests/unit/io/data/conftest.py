"""Folders of small images, and inputs for them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop_app.core.summary import TensorSpec

MakeImage = Callable[..., Path]


@pytest.fixture
def rgb_input() -> tuple[TensorSpec, ...]:
    return (TensorSpec("image", "float32", ("batch", 3, 16, 16)),)


@pytest.fixture
def make_image(tmp_path: Path) -> MakeImage:
    """Writes an image of one colour, or of noise, below the test's folder."""

    def make(name: str, color: object = None, size: tuple[int, int] = (16, 16), mode: str = "RGB") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if color is None:
            noise = np.random.default_rng(len(name)).integers(0, 256, (size[1], size[0], 3), np.uint8)
            Image.fromarray(noise).save(path)
        else:
            Image.new(mode, size, color).save(path)
        return path

    return make


@pytest.fixture
def class_folders(tmp_path: Path, make_image: MakeImage) -> Path:
    """Three classes of ten images; the red value tells class and number."""
    for number, name in enumerate(("ant", "bee", "cat")):
        for index in range(10):
            make_image(f"classes/{name}/{index}.png", (number * 10 + index, 0, 0))
    return tmp_path / "classes"
