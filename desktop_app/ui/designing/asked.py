"""The designs that were asked for."""

import msgspec
from msgspec import Struct

from desktop_app.core.design import Design
from desktop_app.ui.asked import AskedBefore


class Asked(Struct, frozen=True):
    """A design that is asked for, and the folder in which the student is to be left."""

    design: Design
    folder: str


ASKED = AskedBefore("design/asked", msgspec.json.Decoder(dict[str, Asked]))
