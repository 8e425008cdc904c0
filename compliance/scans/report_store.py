"""Provides the walker that every evaluation of a repository shares, with the store of earlier reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from scanner import Plan, ReportStore, Repository, Walker, reader_count


@contextmanager
def walking(git: Repository, plan: Plan) -> Iterator[Walker]:
    """Yield a walker for a plan, and close it afterwards. Stored reports for unchanged files are reused."""
    store = ReportStore(Path(settings.DATA_DIR) / "reports.sqlite3")
    walker = Walker(git, plan, store, processes=reader_count())
    try:
        yield walker
    finally:
        walker.close()
        store.close()
