"""What a search may choose: for each layer, or layers that are cut together, the values of each setting that helps."""

from collections.abc import Iterator, Mapping, Sequence, Set
from math import log10

from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.budget import Budget
from desktop_app.core.coupling import Coupling
from desktop_app.core.cut import channels_to_keep
from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.methods import PruneMethod
from desktop_app.core.predict import predict
from desktop_app.core.rank import Factor, factorise
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import Bits, Knob, LayerOverride, LayerSettings
from desktop_app.core.structure import rewritten
from desktop_app.core.summary import ModelSummary

KEPT = (0.875, 0.75, 0.625, 0.5, 0.375, 0.25)
"""Shares of the channels that may stay, beside all; rounded to whole blocks of them."""

BLOCK, NARROW = 8, 32
"""Channels are kept in blocks of 8, which ONNX Runtime's kernels compute at once; of fewer than 32 in fours."""

SPARSE = (0.5, 0.7, 0.8, 0.9)
"""Shares of single weights that may go."""

RANKS = (0.75, 0.5, 0.375, 0.25, 0.125)
"""Shares of the full rank that may stay."""

WORTH = 0.9
"""A rank or structure that takes more of the layer's work than this share is not offered."""

Value = float | int | str | None


class Choice(Struct, frozen=True):
    """One decision.

    Attributes:
        knob: Which setting.
        layers: Whose, by the names that recipes use; they are set alike.
        values: Of which one is chosen; the first leaves the layers as they are.
    """

    knob: Knob
    layers: tuple[str, ...]
    values: tuple[Value, ...]


class Space(Struct, frozen=True):
    """All decisions. A candidate is the number of one value for each: its genes."""

    choices: tuple[Choice, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each choice has."""
        return tuple(len(one.values) for one in self.choices)

    @property
    def exponent(self) -> float:
        """The number of candidates is ten to the power of this."""
        return sum(log10(size) for size in self.sizes)

    def recipe(self, genes: Sequence[int], base: Recipe) -> Recipe:
        """What a candidate asks for, over the methods, locks and data of `base`."""
        settings: dict[str, LayerSettings] = {}
        for choice, gene in zip(self.choices, genes, strict=True):
            for name in choice.layers:
                before = settings.get(name, LayerSettings())
                settings[name] = replace(before, **{choice.knob: choice.values[gene]})
        changed = {name: one for name, one in settings.items() if one != LayerSettings()}
        return base.with_layers(changed)

    def effective(self, genes: Sequence[int], summary: ModelSummary, base: Recipe) -> tuple[int, ...]:
        """The genes without what would not happen: a rank that saves nothing once channels are gone, say.

        So that candidates that come to the same are judged once, and no step finds that it has nothing to do.
        """
        taken = tuple(genes)
        for _ in self.choices:  # what is taken back may be why another was refused
            refused = predict(summary, self.recipe(taken, base)).refusals
            by_origin = {_key(layer): refused.get(layer.name, {}) for layer in summary.layers}
            kept = tuple(
                0 if all(one.knob in by_origin.get(name, {}) for name in one.layers) else gene
                for one, gene in zip(self.choices, taken, strict=True)
            )
            if kept == taken:
                break
            taken = kept
        return taken

    def told(self) -> Mapping[str, int]:
        """How many choices there are of each setting."""
        return {knob: count for knob in ("structure", "prune", "rank", "bits") if (count := self._count(knob))}

    def _count(self, knob: str) -> int:
        return sum(one.knob == knob for one in self.choices)


def grounded(base: Recipe) -> Recipe:
    """A recipe of which the methods, the data and the locks are left: what candidates go out from.

    What its methods let layers compete for, a search decides.
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
    makers = {"structure": _structures, "prune": _prunes, "rank": _ranks, "bits": _bits}
    found = [choice for knob in budget.free for choice in makers[knob](summary, free, base)]
    return Space(tuple(one for one in found if len(one.values) > 1))


def _prunes(summary: ModelSummary, free: Sequence[Layer], base: Recipe) -> Iterator[Choice]:
    """One choice for all layers that are cut together; none where one of them may not be."""
    able = {layer.name: layer for layer in free if "prune" not in layer.refusals}
    if base.methods.prune.unit != "channels":
        shares = SPARSE if base.methods.prune.unit == "weights" else SPARSE[:1]
        yield from (Choice("prune", (_key(layer),), (0.0, *shares)) for layer in able.values())
        return
    coupling, names = Coupling(summary), {layer.name for layer in free}
    seen = set[str]()
    for layer in able.values():
        together = coupling.closure([layer.name])
        if layer.name in seen or not together <= able.keys():
            continue
        seen |= together
        groups = [one for one in summary.groups if _is_cut(one, together, names)]
        members = tuple(_key(one) for one in able.values() if one.name in together)
        yield Choice("prune", members, (0.0, *_shares([one.channels for one in groups], base.methods.prune)))


def _is_cut(group: ChannelGroup, together: Set[str], free: Set[str]) -> bool:
    """Whether a group is cut when these layers are: a locked layer that reads it keeps all of it."""
    return not group.refusal and not together.isdisjoint(group.producers) and free >= set(group.consumers)


def _shares(groups: Sequence[int], method: PruneMethod) -> Iterator[float]:
    """Shares that go, of groups of so many channels, so that whole blocks of the largest stay."""
    widest, seen = max(groups, default=0), {tuple(groups)}
    block = BLOCK if widest >= NARROW else BLOCK // 2
    for share in KEPT:
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
        yield Choice("rank", (_key(layer),), (None, *saving))


def _bits(summary: ModelSummary, free: Sequence[Layer], base: Recipe) -> Iterator[Choice]:
    narrower: tuple[Bits, ...] = (16, 8) if base.methods.quantize.activations else (16, 8, 4)
    for layer in free:
        if "bits" not in layer.refusals:
            yield Choice("bits", (_key(layer),), (32, *(bits for bits in narrower if bits < layer.bits)))


def _structures(summary: ModelSummary, free: Sequence[Layer], base: Recipe) -> Iterator[Choice]:
    for layer in free:
        if "structure" in layer.refusals:
            continue
        left = (layer.output.size, layer.input.size)
        factor = rewritten(layer, LayerSettings(structure="separable"), base.methods.restructure, left)
        saves = not isinstance(factor, str) and factor.macs_ratio < WORTH
        yield Choice("structure", (_key(layer),), ("keep", "separable") if saves else ("keep",))


def _key(layer: Layer) -> str:
    return layer.origin or layer.name
