"""Tokens in front of another one: they stop when it says so, and choose what it hears."""

from msgspec.structs import replace

from desktop_app.core.progress import Event, Progress, Token


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


class Part(InFront):
    """Tells the progress of one of several equal parts as that of the whole.

    Args:
        token: Hears of it, and says when to stop.
        number: Of the part, from 0.
        parts: How many there are.
    """

    def __init__(self, token: Token, number: int, parts: int) -> None:
        super().__init__(token)
        self._number, self._parts = number, parts

    def report(self, event: Event) -> None:
        """Tells the token of the event."""
        if isinstance(event, Progress):
            event = replace(event, done=(self._number + event.done) / self._parts, eta=None)
        self._token.report(event)
