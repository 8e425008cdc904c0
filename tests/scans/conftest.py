"""The small repository, on disk."""

from pathlib import Path

import pytest

from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", HISTORY)
    return tmp_path / "r.git"
