"""Helpers for statements on many rows: limits their size, and forces query plans that work without
statistics.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from django.db import connection, transaction

BATCH = 1000
"""Maximum number of rows in a statement, which limits how long it runs and how much memory it needs."""

_METHODS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_Item = TypeVar("_Item")


def batches(items: Iterable[_Item], size: int = BATCH) -> Iterator[list[_Item]]:
    """Yield the items in lists of at most `size` items."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


@contextmanager
def index_plans() -> Iterator[None]:
    """Make the statements in this block find rows only through indexes, one row at a time.

    Statements on rows that the same transaction has just written are planned with outdated statistics. Each
    starts from at most `BATCH` rows and has an index for each lookup, so this plan is never much slower than
    the best one, and it is the only one that never takes quadratic time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = off" for name in _METHODS))
        yield
        cursor.execute("; ".join(f"SET LOCAL {name} TO DEFAULT" for name in _METHODS))
