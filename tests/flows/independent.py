"""A second opinion on an exported file: onnx, onnxruntime, numpy and Pillow, and nothing of this program."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper
from PIL import Image

LAYERS = {"Conv": 2, "Gemm": 2, "MatMul": 1}
"""Operators with weights, and how many of their inputs behind the first are parameters."""

THROUGH = ("DequantizeLinear", "Cast", "Mul", "Reshape", "Transpose", "Slice", "Concat", "Gather")


class Opinion(NamedTuple):
    """What is found of a compressed model against the original."""

    sqnr_db: float
    cosine: float
    agreement: float
    accuracy: float | None
    original_accuracy: float | None


def evaluate(original: Path, compressed: Path, images: np.ndarray, labels: np.ndarray | None) -> Opinion:
    """Both models one sample after another."""
    first, second = (_run(path, images) for path in (original, compressed))
    first, second = first.astype(np.float64), second.astype(np.float64)
    noise = np.square(first - second).sum()
    cosine = (first * second).sum(axis=1) / np.sqrt(np.square(first).sum(axis=1) * np.square(second).sum(axis=1))
    one, other = first.argmax(axis=1), second.argmax(axis=1)
    return Opinion(
        float(10 * np.log10(np.square(first).sum() / noise)),
        float(cosine.mean()),
        float((one == other).mean()),
        None if labels is None else float((other == labels).mean()),
        None if labels is None else float((one == labels).mean()),
    )


def read_folder(folder: Path, mean: Sequence[float], std: Sequence[float], mode: str) -> tuple[list[Path], list[int]]:
    """Files in the order of their names, and the number of the class folder that each lies in."""
    del mean, std, mode
    classes = sorted(one.name for one in folder.iterdir() if one.is_dir())
    files = [(path, number) for number, name in enumerate(classes) for path in sorted((folder / name).iterdir())]
    return [path for path, _ in files], [number for _, number in files]


def pixels(path: Path, mode: str, side: int, scale: float, mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
    """(channels, side, side): the image, enlarged if it is smaller, normalised."""
    with Image.open(path) as image:
        image = image.convert(mode)
        if image.size != (side, side):
            image = image.resize((side, side), Image.Resampling.BILINEAR)
        array = np.asarray(image, np.float32)
    array = array.reshape(side, side, -1)
    normal = (array / np.float32(scale) - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(normal.transpose(2, 0, 1))


def parameters(path: Path) -> int:
    """Weights and biases of all layers, whatever they are stored as."""
    graph = onnx.load(path).graph
    constants = {one.name: one for one in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    counted: set[str] = set()
    total = 0
    for node in graph.node:
        for name in node.input[1 : 1 + LAYERS.get(node.op_type, 0)]:
            for constant in _stored(name, constants, makers):
                if constant not in counted:
                    counted.add(constant)
                    total += int(np.prod(constants[constant].dims))
    return total


def _stored(name: str, constants: dict, makers: dict) -> Iterator[str]:
    """The constant that a weight is decoded from."""
    while name not in constants:
        if name not in makers or makers[name].op_type not in THROUGH:
            return
        name = makers[name].input[0]
    yield name


def _run(path: Path, images: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: image[None]})[0] for image in images])


def stored_values(path: Path) -> int:
    """Bytes of all constants of a file, for a lower bound of its size."""
    return sum(numpy_helper.to_array(one).nbytes for one in onnx.load(path).graph.initializer)
