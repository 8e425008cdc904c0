"""The signals that stop `manage.py up`. However often and by whomever they are sent, they take effect only
once.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.core.management import CommandError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Raised when a signal requests the stop."""


class StopSignals:
    """Raises `Stop` in the main thread on the first signal, and ignores all later ones."""

    def __init__(self) -> None:
        """Handle the signals from now on."""
        self._held = 0
        self._asked = self._raised = False
        for number in SIGNALS:
            signal.signal(number, self._handle)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Delay `Stop` until the body has ended, so that no started process is lost."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        self._raise_if_asked()

    def ignore(self) -> None:
        """Raise nothing from now on. The shutdown has begun and will be completed, whatever signals
        follow.
        """
        self._raised = True

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  (a signal's handler)
        self._asked = True
        self._raise_if_asked()

    def _raise_if_asked(self) -> None:
        if self._asked and not self._held and not self._raised:
            self._raised = True
            raise Stop


@contextmanager
def stoppable(words: str) -> Iterator[StopSignals]:
    """Raise CommandError with these words if a signal requests the stop of a command."""
    signals = StopSignals()
    try:
        yield signals
    except Stop:
        raise CommandError(words) from None
    finally:
        signals.ignore()
