"""Looking at what every layer gives on a few samples."""

from desktop_app.core.progress import Token
from desktop_app.inspection import input_specs
from desktop_app.io.data import open_data
from desktop_app.io.data.choose import resolve_preprocess
from desktop_app.jobs.cleaned import cleaned
from desktop_app.jobs.looks import ActivationsInspected, InspectActivations
from desktop_app.look import look_at_activations

BATCH = 4


def run(request: InspectActivations, token: Token) -> ActivationsInspected:
    """Runs the model on a few calibration samples.

    Raises:
        StudioError: when ONNX Runtime does not run the model, or the data do not fit it.
        Cancelled: when the token says so.
    """
    model = cleaned(request.snapshot)
    inputs = input_specs(model)
    settings, _ = resolve_preprocess(model, request.data, inputs, seed=request.seed, token=token)
    data = open_data(settings, inputs, seed=request.seed, shapes=model.shapes)
    chosen = data.calibration_indices[: request.samples]
    batches = (batch.inputs for batch in data.batches(chosen, BATCH))
    return ActivationsInspected(look_at_activations(model, batches, len(chosen), token), len(chosen))
