"""Which channels of every group go first, and what is lost with them, by the criterion that the recipe names.

On data that takes seconds, and does not depend on how many channels are to go: what was found for a model is kept, and
a slider that moves, or a search that tries hundreds of ratios, finds it again.
"""

import hashlib
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from desktop_app.core.layer import ChannelGroup
from desktop_app.core.methods import PruneMethod
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.cutting import cut_channels
from desktop_app.graph.model import Model
from desktop_app.stats.calibration import Batch, Calibration
from desktop_app.steps.channel_pruning.activations import energies
from desktop_app.steps.channel_pruning.judgement import Judgement, by_saliency
from desktop_app.steps.channel_pruning.losses import losses_of_readers
from desktop_app.steps.channel_pruning.outputs import OutputError
from desktop_app.steps.channel_pruning.saliency import POWERS, Saliency
from desktop_app.steps.channel_pruning.samples import FAILURES, kept_batches

Found = dict[int, Judgement]
"""By group."""

_KNOWN: WeakKeyDictionary[Model, dict[tuple[bytes, int], Judgement]] = WeakKeyDictionary()
"""By what they were found on, and group."""


def judge(
    model: Model, groups: Sequence[ChannelGroup], recipe: Recipe, calibration: Calibration, token: Token
) -> tuple[Found, list[str]]:
    """The judgement of every group, and what is worth saying of how it was found.

    What cannot be judged by the criterion, or not on the samples that there are, is judged by "l2".
    """
    method = recipe.methods.prune
    criterion = criterion_of(method, calibration)
    judged: Found = {}
    notes: dict[str, None] = {}
    error: OutputError | None = None
    try:
        if criterion == "reconstruction":
            batches = kept_batches(calibration)
            error = OutputError(model, batches) if method.competing and batches and groups else None
            samples = _fingerprint(batches, recipe.seed, compared=error is not None)
            judged = _once(
                model, groups, samples, lambda some: losses_of_readers(model, some, batches, token, recipe.seed, error)
            )
        elif criterion == "activation":
            found = energies(model, groups, kept_batches(calibration), token)
            judged = {group: by_saliency(energy, 1) for group, energy in found.items()}
    except FAILURES as failure:
        notes[f"The channels were not judged on the calibration samples: {failure}"] = None
        judged, error = {}, None
    saliency = Saliency(model, criterion)
    for group in groups:
        if group.id not in judged:
            own, used, remark = saliency.of(group)
            judgement = by_saliency(own, POWERS[used])
            judged[group.id] = judgement if error is None else _compared(model, group, judgement, error)
            notes.update(dict.fromkeys([remark] if remark else []))
    return judged, [*notes]


def _once(
    model: Model, groups: Sequence[ChannelGroup], samples: bytes, find: Callable[[Sequence[ChannelGroup]], Found]
) -> Found:
    """What is found of every group; only of those that were not judged on these samples before it is looked for."""
    known = _KNOWN.setdefault(model, {})
    found = find([group for group in groups if (samples, group.id) not in known])
    known |= {(samples, group): judgement for group, judgement in found.items()}
    return {group.id: known[samples, group.id] for group in groups if (samples, group.id) in known}


def _fingerprint(batches: Sequence[Batch], seed: int, *, compared: bool) -> bytes:
    """Names what a judgement depends on beside the model."""
    told = hashlib.blake2b(f"{seed} {compared}".encode())
    for name, array in ((name, array) for batch in batches for name, array in sorted(batch.items())):
        told.update(f"{name} {array.dtype} {array.shape}".encode())
        told.update(np.ascontiguousarray(array).tobytes())
    return told.digest()


def _compared(model: Model, group: ChannelGroup, judgement: Judgement, error: OutputError) -> Judgement:
    """The judgement with losses in the unit of those of other groups: as the output loses, with half the channels."""
    half = group.channels // 2
    if judgement.loss[half] <= 0:
        return judgement
    thinned = cut_channels(model, {group.id: judgement.staying(group.channels - half)})
    return Judgement(judgement.order, judgement.loss * error.of(thinned) / judgement.loss[half])


def criterion_of(method: PruneMethod, calibration: Calibration) -> str:
    """What "auto" stands for: made-up samples say nothing of what a reader loses."""
    if method.criterion != "auto":
        return method.criterion
    return "reconstruction" if method.reconstruct and not calibration.synthetic else "l2"
