"""How far the finalists of a search are, from what is told while one of them is carried out."""

from desktop_app.core.progress import Event, Progress, Token
from desktop_app.core.tokens import InFront

USUAL_STAGES = 24
"""Parts that carrying a candidate out goes through, about: how many it will be is not known before."""


class Advancing(InFront):
    """A token for one finalist: of all that is told of it, what comes through is how far all of them are by now.

    Args:
        token: Hears of it, and says when to stop.
        name: Which finalist.
        done: How many were measured before.
        count: How many will be.
    """

    def __init__(self, token: Token, name: str, done: int, count: int) -> None:
        super().__init__(token)
        self._name, self._done, self._count = name, done, count
        self._stages, self._stage, self._share = 0, "", 0.0
        self._tell()

    def report(self, event: Event) -> None:
        """Counts the stages; figures of a finalist are told when all of them are known."""
        if not isinstance(event, Progress):
            return
        if event.stage != self._stage:
            self._stage = event.stage
            self._stages += 1
        within = max(self._stages - 1 + event.done, 0.0) / USUAL_STAGES
        self._share = max(self._share, within / (1.0 + within**8) ** 0.125)  # straight at first, and never all of it
        self._tell()

    def _tell(self) -> None:
        self._token.report(Progress("finalists", (self._done + self._share) / self._count, self._name))
