"""Looking at a data source with the eyes of a model."""

import base64
import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from desktop_app.core.data import Preprocess
from desktop_app.core.errors import InvalidFileError
from desktop_app.core.progress import Token
from desktop_app.core.text import clean_name
from desktop_app.io.data import DataSet
from desktop_app.io.data.images import to_pixels
from desktop_app.jobs.opened import opened
from desktop_app.jobs.previews import DataPreview, PreviewData, SamplePreview
from desktop_app.jobs.sampled import sampled

LARGEST_SIDE = 320
"""Pixels; a preview is for a person to recognise, not to measure."""


def run(request: PreviewData, token: Token) -> DataPreview:
    """Opens the data, guesses the preprocessing where none is given, and shows the first samples.

    Raises:
        InvalidFileError: when the data cannot be read.
        InvalidRecipeError: when the data and the model do not fit together.
        Cancelled: when the token says so.
    """
    model = opened(request.snapshot).model
    samples = sampled(model, request.data, request.seed, token)
    data = samples.data
    indices = (*data.calibration_indices, *data.evaluation_indices)[: request.count]
    return DataPreview(
        kind=data.kind,
        samples=data.samples,
        labelled=data.labelled,
        classes=data.classes,
        calibration=len(data.calibration_indices),
        evaluation=len(data.evaluation_indices),
        preprocess=data.preprocess,
        guessed=data.preprocess is not None and request.data.preprocess is None,
        previews=tuple(_previews(data, indices, token)),
        notes=samples.remarks,
    )


def _previews(data: DataSet, indices: tuple[int, ...], token: Token) -> Iterator[SamplePreview]:
    """The samples as pictures; without one where they are no images, and without those that cannot be read."""
    for index in indices:
        token.check()
        file, label = map(clean_name, data.title(index))
        if data.preprocess is None:
            yield SamplePreview("", file, label)
            continue
        try:
            batch = next(iter(data.source.batches((index,), 1)))
        except InvalidFileError:
            continue  # it is told of in the notes
        (values,) = batch.inputs.values()
        yield SamplePreview(_png(values, data.preprocess), file, label)


def _png(values: np.ndarray, preprocess: Preprocess) -> str:
    """The first sample of a batch as the model sees it, as a PNG in base64."""
    pixels = to_pixels(values, preprocess)[0]
    image = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode("ascii")
