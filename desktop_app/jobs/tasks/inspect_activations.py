"""Looking at what every layer gives on a few samples."""

from desktop_app.core.progress import Token
from desktop_app.jobs.cleaned import cleaned
from desktop_app.jobs.looks import ActivationsInspected, InspectActivations
from desktop_app.jobs.sampled import sampled
from desktop_app.look import look_at_activations

BATCH = 4


def run(request: InspectActivations, token: Token) -> ActivationsInspected:
    """Runs the model on a few calibration samples.

    Raises:
        StudioError: when ONNX Runtime does not run the model, or the data do not fit it.
        Cancelled: when the token says so.
    """
    model = cleaned(request.snapshot)
    data = sampled(model, request.data, request.seed, token).data
    chosen = data.calibration_indices[: request.samples]
    batches = (batch.inputs for batch in data.batches(chosen, BATCH))
    return ActivationsInspected(look_at_activations(model, batches, len(chosen), token), len(chosen))
