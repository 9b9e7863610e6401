"""Opening a model file."""

from pathlib import Path

from desktop_app.core.collector import collector_paused
from desktop_app.core.progress import Progress, Token
from desktop_app.jobs.messages import Opened, OpenModel
from desktop_app.jobs.opened import open_untrusted, told


def run(request: OpenModel, token: Token) -> Opened:
    """Copies, checks and reads a file, and says what there is in it.

    Raises:
        InvalidFileError: with what is wrong, where, and what the user can do.
        Cancelled: when the token says so.
    """
    token.report(Progress("open", 0.0))
    one = open_untrusted(Path(request.path))
    token.check()
    token.report(Progress("open", 0.5))
    with collector_paused():
        summary = told(one)
    return Opened(summary, str(one.snapshot.path))
