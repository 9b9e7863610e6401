"""Opening a model file."""

from pathlib import Path

from desktop_app.core.collector import collector_paused
from desktop_app.core.progress import Progress, Token
from desktop_app.inspection import summarise
from desktop_app.jobs.messages import Opened, OpenModel
from desktop_app.jobs.opened import open_untrusted


def run(request: OpenModel, token: Token) -> Opened:
    """Copies, checks and reads a file, and says what there is in it.

    Raises:
        InvalidFileError: with what is wrong, where, and what the user can do.
        Cancelled: when the token says so.
    """
    token.report(Progress("open", 0.0))
    path = Path(request.path)
    one = open_untrusted(path)
    token.check()
    token.report(Progress("open", 0.5))
    with collector_paused():
        summary = summarise(
            one.model,
            name=path.name,
            path=request.path,
            sha256=one.snapshot.sha256,
            file_bytes=one.snapshot.bytes,
        )
    return Opened(summary, str(one.snapshot.path))
