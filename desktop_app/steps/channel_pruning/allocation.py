"""How many channels every group keeps when all groups compete: those go that lose least for what they save."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from msgspec.structs import replace

from desktop_app.core.cut import Cut
from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.methods import PruneMethod
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.steps.channel_pruning.judgement import Judgement
from desktop_app.steps.channel_pruning.pricing import LANES, Price, macs, padded_macs
from desktop_app.steps.channel_pruning.samples import FAILURES
from desktop_app.steps.channel_pruning.timing import TimePrice

FLOOR = 0.1
"""Share of a group's channels that always stays, lest a layer is cut off altogether (Tanaka et al., 2020)."""

SWEEPS = 4
"""So many times all groups are tried at other widths."""

STRIDES = (1, 2, 4, 8)
"""So many widths a step may go down: the loss is not convex everywhere."""


def allowed_widths(channels: int, method: PruneMethod) -> tuple[int, ...]:
    """All numbers of channels that a group may keep, the most first: multiples of `round_to`, and all of them."""
    step = method.round_to
    least = max(method.min_channels, min(step, channels), ceil(channels * FLOOR), 1)
    return (channels, *(width for width in range((channels - 1) // step * step, 0, -step) if width >= least))


class Allocation:
    """Widths of groups, changed step by step.

    Each step lowers one group to a smaller width, the one that loses least for each unit of price that it saves
    (a greedy solution of the Lagrangian; He et al., AMC, 2018, name the problem). What the last steps saved too much is
    given back where it gains most.

    Args:
        layers: The model's layers.
        groups: Its groups.
        judgements: Of the groups that may be cut.
        ratios: By group what was asked for; a group with twice the ratio loses channels twice as readily.
        price: Of a layer, by which steps compete.
        limited: What is to be brought down to a target, as a rule the price itself.
        method: Which widths there are.
        at_most: By group how many channels may stay, where that is less than all.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        groups: Sequence[ChannelGroup],
        judgements: Mapping[int, Judgement],
        ratios: Mapping[int, float],
        price: Price,
        limited: Price,
        method: PruneMethod,
        at_most: Mapping[int, int] | None = None,
    ) -> None:
        self._price, self._limited = price, limited
        self._channels = {group.id: group.channels for group in groups}
        self._loss = {group: judged.loss / ratios[group] for group, judged in judgements.items()}
        most = {**self._channels, **(at_most or {})}
        self._widths = {
            group: tuple(width for width in allowed_widths(self._channels[group], method) if width <= most[group])
            for group in judgements
        }
        self._level = dict.fromkeys(judgements, 0)
        self._layers: dict[int, list[Layer]] = {group: [] for group in judgements}
        for layer in layers:
            for group in {span.group for span in (*layer.output.spans, *layer.input.spans)} & self._layers.keys():
                self._layers[group].append(layer)
        self._known: dict[tuple[Price, str, int, int], float] = {}
        self.reached = sum(self._of(limited, layer, {}) for layer in layers)

    @property
    def kept(self) -> dict[int, int]:
        """How many channels of every group stay."""
        return {group: self._widths[group][level] for group, level in self._level.items()}

    @property
    def loss(self) -> float:
        """What is lost in all."""
        return sum(float(self._loss[group][self._channels[group] - kept]) for group, kept in self.kept.items())

    def reach(self, target: float, held: int | None = None) -> None:
        """Brings what is limited down to the target, as little below it as may be, without changing one group."""
        moves = {group: self._best_down(group) for group in self._level if group != held}
        while self.reached > target:
            possible = [(move[0], group) for group, move in moves.items() if move is not None]
            if not possible:
                return
            group = min(possible)[1]
            self._move(group, moves[group][1])  # type: ignore[index]
            for other in self._neighbours(group):
                if other != held:
                    moves[other] = self._best_down(other)
        while (back := self._best_up(target - self.reached, held)) is not None:
            self._move(*back)

    def refine(self, target: float) -> None:
        """Tries every group at other widths, the rest brought to the target again, and keeps what loses less.

        One step after the other ends far from the best where widths are few and steps are large.
        """
        for _ in range(SWEEPS):
            best = self.loss
            for group in self._level:
                for level in {self._level[group] + step for step in (-2, -1, 1, 2)}:
                    if 0 <= level < len(self._widths[group]):
                        self._try(group, level, target)
            if self.loss >= best:
                return

    def _try(self, group: int, level: int, target: float) -> None:
        """Holds a group at a level if less is lost so."""
        levels, reached, loss = dict(self._level), self.reached, self.loss
        self._move(group, level)
        self.reach(target, group)
        if self.reached > target or self.loss >= loss:
            self._level, self.reached = levels, reached

    def _best_down(self, group: int) -> tuple[float, int] | None:
        """The loss for each unit saved, and the level, of the best step down of a group."""
        level, widths = self._level[group], self._widths[group]
        found = []
        for stride in STRIDES:
            if level + stride < len(widths):
                saved = -self._difference(self._price, group, level + stride)
                found.append((self._lost(group, level + stride) / max(saved, 1e-9), level + stride))
        return min(found, default=None)

    def _best_up(self, room: float, held: int | None) -> tuple[int, int] | None:
        """The group and level that gain most for each unit of price, of those that there is room for."""
        found = []
        for group, level in self._level.items():
            if group == held:
                continue
            for higher in range(max(level - max(STRIDES), 0), level):
                added = self._difference(self._limited, group, higher)
                if added <= room:
                    found.append((self._lost(group, higher) / max(added, 1e-9), group, higher))
        return min(found)[1:] if found else None

    def _lost(self, group: int, level: int) -> float:
        """What is lost from the level there is to another; below 0 if it is gained."""
        widths, channels = self._widths[group], self._channels[group]
        there, now = channels - widths[level], channels - widths[self._level[group]]
        return float(self._loss[group][there] - self._loss[group][now])

    def _difference(self, price: Price, group: int, level: int) -> float:
        """By how much a price changes when a group goes to another level."""
        other = {group: self._widths[group][level]}
        return sum(self._of(price, layer, other) - self._of(price, layer, {}) for layer in self._layers[group])

    def _of(self, price: Price, layer: Layer, changed: Mapping[int, int]) -> float:
        """Price of a layer with the widths there are, but for some."""
        spans = {span.group for span in (*layer.output.spans, *layer.input.spans)} & self._level.keys()
        kept = {group: changed.get(group, self._widths[group][self._level[group]]) for group in spans}
        output, inputs = layer.output.kept(kept, self._channels), layer.input.kept(kept, self._channels)
        key = price, layer.name, output, inputs
        if key not in self._known:
            self._known[key] = price(layer, output, inputs)
        return self._known[key]

    def _move(self, group: int, level: int) -> None:
        self.reached += self._difference(self._limited, group, level)
        self._level[group] = level

    def _neighbours(self, group: int) -> Iterator[int]:
        """The groups whose savings depend on the width of this one, itself among them."""
        near = {span.group for layer in self._layers[group] for span in (*layer.output.spans, *layer.input.spans)}
        yield from near & self._level.keys()


def allocate(
    model: Model, method: PruneMethod, cuts: Mapping[int, Cut], judgements: Mapping[int, Judgement], token: Token
) -> tuple[dict[int, int], list[str]]:
    """Group to channels that stay, and what is worth saying of it.

    As few channels go as bring the multiply-accumulates (or the time) down to those that the ratios of the layers would
    leave, or to the share of the model's that the method names; to both where it names both.
    """
    price, notes = _price(model, method, token)
    if method.by_latency and method.round_to == 1:
        method = replace(method, round_to=LANES)
    kept, short = within_limits(model.layers, model.channels.groups, method, cuts, judgements, price)
    return kept, [*notes, *short]


def within_limits(
    layers: Sequence[Layer],
    groups: Sequence[ChannelGroup],
    method: PruneMethod,
    cuts: Mapping[int, Cut],
    judgements: Mapping[int, Judgement],
    price: Price,
) -> tuple[dict[int, int], list[str]]:
    """Group to channels that stay, see `allocate`; and what is said where they cost more than they may.

    Where work and time are both limited, the one is met first, and the other from there: no group gets wider again.
    """
    ratios = {group: cuts[group].ratio for group in judgements}
    limits = _limits(method, price)
    kept, short = dict[int, int](), list[str]()
    for limited, share in limits.items():
        total = priced(layers, groups, {}, limited)
        if share is None:
            target = priced(layers, groups, {group: cuts[group].keep for group in judgements}, limited)
        else:
            target = share * total
        allocation = Allocation(layers, groups, judgements, ratios, price, limited, method, kept)
        allocation.reach(target)
        if method.round_to > 1 and allocation.reached <= target:
            allocation.refine(target)
        kept, short = allocation.kept, _short(limited, allocation.reached, target, total)
        if _meets(layers, groups, kept, limits):
            break
    return kept, short


def _short(limited: Price, reached: float, target: float, total: float) -> list[str]:
    """What is said where a target was not reached."""
    reached, wanted = reached / max(total, 1e-9), target / max(total, 1e-9)
    if reached <= wanted * (1 + 1e-9):
        return []
    what = "MACs" if limited is macs else "time"
    return [f"The channels that may be cut bring the {what} to {reached:.0%} of the model's, not to {wanted:.0%}."]


def _limits(method: PruneMethod, price: Price) -> dict[Price, float | None]:
    """What is limited, to which share of the model's; by None to what the ratios of the layers leave."""
    limits: dict[Price, float | None] = {}
    if method.target_macs is not None:
        limits[macs] = method.target_macs
    if method.target_latency is not None:
        limits[price] = method.target_latency
    return limits or {price: None}


def _meets(
    layers: Sequence[Layer],
    groups: Sequence[ChannelGroup],
    kept: Mapping[int, int],
    limits: Mapping[Price, float | None],
) -> bool:
    """Whether what is kept costs no more than the shares of all that are limited."""
    whole = {group.id: group.channels for group in groups}
    return all(
        share is None or priced(layers, groups, kept, price) <= share * priced(layers, groups, whole, price)
        for price, share in limits.items()
    )


def _price(model: Model, method: PruneMethod, token: Token) -> tuple[Price, list[str]]:
    """What layers compete by."""
    if not method.by_latency:
        return macs, []
    try:
        price = TimePrice(model, token)
    except FAILURES as error:
        return padded_macs, [f"The layers could not be timed, so their time was taken from their MACs: {error}"]
    return price, [] if price.timed else ["No layer could be timed: their time was taken from their MACs."]


def priced(layers: Sequence[Layer], groups: Sequence[ChannelGroup], kept: Mapping[int, int], price: Price) -> float:
    """What the model costs when of some groups only so many channels are kept."""
    channels = {group.id: group.channels for group in groups}
    return sum(price(layer, layer.output.kept(kept, channels), layer.input.kept(kept, channels)) for layer in layers)
