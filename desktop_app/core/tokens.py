"""Tokens in front of another one: they stop when it says so, and choose what it hears."""

from desktop_app.core.progress import Event, Token


class InFront:
    """Passes everything on.

    Args:
        token: Hears of it, and says when to stop.
    """

    def __init__(self, token: Token) -> None:
        self._token = token

    @property
    def cancelled(self) -> bool:
        """Whether the user has asked to stop."""
        return self._token.cancelled

    def report(self, event: Event) -> None:
        """Tells the token of the event."""
        self._token.report(event)

    def check(self) -> None:
        """Raises Cancelled if the user has asked to stop."""
        self._token.check()


class Quiet(InFront):
    """Only hears whether to stop: progress of a part would be mistaken for that of the whole."""

    def report(self, event: Event) -> None:
        """Forgets the event."""
