"""Which layers move together when one of them is pruned."""

from collections.abc import Iterable

from desktop_app.core.layer import ChannelGroup
from desktop_app.core.summary import ModelSummary


class Coupling:
    """The channel groups of a model, looked up by the layers that produce their channels."""

    def __init__(self, summary: ModelSummary) -> None:
        self._groups: dict[str, list[ChannelGroup]] = {}
        for group in summary.groups:
            if not group.refusal:
                for name in group.producers:
                    self._groups.setdefault(name, []).append(group)

    def partners(self, name: str) -> tuple[str, ...]:
        """The other layers whose output channels are cut together with those of `name`."""
        groups = self._groups.get(name, ())
        return tuple(dict.fromkeys(one for group in groups for one in group.producers if one != name))

    def consumers(self, name: str) -> tuple[str, ...]:
        """The layers that lose inputs when the output channels of `name` are cut."""
        groups = self._groups.get(name, ())
        return tuple(dict.fromkeys(one for group in groups for one in group.consumers))

    def closure(self, names: Iterable[str]) -> set[str]:
        """The layers named and all that must be cut together with them, over any number of groups."""
        reached = set(names)
        waiting = list(reached)
        while waiting:
            for group in self._groups.get(waiting.pop(), ()):
                fresh = set(group.producers) - reached
                reached |= fresh
                waiting.extend(fresh)
        return reached
