"""One image file to pixels, and pixels to what the model takes."""

import warnings
from math import ceil
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from desktop_app.core.data import Preprocess
from desktop_app.core.errors import InvalidFileError

FORMATS = ("PNG", "JPEG", "BMP", "WEBP")
MAX_PIXELS = 50_000_000
MODES = {"rgb": "RGB", "bgr": "RGB", "gray": "L"}


def treat_warnings_as_errors() -> None:
    """What Pillow only warns of (bombs, broken metadata) is a reason not to read the file."""
    warnings.filterwarnings("error", module=r"PIL(\.|$)")
    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def read_pixels(path: Path, preprocess: Preprocess) -> np.ndarray:
    """Decodes, turns upright, resizes and crops an image.

    Returns:
        uint8 (height, width, channels); the channels in the order of `preprocess.color`.

    Raises:
        InvalidFileError: when the file is no whole image of a known format and size.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InvalidFileError(f"{image.width} x {image.height} pixels, more than 50 megapixels")
            upright = _converted(ImageOps.exif_transpose(image), MODES[preprocess.color])
            pixels = np.asarray(_cropped(_resized(upright, preprocess), preprocess))
    except InvalidFileError:
        raise
    except Exception as error:  # Pillow's decoders raise almost anything on broken bytes
        raise InvalidFileError(_reason(error)) from error
    if preprocess.color == "gray":
        return pixels[:, :, None]
    return pixels[:, :, ::-1] if preprocess.color == "bgr" else pixels


def to_input(pixels: np.ndarray, preprocess: Preprocess, dtype: np.dtype) -> np.ndarray:
    """A batch of pixels as the model takes it: (pixel / scale - mean) / std, then the axes in the model's order.

    Args:
        pixels: uint8 (samples, height, width, channels).
        preprocess: What to do.
        dtype: Of the model's input; for integers the values are rounded and clipped.
    """
    mean, std = np.array(preprocess.mean, np.float32), np.array(preprocess.std, np.float32)
    values = (pixels.astype(np.float32) / np.float32(preprocess.scale) - mean) / std
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    if preprocess.layout == "nchw":
        values = values.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(values, dtype)


def to_pixels(values: np.ndarray, preprocess: Preprocess) -> np.ndarray:
    """The inverse of `to_input`, to show what the model sees: uint8 (samples, height, width, channels)."""
    if preprocess.layout == "nchw":
        values = values.transpose(0, 2, 3, 1)
    mean, std = np.array(preprocess.mean, np.float32), np.array(preprocess.std, np.float32)
    pixels = np.clip(np.rint((values.astype(np.float32) * std + mean) * preprocess.scale), 0, 255).astype(np.uint8)
    return np.asarray(pixels[..., ::-1] if preprocess.color == "bgr" else pixels)


def _converted(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a channel: Pillow's own conversion clips at 255
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert(mode)
    if image.mode == "P" and "transparency" in image.info:  # Pillow warns of the direct way
        image = image.convert("RGBA")
    return image if image.mode == mode else image.convert(mode)


def _resized(image: Image.Image, preprocess: Preprocess) -> Image.Image:
    """Short side to `resize` (bilinear with antialiasing, as is common), but never smaller than the crop."""
    short = min(image.size)
    target = preprocess.resize or short
    if preprocess.crop is not None:
        height, width = _sides(preprocess.crop)
        target = max(target, ceil(short * height / image.height), ceil(short * width / image.width))
    if target == short:
        return image
    width, height = (target if side == short else target * side // short for side in image.size)
    if width * height > MAX_PIXELS:  # a line of pixels, as wide as a book is long
        raise InvalidFileError(f"{image.width} x {image.height} pixels cannot be resized to a short side of {target}")
    return image.resize((width, height), Image.Resampling.BILINEAR)


def _cropped(image: Image.Image, preprocess: Preprocess) -> Image.Image:
    if preprocess.crop is None:
        return image
    height, width = _sides(preprocess.crop)
    left, top = round((image.width - width) / 2), round((image.height - height) / 2)
    return image.crop((left, top, left + width, top + height))


def _sides(crop: int | tuple[int, int]) -> tuple[int, int]:
    return (crop, crop) if isinstance(crop, int) else crop


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "it is no PNG, JPEG, BMP or WEBP image"
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return "more than 50 megapixels"
    return " ".join(str(error).split())[:120] or type(error).__name__
