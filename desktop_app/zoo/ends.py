"""What goes into a model and what comes out of it."""

from msgspec import Struct

from desktop_app.core.summary import TensorSpec
from desktop_app.zoo.size import Size

BATCH = "batch"


class Ends(Struct, frozen=True):
    """What a model has at its two ends.

    Attributes:
        input: Name, element type and shape of the input: N C H W, or N H W C.
        output: Name, element type and shape of the output; its elements are N times the classes.
        channels_last: Whether the input is N H W C.
        activation: Operator that the logits go through ("Softmax", "Sigmoid"); empty for none.
    """

    input: TensorSpec
    output: TensorSpec
    channels_last: bool = False
    activation: str = ""


def plain_ends(size: Size) -> Ends:
    """Images in, logits out, batches of any size."""
    return Ends(
        TensorSpec("input", "float32", (BATCH, size.channels, *size.resolution)),
        TensorSpec("logits", "float32", (BATCH, size.classes)),
    )
