"""Opening a data source: which kind it is, and which samples calibrate."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidFileError, InvalidRecipeError
from desktop_app.core.summary import TensorSpec
from desktop_app.io.data import arrays, class_folders, labelled_images, plain_images, synthetic
from desktop_app.io.data.base import DataSet, Opened, Request
from desktop_app.io.data.image_source import open_images
from desktop_app.io.data.splitting import split


class Kind(Struct, frozen=True):
    """A kind of data: whether the settings name it, and how it is opened for a model."""

    matches: Callable[[DataSettings], bool]
    open: Callable[[DataSettings, Request], Opened]


KINDS = (
    Kind(synthetic.matches, synthetic.open_synthetic),
    Kind(arrays.matches, arrays.open_arrays),
    Kind(class_folders.matches, partial(open_images, class_folders.find)),
    Kind(labelled_images.matches, partial(open_images, labelled_images.find)),
    Kind(plain_images.matches, partial(open_images, plain_images.find)),
)
"""The most particular first. A new kind is a file and a row."""


def open_data(
    settings: DataSettings,
    inputs: Sequence[TensorSpec],
    *,
    seed: int,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    training: float = 0.0,
) -> DataSet:
    """Opens the data that the settings name, for a model with those inputs.

    Args:
        settings: Where the data is, and how many samples calibrate.
        inputs: The model's inputs.
        seed: Of the order in which samples are taken, and of made-up inputs.
        shapes: Sizes of inputs as far as they are known beyond `inputs` (-1 elsewhere); for made-up inputs.
        training: Share of the samples beyond those that calibrate that are to train.

    Raises:
        InvalidFileError: when the data cannot be read.
        InvalidRecipeError: when the settings, the data and the model do not fit together.
    """
    request = Request(tuple(inputs), shapes or {}, seed, settings.calibration)
    kind = next((kind for kind in KINDS if kind.matches(settings)), None)
    if kind is None:
        raise InvalidFileError(_what_is_wrong(Path(settings.path or "")))
    return _split(kind.open(settings, request), settings, seed, training)


def reads_images(settings: DataSettings) -> bool:
    """Whether the settings name a folder of images, for which there is a preprocessing."""
    return settings.path is not None and Path(settings.path).is_dir()


def _split(opened: Opened, settings: DataSettings, seed: int, training: float) -> DataSet:
    """Says which samples calibrate, and what was decided.

    Raises:
        InvalidRecipeError: when there are too few samples.
    """
    samples, size = opened.source.samples, opened.fixed_batch
    if opened.source.kind == synthetic.SyntheticSource.kind:
        training = 0.0  # more can be made up at any time
    parts = split(samples, min(opened.most_calibration, settings.calibration), seed, training)
    remarks = parts.notes
    if size is not None and size > 1:
        remarks += (f"The model takes {size} samples at a time; what does not fill a batch is left out.",)
        if min(len(parts.calibration) or size, len(parts.evaluation)) < size:
            raise InvalidRecipeError(
                f"The model takes {size} samples at a time, and of the data's {samples} samples "
                f"{len(parts.calibration)} calibrate and {len(parts.evaluation)} evaluate: give more data."
            )
    guessed = opened.preprocess is not None and settings.preprocess is None
    if guessed:
        remarks += ("The preprocessing was guessed from the model's input: look at it before trusting the figures.",)
    return DataSet(
        opened.source,
        parts.calibration,
        parts.evaluation,
        opened.preprocess,
        guessed,
        size,
        remarks,
        parts.training,
    )


def _what_is_wrong(path: Path) -> str:
    if not path.exists():
        return f"There is nothing at {path}: choose a folder of images, or an .npz file."
    return f"{path} is neither a folder of images nor an .npz file: choose one of these, or no data at all."
