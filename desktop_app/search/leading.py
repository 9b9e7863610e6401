"""One process leads a search: it holds the best so far, and ends the search. Others help it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import Progress, Token
from desktop_app.core.text import clean_name
from desktop_app.search.claims import SEAT
from desktop_app.search.drawing import Drawn
from desktop_app.search.study import Asked, Study

ORPHAN_SECONDS = 10.0
"""A worker whose program was killed takes a moment to notice."""

POLL_SECONDS = 0.5


@contextmanager
def led(study: Study, token: Token) -> Iterator[None]:
    """While this goes on, this process leads.

    Raises:
        StudioError: when another leads, and goes on to.
        Cancelled: when the token says so.
    """
    with study.beating():
        seat = _take_seat(study, token)
        try:
            yield
        finally:
            study.leave(seat)


def _take_seat(study: Study, token: Token) -> Asked:
    began = time.monotonic()
    while True:
        token.check()
        lead = study.standing().lead
        if lead is None:
            seat = study.claim(SEAT, Drawn((), {}), ())
            if seat is not None:
                return seat
            continue
        waits = ORPHAN_SECONDS + (0.0 if lead.alive else study.lease)
        waited = time.monotonic() - began
        if waited >= waits:
            raise StudioError(
                f"This search goes on already, in process {lead.pid} on {clean_name(lead.host)}: stop it there, or "
                "help it by the command worker."
            )
        token.report(Progress("wait", waited / waits))
        time.sleep(POLL_SECONDS)
