"""Looking at one layer."""

from msgspec.structs import replace

from desktop_app.core.look import LayerLook
from desktop_app.core.progress import Token
from desktop_app.jobs.cleaned import cleaned
from desktop_app.jobs.looks import InspectLayer, LayerInspected
from desktop_app.look import look_at, names_of


def run(request: InspectLayer, token: Token) -> LayerInspected:
    """Reduces the weight of a layer to what can be drawn.

    Raises:
        InvalidFileError: when the model cannot be read any more.
        Cancelled: when the token says so.
    """
    model = cleaned(request.snapshot)
    layer = names_of(model.layers).get(request.layer)
    if layer is None:
        return LayerInspected(LayerLook(request.layer, "cleaning the model, which every run does first, removes it"))
    token.check()
    return LayerInspected(replace(look_at(model, layer, token), layer=request.layer))
