"""Real workers for the record tests."""

from tests.jobs.conftest import broker, start

__all__ = ["broker", "start"]
