"""Measuring the time of every layer."""

from msgspec.structs import replace

from desktop_app.bench.curves import width_curves
from desktop_app.bench.kernels import KernelTimes
from desktop_app.bench.machine import this_machine
from desktop_app.bench.profile import profile_layers
from desktop_app.core.progress import Token
from desktop_app.jobs.measurements import Profiled, ProfileModel
from desktop_app.jobs.opened import opened


def run(request: ProfileModel, token: Token) -> Profiled:
    """Measures an opened model, layer by layer, and how the time of each depends on its widths and bits.

    Raises:
        StudioError: when ONNX Runtime does not run the model.
        Cancelled: when the token says so.
    """
    model = opened(request.snapshot).model
    profile = profile_layers(model, threads=request.threads, token=token)
    curves = width_curves(model.layers, profile.milliseconds, KernelTimes(request.threads, token))
    return Profiled(replace(profile, curves=curves), this_machine(request.threads))
