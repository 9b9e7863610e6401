"""What a member of a family will cost, before it is made."""

from msgspec import UNSET

from desktop_app.bench.kernel import kernels_of
from desktop_app.bench.kernels import KernelTimes, sum_of
from desktop_app.conversion import ends_of
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.inspection import NO_DATA
from desktop_app.jobs.conversions import MemberSized, SizeMember
from desktop_app.jobs.opened import opened
from desktop_app.steps.clean import Clean
from desktop_app.zoo.draft import draft
from desktop_app.zoo.families import family_named
from desktop_app.zoo.size import Wishes


def run(request: SizeMember, token: Token) -> MemberSized:
    """Drafts the model, counts, and adds up what its operators take here, each timed once and then remembered.

    Raises:
        StudioError: when a size makes no sense, the model to be like is no classifier of images, or torch is missing.
        Cancelled: when the token says so.
    """
    token.report(Progress("open", 0.0))
    family = family_named(request.family)
    teacher = opened(request.like).model if request.like else None
    size, ends = ends_of(family, _wishes(request), teacher)
    drafted = draft(family, size, ends)
    token.check()
    layers = drafted.model.layers
    macs, stored = sum(layer.macs for layer in layers), sum(layer.bytes for layer in layers)
    cleaned = Clean().apply(drafted.model, Recipe(), NO_DATA, token).model
    return MemberSized(drafted.params, macs, stored, _latency(cleaned, request.threads, token))


def _latency(model: Model, threads: int, token: Token) -> float:
    """Milliseconds of all operators that can be timed, one after another."""
    kernels = list(kernels_of(model).values())
    return sum_of(kernels, KernelTimes(threads, token).of(kernels), ends=True) / 1000


def _wishes(request: SizeMember) -> Wishes:
    return Wishes(
        UNSET if request.width is None else request.width,
        UNSET if request.depth is None else request.depth,
        UNSET if request.resolution is None else request.resolution,
        UNSET if request.classes is None else request.classes,
    )
