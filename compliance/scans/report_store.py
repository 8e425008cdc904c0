"""The walker that every judging of a repository uses, over the reports that are kept from one to the next."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from scanner import Plan, ReportStore, Repository, Walker

_PROCESSES = min(os.cpu_count() or 1, 2)


@contextmanager
def walking(git: Repository, plan: Plan) -> Iterator[Walker]:
    """A walker under a plan, closed in the end; what a file said under the same rules is not read again."""
    store = ReportStore(Path(settings.DATA_DIR) / "reports.sqlite3")
    walker = Walker(git, plan, store, processes=_PROCESSES)
    try:
        yield walker
    finally:
        walker.close()
        store.close()
