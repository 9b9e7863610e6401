"""Opening a model file."""

from pathlib import Path

from desktop_app.core.collector import collector_paused
from desktop_app.core.progress import Progress, Token
from desktop_app.inspection import as_a_run_begins
from desktop_app.jobs.messages import Opened, OpenModel
from desktop_app.jobs.opened import open_untrusted, told
from desktop_app.look import looks_ahead


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
        cleaned = as_a_run_begins(one.model)
        summary = told(one, cleaned)
    token.check()
    looks = () if cleaned is one.model else looks_ahead(cleaned, summary.layers, token)
    return Opened(summary, str(one.snapshot.path), looks)
