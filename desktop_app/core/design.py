"""What is asked of a design: a net of a family that keeps a limit of time, and how it is found and taught."""

from typing import Literal

from msgspec import Struct

Scaling = Literal["search", "compound", "width"]


class Design(Struct, frozen=True):
    """A net to be designed.

    Attributes:
        family: Name of the family.
        latency_ms: Milliseconds for one sample on this machine, at most.
        speedup: Times as fast as the user's model, at least. One of both must be there; the tighter counts.
        scaling: "search" chooses width, depth, kernels, expansion, squeeze and places of strides for each stage;
            "compound" scales the family's own net in width, depth and resolution by one parameter; "width" in width.
        steps: Batches that the chosen net is taught on.
        supernet_steps: Batches that all nets of the space are taught on before, together; null for as many.
        candidates: Nets that the search judges.
        batch: Samples of a batch.
        labels: Whether labels teach beside the user's model, where the data has them.
        seed: Of all that is drawn.
    """

    family: str
    latency_ms: float | None = None
    speedup: float | None = None
    scaling: Scaling = "search"
    steps: int = 1000
    supernet_steps: int | None = None
    candidates: int = 100
    batch: int = 128
    labels: bool = False
    seed: int = 0
