"""Evaluating a model on data."""

from desktop_app.bench.evaluate import evaluate
from desktop_app.core.progress import Token
from desktop_app.jobs.measurements import Evaluated, EvaluateModel
from desktop_app.jobs.opened import opened
from desktop_app.jobs.sampled import sampled


def run(request: EvaluateModel, token: Token) -> Evaluated:
    """Accuracy where the data has labels, fidelity where there is a reference; on samples that do not calibrate.

    Raises:
        InvalidFileError: when a file cannot be read, or ONNX Runtime refuses a model.
        InvalidRecipeError: when the data and the model do not fit together.
        Cancelled: when the token says so.
    """
    model = opened(request.model).model
    reference = None if request.reference is None else opened(request.reference).model
    samples = sampled(model, request.data, request.seed, token)
    data = samples.data
    evaluation = evaluate(model, data, data.evaluation_indices, reference=reference, token=token)
    return Evaluated(
        samples=len(data.evaluation_indices),
        accuracy=evaluation.accuracy,
        fidelity=evaluation.fidelity,
        seconds_decoding=data.decoding.seconds,
        images_per_second=data.decoding.images_per_second,
        warnings=tuple(dict.fromkeys((*samples.remarks, *evaluation.notes))),
    )
