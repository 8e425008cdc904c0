"""The engine's tests keep out of the cache folder of whoever runs them, and each begins with none."""

from pathlib import Path

import pytest

TIME_LIMIT = 300
"""Seconds in which a test must end, its fixtures included; see pytest-timeout."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test a time limit, unless it has its own; these tests also run without tests/conftest.py."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIME_LIMIT))


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Child processes inherit the variable."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder
