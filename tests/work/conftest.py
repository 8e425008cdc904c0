"""The small repository, on disk, as the tests of scans have it."""

from tests.scans.conftest import folder

__all__ = ["folder"]
