"""Evaluating a model on data."""

from desktop_app.bench.evaluate import evaluate
from desktop_app.core.progress import Token
from desktop_app.inspection import input_specs
from desktop_app.io.data import open_data
from desktop_app.io.data.choose import resolve_preprocess
from desktop_app.jobs.messages import Evaluated, EvaluateModel
from desktop_app.jobs.opened import opened


def run(request: EvaluateModel, token: Token) -> Evaluated:
    """Accuracy where the data has labels, fidelity where there is a reference; on samples that do not calibrate.

    Raises:
        InvalidFileError: when a file cannot be read, or ONNX Runtime refuses a model.
        InvalidRecipeError: when the data and the model do not fit together.
        Cancelled: when the token says so.
    """
    model = opened(request.model).model
    reference = None if request.reference is None else opened(request.reference).model
    inputs = input_specs(model)
    settings, remarks = resolve_preprocess(model, request.data, inputs, seed=request.seed, token=token)
    data = open_data(settings, inputs, seed=request.seed, shapes=model.shapes)
    evaluation = evaluate(model, data, data.evaluation_indices, reference=reference, token=token)
    return Evaluated(
        samples=len(data.evaluation_indices),
        accuracy=evaluation.accuracy,
        fidelity=evaluation.fidelity,
        seconds_decoding=data.decoding.seconds,
        images_per_second=data.decoding.images_per_second,
        warnings=tuple(dict.fromkeys((*remarks, *data.notes, *evaluation.notes))),
    )
