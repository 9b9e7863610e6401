"""What every change of every layer alone costs and gives."""

from desktop_app.core.progress import Progress, Token
from desktop_app.jobs.measurements import MeasureSensitivity, SensitivityMeasured
from desktop_app.jobs.opened import opened
from desktop_app.jobs.sampled import sampled, settled_for
from desktop_app.sensitivity import find_sensitivity, known_sensitivity


def run(request: MeasureSensitivity, token: Token) -> SensitivityMeasured:
    """Tries every layer of an opened model alone; goes on where an earlier call was stopped.

    Raises:
        StudioError: when ONNX Runtime does not run the model, or the data do not fit it.
        Cancelled: when the token says so.
    """
    one = opened(request.snapshot)
    token.report(Progress("data", 0.0))
    samples = sampled(one.model, request.recipe.data, request.recipe.seed, token)
    recipe, data, key = settled_for(request.recipe, samples), samples.data, one.snapshot.sha256
    if request.known_only:
        found = known_sensitivity(one.model, key, recipe, data, request.samples)
    else:
        found = find_sensitivity(one.model, key, recipe, data, request.samples, token)
    return SensitivityMeasured(found, samples.remarks)
