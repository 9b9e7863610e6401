"""How images probably become inputs of a model, told from its input and the first nodes behind it."""

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from desktop_app.core.data import Color, Preprocess
from desktop_app.core.summary import TensorSpec
from desktop_app.graph.model import Model
from desktop_app.io.data.specs import ImageInput, image_input

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CIFAR_MEAN, CIFAR_STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
SMALL_SIDE = 96
"""Below this, images are taken whole; above, the usual margin of an eighth is cropped away."""
CROP_SHARE = 0.875
DEFAULT_SIDE = 224
NODES_LOOKED_AT = 6


def guess_preprocess(inputs: Sequence[TensorSpec], raw: bool = False) -> Preprocess:
    """The most common preprocessing for inputs of that shape and type.

    - Layout: the axis of size 1 or 3 holds the channels.
    - Size: 224 is cut from 256, other sides from 96 on in the same proportion; smaller sides are resized to as they
      are; a model of open size gets 224.
    - Values: bytes, and models that scale by themselves (`raw`, see `scales_itself`), get 0 to 255; one channel is
      divided by 255; three channels are normalised by the mean and deviation of ImageNet.

    Raises:
        InvalidRecipeError: when the model does not take images.
    """
    target = image_input(inputs)
    usual = usual_normalisations(target, raw)[0]
    resize, crop = _sizes(target)
    return Preprocess(
        resize=resize,
        crop=crop,
        scale=usual.scale,
        mean=usual.mean,
        std=usual.std,
        color=usual.color,
        layout=target.layout,
    )


def usual_normalisations(target: ImageInput, raw: bool = False) -> tuple[Preprocess, ...]:
    """What images are usually normalised by, the most common first; only scale, mean, std and color count.

    ImageNet's mean and deviation, [0, 1], [-1, 1], CIFAR-10's mean and deviation, 0 to 255, Caffe's BGR less the mean.
    """
    color: Color = "gray" if target.channels == 1 else "rgb"
    pixels = Preprocess(scale=1.0, color=color)
    unit = Preprocess(scale=255.0, color=color)
    symmetric = Preprocess(scale=127.5, mean=(1.0,), color=color)
    if raw or target.dtype in ("uint8", "int32", "int64"):
        return (pixels,)
    if target.dtype == "int8":
        return (Preprocess(scale=1.0, mean=(128.0,), color=color),)
    if target.channels == 1:
        return (unit, symmetric, pixels)
    return (
        Preprocess(mean=IMAGENET_MEAN, std=IMAGENET_STD),
        unit,
        symmetric,
        Preprocess(mean=CIFAR_MEAN, std=CIFAR_STD),
        pixels,
        Preprocess(scale=1.0, mean=(103.939, 116.779, 123.68), color="bgr"),
    )


def _sizes(target: ImageInput) -> tuple[int, int | tuple[int, int]]:
    """Short side to resize to, and the crop."""
    height, width = target.height or target.width or DEFAULT_SIDE, target.width or target.height or DEFAULT_SIDE
    if height != width:
        return max(height, width), (height, width)
    return (round(height / CROP_SHARE) if height >= SMALL_SIDE else height), height


def scales_itself(model: Model) -> bool:
    """Whether the first nodes behind the input bring pixels of 0 to 255 to a small range.

    They do if one of them divides by 50 or more, multiplies by at most 1/50, or subtracts or adds 50 or more.
    """
    reached = {value for value in model.graph.inputs if value.name not in model.graph.initializers}
    for node in list(model.graph)[:NODES_LOOKED_AT]:
        if not any(value in reached for value in node.inputs if value is not None):
            continue
        constant = _constant(node)
        if node.op_type in ("Cast", "Transpose", "Identity", "Resize"):
            reached.update(node.outputs)
        elif node.op_type in ("Mul", "Div", "Sub", "Add") and constant is not None:
            if _is_pixel_scale(node.op_type, float(np.abs(constant).max())):
                return True
            reached.update(node.outputs)
    return False


def _is_pixel_scale(op_type: str, magnitude: float) -> bool:
    return 0 < magnitude <= 1 / 50 if op_type == "Mul" else magnitude >= 50


def _constant(node: ir.Node) -> np.ndarray | None:
    for value in node.inputs:
        tensor = ir.convenience.get_const_tensor(value) if value is not None else None
        if tensor is not None and 0 < tensor.size <= 4096:
            return tensor.numpy()
    return None
