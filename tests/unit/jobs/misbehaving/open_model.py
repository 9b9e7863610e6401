"""Opens nothing; says which process it is."""

import os

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Token
from desktop_app.jobs.messages import Opened, OpenModel


def run(request: OpenModel, token: Token) -> Opened:
    raise StudioError(str(os.getpid()))
