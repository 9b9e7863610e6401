"""Samples that are image files: what the three kinds of image folders have in common."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.io.data.base import MAX_BROKEN_SHARE, Decoding, Opened, Request, Samples
from desktop_app.io.data.decoding import decoding_threads, in_order
from desktop_app.io.data.guess import guess_preprocess
from desktop_app.io.data.images import read_pixels, to_input, treat_warnings_as_errors
from desktop_app.io.data.preprocessing import check_preprocess
from desktop_app.io.data.specs import ImageInput, image_input
from desktop_app.io.data.spool import Spool


class ImageFiles(Struct, frozen=True):
    """What a kind of image folder has found.

    Attributes:
        kind: What the user sees.
        folder: Where the files lie.
        files: Paths relative to `folder`.
        labels: Class number of each file; empty without labels.
        names: Name of each class; empty without labels.
        notes: What the user should know, a sentence each.
    """

    kind: str
    folder: Path
    files: tuple[str, ...]
    labels: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def open_images(find: Callable[[DataSettings, Path], ImageFiles], settings: DataSettings, request: Request) -> Opened:
    """Opens the images that a kind finds, for a model with one image input.

    Raises:
        InvalidFileError: when no images are found.
        InvalidRecipeError: when the model takes no images, or the preprocessing does not fit it.
    """
    preprocess = settings.preprocess or guess_preprocess(request.inputs)
    target = image_input(request.inputs, preprocess)
    check_preprocess(preprocess, target)
    return Opened(ImageSource(find(settings, Path(settings.path or "")), target, preprocess), preprocess, target.batch)


class ImageSource:
    """Image files as samples of a model with one image input."""

    def __init__(self, found: ImageFiles, target: ImageInput, preprocess: Preprocess) -> None:
        self._found = found
        self._target = target
        self._preprocess = preprocess
        self._spool = Spool()
        self.kind = found.kind
        self.samples = len(found.files)
        self.classes = len(found.names)
        self.notes = found.notes
        self.decoding = Decoding()

    def title(self, index: int) -> tuple[str, str]:
        """File and label of a sample, as text."""
        label = self._found.names[self._found.labels[index]] if self._found.names else ""
        return self._found.files[index], label

    def batches(self, indices: Sequence[int], batch_size: int) -> Iterator[Samples]:
        """The images of `indices` in that order, without those that cannot be read.

        Raises:
            InvalidFileError: when more than 5 % of the images cannot be read, or an image has another size than the
                model's input after preprocessing.
        """
        treat_warnings_as_errors()
        chosen: list[int] = []
        pixels: list[np.ndarray] = []
        for index, one in self._decoded(indices):
            chosen.append(index)
            pixels.append(one)
            if len(chosen) == batch_size:
                yield self._samples(chosen, pixels)
                chosen, pixels = [], []
        if chosen:
            yield self._samples(chosen, pixels)

    def _decoded(self, indices: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        threads = decoding_threads()
        broken: list[str] = []
        for index, result, seconds in in_order(self._pixels, indices, threads):
            if isinstance(result, Exception):
                broken.append(self._note_broken(index, result))
                self._check_broken(broken, len(indices))
                continue
            if index not in self._spool:
                self.decoding.images += 1
                self.decoding.seconds += seconds / threads
                self._spool.keep(index, result)
            yield index, result

    def _pixels(self, index: int) -> np.ndarray:
        kept = self._spool.get(index)
        return read_pixels(self._found.folder / self._found.files[index], self._preprocess) if kept is None else kept

    def _note_broken(self, index: int, error: Exception) -> str:
        if not isinstance(error, StudioError):
            raise error
        name = self._found.files[index]
        self.decoding.broken[name] = str(error)
        return name

    def _check_broken(self, broken: Sequence[str], requested: int) -> None:
        """One broken file may always be left out, unless nothing else was asked for."""
        if len(broken) == requested or len(broken) > max(1, MAX_BROKEN_SHARE * requested):
            name = broken[0]
            others = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
            raise InvalidFileError(
                f"{self._found.folder / name}{others} cannot be read as an image: {self.decoding.broken[name]}. "
                "Remove or repair the broken files and start again."
            )

    def _samples(self, indices: Sequence[int], pixels: Sequence[np.ndarray]) -> Samples:
        self._check_sizes(indices, pixels)
        values = to_input(np.stack(pixels), self._preprocess, np.dtype(self._target.dtype))
        labels = np.array([self._found.labels[index] for index in indices], np.int64) if self._found.labels else None
        return Samples({self._target.name: values}, labels)

    def _check_sizes(self, indices: Sequence[int], pixels: Sequence[np.ndarray]) -> None:
        expected = (self._target.height or pixels[0].shape[0], self._target.width or pixels[0].shape[1])
        for index, one in zip(indices, pixels, strict=True):
            if one.shape[:2] != expected:
                raise InvalidFileError(
                    f"{self._found.folder / self._found.files[index]} is {one.shape[1]} x {one.shape[0]} pixels after "
                    f"preprocessing, not {expected[1]} x {expected[0]}: set data.preprocess.resize and crop."
                )
