from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.summary import TensorSpec
from desktop_app.graph.model import Model
from desktop_app.io.data import open_data
from desktop_app.io.data.choose import choose_preprocess, describe, resolve_preprocess
from desktop_app.io.data.guess import guess_preprocess, scales_itself
from desktop_app.io.data.trial import information

UNIT, SYMMETRIC = Preprocess(scale=255.0), Preprocess(scale=127.5, mean=(1.0,))
SAMPLE = Path(__file__).parents[4] / "resources" / "sample"


def image(*shape: int | str, dtype: str = "float32") -> tuple[TensorSpec, ...]:
    return (TensorSpec("input", dtype, shape),)


@pytest.mark.parametrize(
    ("inputs", "resize", "crop", "layout", "color"),
    [
        (image("n", 3, 224, 224), 256, 224, "nchw", "rgb"),
        (image(1, 224, 224, 3), 256, 224, "nhwc", "rgb"),
        (image(8, 3, 32, 32), 32, 32, "nchw", "rgb"),
        (image("n", 1, 28, 28), 28, 28, "nchw", "gray"),
        (image("n", 3, "h", "w"), 256, 224, "nchw", "rgb"),
        (image("n", 3, 240, 320), 320, (240, 320), "nchw", "rgb"),
    ],
)
def test_sizes_are_told_by_the_input(
    inputs: tuple[TensorSpec, ...], resize: int, crop: object, layout: str, color: str
) -> None:
    guess = guess_preprocess(inputs)
    assert (guess.resize, guess.crop, guess.layout, guess.color) == (resize, crop, layout, color)


def test_bytes_are_taken_as_they_are() -> None:
    guess = guess_preprocess(image(1, 224, 224, 3, dtype="uint8"))
    assert (guess.scale, guess.mean, guess.std) == (1.0, (0.0,), (1.0,))


@pytest.mark.parametrize(
    ("op", "constant", "expected"), [("Div", 255.0, True), ("Mul", 2.0, False), ("Sub", 123.7, True)]
)
def test_models_that_scale_by_themselves_are_seen(op: str, constant: float, expected: bool) -> None:
    shape = [1, 3, 32, 32]
    graph = helper.make_graph(
        [helper.make_node(op, ["input", "c"], ["scaled"]), helper.make_node("Relu", ["scaled"], ["output"])],
        "g",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, shape)],
        [helper.make_tensor("c", TensorProto.FLOAT, [1], [constant])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(model)
    assert scales_itself(Model(ir.from_proto(model))) is expected


def test_information_is_high_for_confident_and_different_answers() -> None:
    sure = np.eye(8).repeat(4, axis=0) * 20
    assert information(sure) == pytest.approx(information(sure * 100), rel=1e-6)
    assert information(sure) > 5 * information(np.tile(sure[:1], (32, 1)) + 1e-6 * sure)


def _reader(scale: float) -> Callable[[Mapping[str, np.ndarray]], np.ndarray]:
    """A model that knows the three classes of `class_folders` if red lies where `scale` puts it."""

    def run(feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        red = next(iter(feeds.values()))[:, 0, 0, 0] * scale
        centres = np.array([4.5, 14.5, 24.5])
        return np.asarray(-np.abs(red[:, None] - centres[None]), np.float32)

    return run


@pytest.mark.parametrize("labelled", [True, False])
def test_the_preprocessing_of_the_model_is_found(
    class_folders: Path, rgb_input: tuple[TensorSpec, ...], labelled: bool
) -> None:
    folder = class_folders if labelled else class_folders / "bee"

    def open_with(preprocess: Preprocess) -> object:
        return open_data(DataSettings(str(folder), preprocess=preprocess, calibration=20), rgb_input, seed=0)

    candidates = (SYMMETRIC, UNIT, Preprocess(scale=1.0))
    choice = choose_preprocess(_reader(255.0), open_with, candidates)  # type: ignore[arg-type]
    if labelled:
        assert choice.preprocess == UNIT
        assert choice.sure
    assert describe(choice.preprocess) in choice.notes[0]


def test_formulas_read_well() -> None:
    assert describe(Preprocess(scale=1.0)) == "pixel (rgb)"
    assert describe(SYMMETRIC) == "(pixel / 127.5 - 1) (rgb)"
    assert describe(Preprocess(mean=(0.5, 0.4, 0.3), std=(0.2,), color="bgr")) == (
        "(pixel / 255 - (0.5, 0.4, 0.3)) / 0.2 (bgr)"
    )


def test_outputs_that_are_no_classes_leave_the_first_guess(
    class_folders: Path, rgb_input: tuple[TensorSpec, ...]
) -> None:
    def open_with(preprocess: Preprocess) -> object:
        return open_data(DataSettings(str(class_folders), preprocess=preprocess), rgb_input, seed=0)

    choice = choose_preprocess(lambda feeds: feeds["image"], open_with, (UNIT, SYMMETRIC))  # type: ignore[arg-type,return-value]
    assert choice.preprocess == UNIT
    assert not choice.sure
    assert "no vector of classes" in choice.notes[0]


def test_what_is_given_is_kept() -> None:
    model = Model(ir.load(SAMPLE / "digits.onnx"))
    for settings in (DataSettings(), DataSettings("data.npz"), DataSettings(str(SAMPLE), preprocess=UNIT)):
        assert resolve_preprocess(model, settings, image("n", 1, 32, 32), seed=0) == (settings, ())


def test_the_sample_is_understood() -> None:
    model = Model(ir.load(SAMPLE / "digits.onnx"))
    settings, notes = resolve_preprocess(model, DataSettings(str(SAMPLE / "digits")), image("n", 1, 32, 32), seed=0)
    assert settings.preprocess == Preprocess(resize=32, crop=32, scale=255.0, color="gray")
    assert "the labels" in notes[0]


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "data", "side", "expected"),
    [
        ("resnet8_cifar10_mlperf", "cifar10/val", 32, (1.0,)),
        ("resnet20_cifar10", "cifar10/val", 32, (255.0,)),
        ("mobilenet_v1_0.75_224", "imagenet-sample/images", 224, (127.5,)),
    ],
)
def test_real_models_are_understood(
    shared_data: Path, name: str, data: str, side: int, expected: tuple[float, ...]
) -> None:
    model = Model(ir.load(shared_data / "models" / f"{name}.onnx"))
    settings, _ = resolve_preprocess(model, DataSettings(str(shared_data / data)), image("n", 3, side, side), seed=0)
    assert settings.preprocess is not None
    assert settings.preprocess.scale in expected
    assert settings.preprocess.color == "rgb"
