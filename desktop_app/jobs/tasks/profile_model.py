"""Measuring the time of every layer."""

from desktop_app.bench.machine import this_machine
from desktop_app.bench.profile import profile_layers
from desktop_app.core.progress import Token
from desktop_app.jobs.messages import Profiled, ProfileModel
from desktop_app.jobs.opened import opened


def run(request: ProfileModel, token: Token) -> Profiled:
    """Measures an opened model, layer by layer.

    Raises:
        StudioError: when ONNX Runtime does not run the model.
        Cancelled: when the token says so.
    """
    model = opened(request.snapshot).model
    return Profiled(profile_layers(model, threads=request.threads, token=token), this_machine(request.threads))
