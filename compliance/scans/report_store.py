"""Provides the walker that every evaluation of a repository shares, with the store of earlier reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from compliance.scans.shared_reports import SharedReports
from scanner import Plan, ReportStore, Repository, Walker, reader_count


@contextmanager
def report_store() -> Iterator[ReportStore]:
    """Yield this machine's store of reports, and close it afterwards."""
    store = ReportStore(Path(settings.DATA_DIR) / "reports.sqlite3")
    try:
        yield store
    finally:
        store.close()


@contextmanager
def walking(git: Repository, plan: Plan) -> Iterator[Walker]:
    """Yield a walker for a plan, and close it afterwards. Stored reports for unchanged files are reused."""
    with walking_with(git, plan) as (walker, _):
        yield walker


@contextmanager
def walking_with(git: Repository, plan: Plan) -> Iterator[tuple[Walker, SharedReports]]:
    """Yield a walker like `walking`, and its store, which can be told to ask for other machines' reports."""
    with report_store() as store:
        reports = SharedReports(store, plan.reading_digest)
        with Walker(git, plan, reports, processes=reader_count()) as walker:
            yield walker, reports
