"""What every change of every layer alone costs and gives."""

from msgspec.structs import replace

from desktop_app.core.progress import Progress, Token
from desktop_app.inspection import input_specs
from desktop_app.io.data import open_data
from desktop_app.io.data.choose import resolve_preprocess
from desktop_app.jobs.messages import MeasureSensitivity, SensitivityMeasured
from desktop_app.jobs.opened import opened
from desktop_app.sensitivity import find_sensitivity, known_sensitivity
from desktop_app.steps.int8.scheme import settled


def run(request: MeasureSensitivity, token: Token) -> SensitivityMeasured:
    """Tries every layer of an opened model alone; goes on where an earlier call was stopped.

    Raises:
        StudioError: when ONNX Runtime does not run the model, or the data do not fit it.
        Cancelled: when the token says so.
    """
    one = opened(request.snapshot)
    token.report(Progress("data", 0.0))
    inputs, recipe = input_specs(one.model), request.recipe
    settings, remarks = resolve_preprocess(one.model, recipe.data, inputs, seed=recipe.seed, token=token)
    methods = replace(recipe.methods, quantize=settled(recipe.methods.quantize))
    recipe = replace(recipe, data=settings, methods=methods)
    data = open_data(settings, inputs, seed=recipe.seed, shapes=one.model.shapes)
    key = one.snapshot.sha256
    if request.known_only:
        found = known_sensitivity(one.model, key, recipe, data, request.samples)
    else:
        found = find_sensitivity(one.model, key, recipe, data, request.samples, token)
    return SensitivityMeasured(found, tuple(dict.fromkeys((*remarks, *data.notes))))
