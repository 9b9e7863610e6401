"""What is kept of a window beside its edits."""

from msgspec import Struct


class ViewState(Struct, frozen=True):
    """What the user has arranged in a window; what Qt writes in bytes stands here in base64.

    Attributes:
        views: Object name of a view to what it holds itself (open rows, filter, widths, tab), as JSON.
        places: Where docks and toolbars stand.
        geometry: Place and size of the window.
    """

    views: dict[str, str] = {}
    places: str = ""
    geometry: str = ""


class Kept(Struct, frozen=True):
    """A window's model and how it was shown.

    Attributes:
        name: The model's file name.
        path: Where it lies.
        sha256: Its hash when it was opened.
        closed: Names those windows that were closed together; empty while the window is open, and after a crash.
        unsaved: Whether it was closed with edits that are in no file.
        view: What the user had arranged.
    """

    name: str
    path: str
    sha256: str
    closed: str = ""
    unsaved: bool = False
    view: ViewState = ViewState()
