"""What goes into a model and what comes out of it."""

from typing import TYPE_CHECKING

from msgspec import Struct

from desktop_app.core.summary import TensorSpec
from desktop_app.zoo.size import Size

if TYPE_CHECKING:
    from torch import Tensor

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


def images_of(values: "Tensor", ends: Ends) -> "Tensor":
    """What goes into a model as nets take it: (N, channels, H, W) in single precision."""
    images = values.float()
    return images.permute(0, 3, 1, 2) if ends.channels_last else images


def output_of(logits: "Tensor", ends: Ends) -> "Tensor":
    """What comes out of a model whose net gives such logits (N, classes)."""
    match ends.activation:
        case "Softmax":
            logits = logits.softmax(1)
        case "LogSoftmax":
            logits = logits.log_softmax(1)
        case "Sigmoid":
            logits = logits.sigmoid()
    shape = [one if isinstance(one, int) else 1 for one in (ends.output.shape or ())[1:]]
    return logits.reshape(-1, *shape)
