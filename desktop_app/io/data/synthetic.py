"""Seeded made-up inputs: what is measured on them is called fidelity, never accuracy."""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.summary import TensorSpec
from desktop_app.io.data.base import Decoding, Opened, Request, Samples
from desktop_app.io.data.specs import dtype_of, fixed_size

CALIBRATION = 64
EVALUATION = 64
IMAGE_SIDE = 224
LENGTH = 32
"""Size of open dimensions that are not known to be an image's side."""
VOCABULARY = 100
"""Token numbers stay below this, so that they lie in every embedding table."""
MAX_VALUES = 2**28
MASK = re.compile(r"mask", re.IGNORECASE)
RATE = re.compile(r"(^|_)(sr|rate)$|sample_?rate", re.IGNORECASE)
ZEROS = re.compile(r"token_?type|segment", re.IGNORECASE)
POSITION = re.compile(r"position", re.IGNORECASE)


def matches(settings: DataSettings) -> bool:
    """No data is named."""
    return settings.path is None


def open_synthetic(settings: DataSettings, request: Request) -> Opened:
    """Makes up samples for the model's inputs.

    Raises:
        InvalidRecipeError: when an input is no tensor of a type and rank that can be made up.
    """
    return Opened(SyntheticSource(request), most_calibration=CALIBRATION)


class SyntheticSource:
    """Samples drawn from a generator that is seeded by the sample's number."""

    kind = "synthetic"
    classes = 0
    notes = ("The inputs are made up: fidelity on them says less than on real samples, and accuracy cannot be told.",)

    def __init__(self, request: Request) -> None:
        """Settles the shapes.

        Raises:
            InvalidRecipeError: when an input is no tensor of a type and rank that can be made up.
        """
        self._seed = request.seed
        self._types = {spec.name: dtype_of(spec) for spec in request.inputs}
        self._shapes = sample_shapes(request.inputs, request.shapes)
        self._batched = have_batch_axis(request.inputs)
        self.samples = max(min(request.calibration, CALIBRATION), 0) + EVALUATION
        self.decoding = Decoding()

    def batches(self, indices: Sequence[int], batch_size: int) -> Iterator[Samples]:
        """The samples of `indices`; one by one where the inputs have no open first axis in common."""
        size = batch_size if self._batched else 1
        for start in range(0, len(indices), size):
            made = [self._sample(index) for index in indices[start : start + size]]
            yield Samples(
                {name: np.concatenate([one[name] for one in made]) for name in made[0]} if size > 1 else made[0]
            )

    def title(self, index: int) -> tuple[str, str]:
        """The sample's number."""
        return f"made up, number {index}", ""

    def _sample(self, index: int) -> dict[str, np.ndarray]:
        generator = np.random.default_rng([self._seed, index])
        return {name: draw(generator, name, shape, self._types[name]) for name, shape in self._shapes.items()}


def have_batch_axis(inputs: Sequence[TensorSpec]) -> bool:
    """Whether the first axis of every input is open and, where it has a symbol, called the same in all of them."""
    first = {spec.shape[0] if spec.shape else 1 for spec in inputs}
    return len(first) == 1 and fixed_size(next(iter(first))) is None


def sample_shapes(
    inputs: Sequence[TensorSpec], shapes: Mapping[str, tuple[int, ...]] | None = None
) -> dict[str, tuple[int, ...]]:
    """A complete shape for one sample of every input.

    The model's own sizes first, then those of `shapes` (-1 for unknown), then 1 for the first axis, 224 for the sides
    of images, 32 for everything else; a symbol has the same size wherever it occurs.

    Raises:
        InvalidRecipeError: when the rank of an input is not known, or it would be too large.
    """
    symbols: dict[str, int] = {}
    complete = {}
    for spec in inputs:
        known = (shapes or {}).get(spec.name, ())
        if spec.shape is None and not known:
            raise InvalidRecipeError(
                f"The number of axes of the input {spec.name!r} is not known, so no input can be made up: give an .npz."
            )
        dimensions = spec.shape if spec.shape is not None else known
        sizes = []
        for axis, dimension in enumerate(dimensions):
            inferred = known[axis] if axis < len(known) and known[axis] > 0 else None
            size = fixed_size(dimension) or inferred or _open_size(dimensions, axis)
            sizes.append(symbols.setdefault(dimension, size) if isinstance(dimension, str) and dimension else size)
        if np.prod(sizes, dtype=float) > MAX_VALUES:
            raise InvalidRecipeError(
                f"The input {spec.name!r} of shape {tuple(sizes)} is too large to be made up: give an .npz."
            )
        complete[spec.name] = tuple(sizes)
    return complete


def _open_size(dimensions: Sequence[int | str | None], axis: int) -> int:
    if axis == 0:
        return 1
    if len(dimensions) == 4:
        channels_last = fixed_size(dimensions[3]) in (1, 3) and fixed_size(dimensions[1]) not in (1, 3)
        return 3 if axis == (3 if channels_last else 1) else IMAGE_SIDE
    return LENGTH


def draw(generator: np.random.Generator, name: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Values that an input of that name and type might take.

    Floats are normal with variance 1 (masks are ones), bytes cover their range, integers of several axes are token
    numbers (masks ones, segments zeros, positions counted), single integers are 1 (rates 16000), booleans are true.
    """
    if dtype == np.dtype(object):
        return np.full(shape, "text", dtype=object)
    if MASK.search(name) or dtype == np.dtype(bool):
        return np.ones(shape, dtype)
    if np.issubdtype(dtype, np.floating):
        return generator.standard_normal(shape).astype(dtype)
    if dtype.itemsize == 1:
        limits = np.iinfo(dtype)
        return generator.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    if RATE.search(name):
        return np.full(shape, 16000).astype(dtype)
    if ZEROS.search(name):
        return np.zeros(shape, dtype)
    if POSITION.search(name) and shape:
        return np.broadcast_to(np.arange(shape[-1]), shape).astype(dtype)
    return generator.integers(0, VOCABULARY, shape).astype(dtype) if len(shape) > 1 else np.ones(shape, dtype)


def made_up_feeds(
    inputs: Sequence[TensorSpec], shapes: Mapping[str, tuple[int, ...]] | None = None, seed: int = 0
) -> dict[str, np.ndarray]:
    """One made-up sample, to run a model with.

    Raises:
        InvalidRecipeError: when an input is no tensor of a type and rank that can be made up.
    """
    return next(SyntheticSource(Request(inputs, shapes or {}, seed, 0)).batches((0,), 1)).inputs
