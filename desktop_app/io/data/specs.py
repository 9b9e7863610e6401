"""What the inputs of a model ask of the data."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from onnxruntime import InferenceSession

from desktop_app.core.data import Layout, Preprocess
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.summary import TensorSpec

DTYPES: dict[str, np.dtype] = {
    name: np.dtype(name)
    for name in (
        *("float16", "float32", "float64", "bool"),
        *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    )
}
ALIASES = {"float": "float32", "double": "float64", "str": "string", "object": "string"}


class ImageInput(Struct, frozen=True):
    """An input that takes images; None stands for a size that the model leaves open."""

    name: str
    dtype: str
    batch: int | None
    channels: int | None
    height: int | None
    width: int | None
    layout: Layout


def dtype_of(spec: TensorSpec) -> np.dtype:
    """The numpy type of an input; `object` for strings.

    Accepts numpy's, ONNX's and ONNX Runtime's spelling ("float32", "FLOAT", "tensor(float)").

    Raises:
        InvalidRecipeError: when numpy arrays of that type cannot be fed.
    """
    name = spec.dtype.lower().removeprefix("tensor(").removesuffix(")")
    name = ALIASES.get(name, name)
    if name == "string":
        return np.dtype(object)
    if name not in DTYPES:
        raise InvalidRecipeError(
            f"The input {spec.name!r} takes {spec.dtype}, for which no data can be made: it can only be inspected."
        )
    return DTYPES[name]


def fixed_size(dimension: int | str | None) -> int | None:
    """The size of a dimension, or None where the model leaves it open (exporters write 0 and -1 for that, too)."""
    return dimension if isinstance(dimension, int) and dimension > 0 else None


def image_input(inputs: Sequence[TensorSpec], preprocess: Preprocess | None = None) -> ImageInput:
    """The one input that takes images, with its layout (that of `preprocess` where the shape does not show it).

    Raises:
        InvalidRecipeError: when the model does not take images.
    """
    if len(inputs) != 1:
        names = ", ".join(spec.name for spec in inputs)
        raise InvalidRecipeError(
            f"The model has {len(inputs)} inputs, and images feed only one: give an .npz with arrays named {names}."
        )
    spec = inputs[0]
    shape = spec.shape
    if shape is None or len(shape) != 4:
        rank = "an unknown shape" if shape is None else f"{len(shape)} axes"
        raise InvalidRecipeError(
            f"The input {spec.name!r} has {rank}, and images need four (batch, channels, height, width): "
            f"give an .npz with an array named {spec.name}."
        )
    batch, *rest = (fixed_size(dimension) for dimension in shape)
    layout = _layout(rest, preprocess)
    if layout == "nchw":
        channels, height, width = rest
    else:
        height, width, channels = rest
    if channels not in (None, 1, 3):
        raise InvalidRecipeError(
            f"The input {spec.name!r} has {channels} channels, and images give 1 or 3: give an .npz with an array "
            f"named {spec.name}."
        )
    return ImageInput(spec.name, str(dtype_of(spec)), batch, channels, height, width, layout)


def _layout(sizes: Sequence[int | None], preprocess: Preprocess | None) -> Layout:
    """Channels are the axis of size 1 or 3; where both ends could be or none is, what the recipe says, else first."""
    first, last = sizes[0] in (1, 3), sizes[-1] in (1, 3)
    if first != last:
        return "nchw" if first else "nhwc"
    return preprocess.layout if preprocess else "nchw"


def inputs_of(session: InferenceSession) -> tuple[TensorSpec, ...]:
    """The inputs of an open session."""
    return tuple(TensorSpec(one.name, one.type, tuple(one.shape)) for one in session.get_inputs())
