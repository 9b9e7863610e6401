"""Looking at one layer."""

from desktop_app.core.progress import Token
from desktop_app.jobs.cleaned import cleaned
from desktop_app.jobs.looks import InspectLayer, LayerInspected
from desktop_app.look import look_at_origin


def run(request: InspectLayer, token: Token) -> LayerInspected:
    """Reduces the weight of a layer to what can be drawn.

    Raises:
        InvalidFileError: when the model cannot be read any more.
        Cancelled: when the token says so.
    """
    model = cleaned(request.snapshot)
    token.check()
    return LayerInspected(look_at_origin(model, request.layer, token))
