"""An `.npz` whose arrays are named after the model's inputs, and perhaps `label` and `output:NAME`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.summary import TensorSpec
from desktop_app.io.data.base import Decoding, Opened, Request, Samples
from desktop_app.io.data.npz import read_arrays
from desktop_app.io.data.specs import dtype_of, fixed_size

LABEL = "label"
OUTPUT = "output:"


def matches(settings: DataSettings) -> bool:
    """A file whose name ends in .npz."""
    return settings.path is not None and settings.path.lower().endswith(".npz") and Path(settings.path).is_file()


def open_arrays(settings: DataSettings, request: Request) -> Opened:
    """Reads the arrays.

    Raises:
        InvalidFileError: when the file is no archive of plain arrays, or claims to be too large.
        InvalidRecipeError: when the arrays do not fit the model's inputs.
    """
    source = ArraySource(Path(settings.path or ""), request)
    first = (fixed_size(spec.shape[0]) for spec in request.inputs if spec.shape)
    fixed = None if source.one_by_one else next((size for size in first if size is not None), None)
    return Opened(source, fixed_batch=fixed)


class ArraySource:
    """Arrays as samples: the first axis counts them."""

    kind = "arrays"

    def __init__(self, path: Path, request: Request) -> None:
        """Reads the arrays.

        Raises:
            InvalidFileError: when the file is no archive of plain arrays, or claims to be too large.
            InvalidRecipeError: when the arrays do not fit the model's inputs.
        """
        arrays = read_arrays(path)
        self._file = path.name
        self._specs = {spec.name: spec for spec in request.inputs}
        missing = [name for name in self._specs if name not in arrays]
        if missing:
            raise InvalidRecipeError(
                f"{path} has no array for {', '.join(missing)}: "
                f"it has {', '.join(arrays) or 'none'}; name the arrays after the model's inputs."
            )
        self._inputs = {name: _fitted(arrays[name], spec) for name, spec in self._specs.items()}
        self.samples = _count(path, {name: self._inputs[name] for name in self._inputs if self._counts(name)})
        self._labels = _labels(arrays.get(LABEL), self.samples)
        self._outputs = {
            name.removeprefix(OUTPUT): array
            for name, array in arrays.items()
            if name.startswith(OUTPUT) and len(array) == self.samples
        }
        known = {*self._inputs, LABEL, *(OUTPUT + name for name in self._outputs)}
        ignored = [name for name in arrays if name not in known]
        self.classes = int(self._labels.max()) + 1 if self._labels is not None else 0
        self.notes = (f"Arrays that are not used: {', '.join(ignored)}.",) if ignored else ()
        self.decoding = Decoding()

    @property
    def one_by_one(self) -> bool:
        """Whether each sample is a whole run, since its array has one axis more than the model's input."""
        return any(array.ndim > len(self._shape(name)) for name, array in self._inputs.items())

    def batches(self, indices: Sequence[int], batch_size: int) -> Iterator[Samples]:
        """The samples of `indices` in that order."""
        size = 1 if self.one_by_one else batch_size
        for start in range(0, len(indices), size):
            chosen = np.array(indices[start : start + size])
            yield Samples(
                {name: self._taken(name, chosen) for name in self._inputs},
                None if self._labels is None else self._labels[chosen],
                {name: array[chosen] for name, array in self._outputs.items()},
            )

    def title(self, index: int) -> tuple[str, str]:
        """The archive's name with the sample's number, and its label."""
        return f"{self._file}[{index}]", "" if self._labels is None else str(self._labels[index])

    def _shape(self, name: str) -> tuple[int | str | None, ...]:
        shape = self._specs[name].shape
        return self._inputs[name].shape if shape is None else shape

    def _counts(self, name: str) -> bool:
        """Whether the first axis of the array counts samples; an input without axes is the same for all."""
        return self._inputs[name].ndim > 0

    def _taken(self, name: str, chosen: np.ndarray) -> np.ndarray:
        array = self._inputs[name]
        if array.ndim == 0:
            return array
        return np.asarray(array[chosen[0]] if array.ndim > len(self._shape(name)) else array[chosen])


def _fitted(array: np.ndarray, spec: TensorSpec) -> np.ndarray:
    """The array in the type of the input, if its shape fits: with the same axes, or one more in front."""
    dtype = dtype_of(spec)
    shape = spec.shape
    if shape is not None:
        rank = len(shape)
        sizes = array.shape[1:] if array.ndim == rank else array.shape[array.ndim - rank :]
        wanted = shape[1:] if array.ndim == rank else shape
        fits = array.ndim in (rank, rank + 1) and all(
            fixed_size(want) in (None, size) for want, size in zip(wanted, sizes, strict=True)
        )
        if not fits:
            raise InvalidRecipeError(
                f"The array {spec.name} has the shape {_text(array.shape)}, and the model takes {_text(shape)}: "
                "its first axis must count the samples, the others must fit."
            )
    if dtype == np.dtype(object):
        return array.astype(object)
    if not np.can_cast(array.dtype, dtype, "same_kind") and not np.array_equal(array.astype(dtype), array):
        raise InvalidRecipeError(
            f"The array {spec.name} is {array.dtype}, and the model takes {dtype}: convert it first."
        )
    return array.astype(dtype, copy=False)


def _count(path: Path, arrays: Mapping[str, np.ndarray]) -> int:
    counts = {name: len(array) for name, array in arrays.items()}
    if len(set(counts.values())) != 1:
        listed = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise InvalidRecipeError(f"The arrays of {path} do not have the same number of samples: {listed or 'none'}.")
    return next(iter(counts.values()))


def _labels(array: np.ndarray | None, samples: int) -> np.ndarray | None:
    """Class numbers, from numbers or from rows with a single one."""
    if array is None:
        return None
    if array.ndim == 2 and array.shape[1] > 1 and np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all():
        array = array.argmax(axis=1)
    numbers = array.reshape(-1) if array.size == samples else array
    whole = numbers.ndim == 1 and np.issubdtype(numbers.dtype, np.number) and np.array_equal(numbers, np.floor(numbers))
    if len(numbers) != samples or not whole or (samples and numbers.min() < 0):
        raise InvalidRecipeError(
            f"The array {LABEL!r} has the shape {_text(array.shape)} and the type {array.dtype}: "
            f"it must hold {samples} class numbers, from 0 on."
        )
    return numbers.astype(np.int64)


def _text(shape: Sequence[int | str | None]) -> str:
    return "(" + ", ".join("?" if size is None else str(size) for size in shape) + ")"
