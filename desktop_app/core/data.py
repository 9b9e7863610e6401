"""How a model's inputs are made from the user's files."""

from typing import Literal

from msgspec import Struct

Color = Literal["rgb", "bgr", "gray"]
Layout = Literal["nchw", "nhwc"]


class Preprocess(Struct, frozen=True, forbid_unknown_fields=True):
    """How an image becomes an input: resize the short side, crop the centre, then (pixel / scale - mean) / std.

    Attributes:
        resize: Short side after resizing, in pixels; None keeps the image's size.
        crop: Side of the centre crop (or height and width), in pixels; None keeps all.
        scale: What a pixel value (0 to 255) is divided by.
        mean: Per channel, subtracted after scaling.
        std: Per channel, divided by last.
        color: Order of the channels.
        layout: Order of the axes.
    """

    resize: int | None = None
    crop: int | tuple[int, int] | None = None
    scale: float = 255.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    color: Color = "rgb"
    layout: Layout = "nchw"


class DataSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where samples come from and how many of them calibrate.

    Attributes:
        path: Folder or `.npz`; None stands for seeded synthetic inputs.
        labels: A `labels.csv` (`file,label`); None looks for one in or beside `path`.
        preprocess: None guesses it from the model.
        calibration: The first so many samples, in a seeded order, calibrate; the rest evaluates.
    """

    path: str | None = None
    labels: str | None = None
    preprocess: Preprocess | None = None
    calibration: int = 300
