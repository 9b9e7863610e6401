"""Opening a data source: which kind it is, how images are preprocessed, and what calibrates."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import InvalidFileError, InvalidRecipeError
from desktop_app.core.summary import TensorSpec
from desktop_app.io.data import class_folders, labelled_images, plain_images
from desktop_app.io.data.arrays import ArraySource
from desktop_app.io.data.base import DataSet, Request, Source
from desktop_app.io.data.guess import guess_preprocess
from desktop_app.io.data.image_source import ImageFiles, ImageSource
from desktop_app.io.data.specs import ImageInput, fixed_size, image_input
from desktop_app.io.data.splitting import split
from desktop_app.io.data.synthetic import SyntheticSource


class ImageFolder(Struct, frozen=True):
    """A kind of image folder: whether a path is one, and the files in it."""

    matches: Callable[[DataSettings, Path], bool]
    find: Callable[[DataSettings, Path], ImageFiles]


IMAGE_FOLDERS = (
    ImageFolder(class_folders.matches, class_folders.find),
    ImageFolder(labelled_images.matches, labelled_images.find),
    ImageFolder(plain_images.matches, plain_images.find),
)
"""The kinds of image folders, the most particular first."""


def open_data(
    settings: DataSettings,
    inputs: Sequence[TensorSpec],
    *,
    seed: int,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> DataSet:
    """Opens the data that the settings name, for a model with those inputs.

    Args:
        settings: Where the data is, and how many samples calibrate.
        inputs: The model's inputs.
        seed: Of the order in which samples are taken, and of made-up inputs.
        shapes: Sizes of inputs as far as they are known beyond `inputs` (-1 elsewhere); for made-up inputs.

    Raises:
        InvalidFileError: when the data cannot be read.
        InvalidRecipeError: when the settings, the data and the model do not fit together.
    """
    request = Request(tuple(inputs), shapes or {}, seed, settings.calibration)
    if settings.path is None:
        return _split(SyntheticSource(request), settings, seed)
    path = Path(settings.path)
    if path.suffix.lower() == ".npz" and path.is_file():
        arrays = ArraySource(path, request)
        return _split(arrays, settings, seed, fixed_batch=None if arrays.one_by_one else _fixed_batch(inputs))
    found = next((kind.find(settings, path) for kind in IMAGE_FOLDERS if kind.matches(settings, path)), None)
    if found is None:
        raise InvalidFileError(_what_is_wrong(path))
    preprocess = settings.preprocess or guess_preprocess(inputs)
    target = image_input(inputs, preprocess)
    check_preprocess(preprocess, target)
    source = ImageSource(found, target, preprocess)
    return _split(source, settings, seed, preprocess, target.batch)


def reads_images(settings: DataSettings) -> bool:
    """Whether the settings name a folder of images, for which there is a preprocessing."""
    return settings.path is not None and Path(settings.path).is_dir()


def check_preprocess(preprocess: Preprocess, target: ImageInput) -> None:
    """Refuses what cannot be done, or cannot fit the model.

    Raises:
        InvalidRecipeError: naming the key of the recipe.
    """
    channels = 1 if preprocess.color == "gray" else 3
    height, width = (preprocess.crop,) * 2 if isinstance(preprocess.crop, int) else preprocess.crop or (None, None)
    problems = {
        "resize": preprocess.resize is not None and not 1 <= preprocess.resize <= 8192,
        "crop": not all(side is None or 1 <= side <= 8192 for side in (height, width)),
        "scale": not 0 < abs(preprocess.scale) < float("inf"),
        "mean": len(preprocess.mean) not in (1, channels),
        "std": len(preprocess.std) not in (1, channels) or not all(preprocess.std),
    }
    for key, wrong in problems.items():
        if wrong:
            raise InvalidRecipeError(
                f"data.preprocess.{key} is {getattr(preprocess, key)}, which cannot be done with {channels} channels: "
                "give sizes from 1 to 8192, a scale and std other than 0, one mean and std or one a channel."
            )
    if target.channels not in (None, channels):
        raise InvalidRecipeError(
            f"data.preprocess.color is {preprocess.color}, and the model takes {target.channels} channels: "
            f"set it to {'gray' if target.channels == 1 else 'rgb'}."
        )
    if target.layout != preprocess.layout:
        raise InvalidRecipeError(
            f"data.preprocess.layout is {preprocess.layout}, and the model's input is {target.layout}: set it to that."
        )
    if height is not None and (target.height not in (None, height) or target.width not in (None, width)):
        raise InvalidRecipeError(
            f"data.preprocess.crop is {preprocess.crop}, and the model takes {target.height or height} x "
            f"{target.width or width} pixels: set it to that."
        )


def _split(
    source: Source,
    settings: DataSettings,
    seed: int,
    preprocess: Preprocess | None = None,
    fixed_batch: int | None = None,
) -> DataSet:
    calibration = min(settings.calibration, source.samples // 2) if source.kind == "synthetic" else settings.calibration
    parts = split(source.samples, calibration, seed)
    remarks = parts.notes
    if fixed_batch is not None and fixed_batch > 1:
        remarks += (f"The model takes {fixed_batch} samples at a time; what does not fill a batch is left out.",)
        if min(len(parts.calibration) or fixed_batch, len(parts.evaluation)) < fixed_batch:
            raise InvalidRecipeError(
                f"The model takes {fixed_batch} samples at a time, and of the data's {source.samples} samples "
                f"{len(parts.calibration)} calibrate and {len(parts.evaluation)} evaluate: give more data."
            )
    guessed = preprocess is not None and settings.preprocess is None
    if guessed:
        remarks += ("The preprocessing was guessed from the model's input: look at it before trusting the figures.",)
    return DataSet(source, parts.calibration, parts.evaluation, preprocess, guessed, fixed_batch, remarks)


def _fixed_batch(inputs: Sequence[TensorSpec]) -> int | None:
    return next((size for spec in inputs if spec.shape and (size := fixed_size(spec.shape[0])) is not None), None)


def _what_is_wrong(path: Path) -> str:
    if not path.exists():
        return f"There is nothing at {path}: choose a folder of images, or an .npz file."
    return f"{path} is neither a folder of images nor an .npz file: choose one of these, or no data at all."
