"""What a search may choose: for each layer, or layers that are cut together, the values of each setting that helps."""

from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial

from msgspec.structs import replace

from desktop_app.core.budget import Budget
from desktop_app.core.coupling import Coupling
from desktop_app.core.cut import channels_to_keep
from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.methods import PruneMethod
from desktop_app.core.rank import Factor, factorise
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Bits, Knob, LayerOverride, LayerSettings
from desktop_app.core.space import Choice as Choice
from desktop_app.core.space import Space as Space
from desktop_app.core.space import Value as Value
from desktop_app.core.space import key_of
from desktop_app.core.structure import rewritten
from desktop_app.core.summary import ModelSummary

KEPT = (0.875, 0.75, 0.625, 0.5, 0.375, 0.25)
"""Shares of the channels that may stay, beside all; rounded to whole blocks of them."""

FINELY_KEPT = tuple(kept / 32 for kept in range(31, 4, -1))
"""Those that may stay where work is limited and time is not."""

BLOCK, NARROW = 8, 32
"""Channels are kept in blocks of 8, which ONNX Runtime's kernels compute at once; of fewer than 32 in fours."""

FINE_BLOCK = 2
"""In blocks of so many where time is not limited: whole blocks of kernels are no cheaper then."""

SPARSE = (0.5, 0.7, 0.8, 0.9)
"""Shares of single weights that may go."""

RANKS = (0.75, 0.5, 0.375, 0.25, 0.125)
"""Shares of the full rank that may stay."""

WORTH = 0.9
"""A rank or structure that takes more of the layer's work than this share is not offered."""

Maker = Callable[[ModelSummary, Sequence[Layer], Recipe], Iterator[Choice]]
"""Gives the choices of one knob."""


def grounded(base: Recipe) -> Recipe:
    """A recipe of which the methods, the data and the locks are left: what candidates go out from.

    What its methods let layers compete for, a search decides; and which layers keep floats, so that the first ones do
    not spend what it has saved.
    """
    locks = {key: LayerOverride(locked=one.locked) for key, one in base.layers.items()}
    methods = base.methods
    return replace(
        base,
        defaults=LayerSettings(locked=base.defaults.locked),
        layers=locks,
        methods=replace(
            methods,
            prune=replace(methods.prune, scope="layer", target_macs=None, target_latency=None),
            low_rank=replace(methods.low_rank, target_macs=None, target_sqnr_db=None, chosen={}),
            quantize=replace(methods.quantize, float_start=0.0),
        ),
    )


def space_of(summary: ModelSummary, budget: Budget, base: Recipe) -> Space:
    """The choices that a model offers.

    Args:
        summary: Its layer table.
        budget: Whose `free` settings may change.
        base: The recipe that candidates go out from: layers that it locks stay as they are, what its methods
            say decides which settings help.
    """
    free = [layer for layer in summary.layers if not base.settings_for(layer).locked]
    fine = budget.limits.macs is not None and not budget.limits.timed
    makers: dict[Knob, Maker] = {
        "structure": _structures,
        "prune": partial(_prunes, fine=fine),
        "rank": _ranks,
        "bits": _bits,
    }
    found = [choice for knob in budget.free for choice in makers[knob](summary, free, base)]
    return Space(tuple(one for one in found if len(one.values) > 1))


def _prunes(summary: ModelSummary, free: Sequence[Layer], base: Recipe, *, fine: bool) -> Iterator[Choice]:
    """One choice for all layers that are cut together; none where one of them may not be."""
    able = {layer.name: layer for layer in free if "prune" not in layer.refusals}
    if base.methods.prune.unit != "channels":
        shares = SPARSE if base.methods.prune.unit == "weights" else SPARSE[:1]
        yield from (Choice("prune", (key_of(layer),), (0.0, *shares)) for layer in able.values())
        return
    coupling, names = Coupling(summary), {layer.name for layer in free}
    seen = set[str]()
    for layer in able.values():
        together = coupling.closure([layer.name])
        if layer.name in seen or not together <= able.keys():
            continue
        seen |= together
        groups = [one for one in summary.groups if _is_cut(one, together, names)]
        members = tuple(key_of(one) for one in able.values() if one.name in together)
        yield Choice("prune", members, (0.0, *_shares([one.channels for one in groups], base.methods.prune, fine)))


def _is_cut(group: ChannelGroup, together: Set[str], free: Set[str]) -> bool:
    """Whether a group is cut when these layers are: a locked layer that reads it keeps all of it."""
    return not group.refusal and not together.isdisjoint(group.producers) and free >= set(group.consumers)


def _shares(groups: Sequence[int], method: PruneMethod, fine: bool) -> Iterator[float]:
    """Shares that go, of groups of so many channels, so that whole blocks of the largest stay."""
    widest, seen = max(groups, default=0), {tuple(groups)}
    block = FINE_BLOCK if fine else BLOCK if widest >= NARROW else BLOCK // 2
    for share in FINELY_KEPT if fine else KEPT:
        count = max(round(share * widest / block) * block, block)
        ratio = 1.0 - count / widest if widest else 0.0
        left = tuple(channels_to_keep(channels, max(ratio, 0.0), method) for channels in groups)
        if left not in seen:
            seen.add(left)
            yield ratio


def _ranks(summary: ModelSummary, free: Sequence[Layer], base: Recipe) -> Iterator[Choice]:
    for layer in free:
        if "rank" in layer.refusals:
            continue
        left = (layer.output.size, layer.input.size)
        factors = {share: factorise(layer, share, base.methods.low_rank, left) for share in RANKS}
        saving = [share for share, one in factors.items() if isinstance(one, Factor) and one.macs_ratio < WORTH]
        yield Choice("rank", (key_of(layer),), (None, *saving))


def _bits(summary: ModelSummary, free: Sequence[Layer], base: Recipe) -> Iterator[Choice]:
    narrower: tuple[Bits, ...] = (16, 8, 6, 4)
    for layer in free:
        if "bits" not in layer.refusals:
            yield Choice("bits", (key_of(layer),), (32, *(bits for bits in narrower if bits < layer.bits)))


def _structures(summary: ModelSummary, free: Sequence[Layer], base: Recipe) -> Iterator[Choice]:
    for layer in free:
        if "structure" in layer.refusals:
            continue
        left = (layer.output.size, layer.input.size)
        factor = rewritten(layer, LayerSettings(structure="separable"), base.methods.restructure, left)
        saves = not isinstance(factor, str) and factor.macs_ratio < WORTH
        yield Choice("structure", (key_of(layer),), ("keep", "separable") if saves else ("keep",))
