"""The signals that stop `manage.py up`: they have one effect, however often and by whomever they are sent."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """A signal requested the stop."""


class StopSignals:
    """Raises `Stop` in the main thread at the first signal; the others are ignored."""

    def __init__(self) -> None:
        """Take the signals from now on."""
        self._held = 0
        self._asked = self._raised = False
        for number in SIGNALS:
            signal.signal(number, self._handle)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the body end before `Stop` is raised, so that no started process is forgotten."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        self._raise_if_asked()

    def ignore(self) -> None:
        """Raise nothing from now on: the stop has begun, and it ends whatever else is asked."""
        self._raised = True

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  (a signal's handler)
        self._asked = True
        self._raise_if_asked()

    def _raise_if_asked(self) -> None:
        if self._asked and not self._held and not self._raised:
            self._raised = True
            raise Stop
