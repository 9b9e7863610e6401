"""What a budget has left when all layers have their rung: matrices take it by single ranks.

Only of convolutions do whole blocks of 8 count for speed. Of a model with one large matrix the distance between two
rungs may be a tenth of all its operations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.core.rank import Factor, extents_of, with_ranks
from desktop_app.steps.factorisation.systems import System


@dataclass(frozen=True)
class Rung:
    """A layer that has a factorisation, and the next larger one.

    Attributes:
        system: The layer.
        factor: What it has.
        above: What it would have next; None where that is to be whole.
        gain: What the next would spare the model's outputs, for each operation.
    """

    system: System
    factor: Factor
    above: Factor | None
    gain: float


def spend(rungs: Sequence[Rung], operations: int) -> dict[str, Factor]:
    """Layer name to the factorisation of higher rank that is paid for, those of greatest gain first."""
    bought: dict[str, Factor] = {}
    for rung in sorted(rungs, key=lambda one: -one.gain):
        if rung.factor.kind != "svd" or rung.system.kernel:
            continue
        own = rung.system.layer.macs - rung.system.layer.beside_macs
        extents = extents_of(rung.system.layer, rung.factor.kind)
        each = own * rung.factor.macs_ratio / rung.factor.ranks[0]
        rank = rung.factor.ranks[0] + int(operations / max(each, 1.0))
        if rung.above is not None and rung.above.kind == rung.factor.kind:
            rank = min(rank, rung.above.ranks[0] - 1)
        factor = with_ranks(extents, rung.factor.kind, (rank,))
        if rank > rung.factor.ranks[0] and factor.macs_ratio < 1.0 and factor.params < extents.weights:
            bought[rung.system.layer.name] = factor
            operations -= round(own * factor.macs_ratio) - round(own * rung.factor.macs_ratio)
    return bought
