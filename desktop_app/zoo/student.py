"""A student: a member of a family that takes what another model takes and gives what it gives."""

from collections.abc import Sequence
from math import prod

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from desktop_app.core.errors import InvalidRecipeError, StudioError
from desktop_app.core.summary import TensorSpec
from desktop_app.core.text import clean_name
from desktop_app.graph.model import Model
from desktop_app.io.data.specs import fixed_size, image_input
from desktop_app.zoo.building import SEED, build
from desktop_app.zoo.ends import Ends
from desktop_app.zoo.families import Family
from desktop_app.zoo.size import Size, Wishes, size_of

FLOATS = frozenset({"float16", "float32", "float64"})
TAKEN = FLOATS | {"uint8", "int8", "int32", "int64"}
"""Element types of inputs that can be turned into floats."""


def student(
    family: Family,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    wishes: Wishes | None = None,
    *,
    activation: str = "",
    seed: int = SEED,
) -> Model:
    """A member of a family with the inputs and outputs of a teacher, and with weights to train from.

    The first convolution gets the teacher's channels, the last layer its classes. Small inputs, which the published
    strides would shrink to a pixel, keep the first strides at one (see `size_of`): at 32 x 32 the stem and the first
    stage that would halve the map leave it as it is, so the last map has 4 x 4 pixels. Names, shapes and element types
    of both ends are the teacher's: inputs that are not N C H W in single precision are transposed and cast, and where
    the teacher ends in an activation, so does the student.

    Args:
        family: A row of the table.
        inputs: The teacher's inputs.
        outputs: The teacher's outputs, all sizes but the first known.
        wishes: Width and depth; other values as published.
        activation: What the teacher's logits go through ("Softmax", "Sigmoid"); empty for none.
        seed: Of the weights.

    Raises:
        StudioError: when the teacher is no classifier of images, with the reason, or torch is not installed.
    """
    size, ends = adapted(family, inputs, outputs, wishes, activation=activation)
    module = build(family, size, seed)
    from desktop_app.zoo.exporting import export  # not above: it brings in torch

    return export(module, ends, family.name)


def adapted(
    family: Family,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    wishes: Wishes | None = None,
    *,
    activation: str = "",
) -> tuple[Size, Ends]:
    """The size and the ends of such a student; see `student`."""
    image, channels_last, channels = _image(inputs)
    output, classes = _classes(outputs)
    wishes = wishes or Wishes()
    _refuse_other("number of classes", wishes.classes, classes)
    _refuse_other("number of channels", wishes.channels, channels)
    if image is not UNSET:
        side = wishes.resolution
        _refuse_other("resolution", (side, side) if isinstance(side, int) else side, image)
    resolution = image if wishes.resolution is UNSET else wishes.resolution
    size = size_of(family, replace(wishes, resolution=resolution, classes=classes, channels=channels))
    return size, Ends(inputs[0], output, channels_last, activation)


def _refuse_other(what: str, wish: object, given: object) -> None:
    """What the teacher fixes cannot be chosen."""
    if wish is not UNSET and wish != given:
        raise StudioError(f"A student has the {what} of its teacher, which is {given}, not {wish}: leave it out.")


def _image(inputs: Sequence[TensorSpec]) -> tuple[tuple[int, int] | UnsetType, bool, int]:
    """Height and width (where they are fixed), whether channels come last, and how many there are."""
    if len(inputs) != 1:
        raise StudioError(
            f"A student takes one image, and this model has {len(inputs)} inputs "
            f"({', '.join(clean_name(spec.name) for spec in inputs[:4])}): no family can learn from it."
        )
    spec = inputs[0]
    try:
        found = image_input(inputs)
    except InvalidRecipeError as error:
        raise StudioError(
            f"A student takes images (batch, channels, height, width), and input {clean_name(spec.name)} of this model "
            f"is {_shape(spec)}: no family can learn from it."
        ) from error
    if found.dtype not in TAKEN:
        raise StudioError(f"A student takes numbers, and input {clean_name(spec.name)} is of type {found.dtype}.")
    side = (found.height, found.width) if found.height and found.width else UNSET
    return side, found.layout == "nhwc", found.channels or 3


def _classes(outputs: Sequence[TensorSpec]) -> tuple[TensorSpec, int]:
    """The output and how many numbers it has for each sample."""
    if len(outputs) != 1:
        names = ", ".join(clean_name(spec.name) for spec in outputs[:4])
        raise StudioError(
            f"A student gives one output, and this model has {len(outputs)} ({names}): choose a classifier."
        )
    spec = outputs[0]
    sizes = [fixed_size(one) or 0 for one in (spec.shape or ())[1:]]
    if spec.dtype not in FLOATS or not sizes or not 0 < prod(sizes) == max(sizes):
        raise StudioError(
            f"A student gives one row of numbers for each image, and output {clean_name(spec.name)} of this model is "
            f"{_shape(spec)} of {spec.dtype}: choose a classifier."
        )
    return spec, prod(sizes)


def _shape(spec: TensorSpec) -> str:
    if spec.shape is None:
        return "of unknown shape"
    return " x ".join("?" if one is None else clean_name(str(one)) for one in spec.shape) or "a single number"
