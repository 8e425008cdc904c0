"""Statements on many rows: a bound on the rows of one, and plans that hold on tables without statistics."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from django.db import connection, transaction

BATCH = 1000
"""Rows of one statement: a bound on how long it runs, and on the memory that it takes."""

_METHODS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_Item = TypeVar("_Item")


def batches(items: Iterable[_Item], size: int = BATCH) -> Iterator[list[_Item]]:
    """Yield the items in lists of at most `size`."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


@contextmanager
def index_plans() -> Iterator[None]:
    """Let the statements of this block reach rows through indexes alone, one row after the other.

    Statements on the rows that the same transaction has just written are planned with the statistics of the
    tables as they were. Each has at most `BATCH` rows to start from and an index for each lookup, so this
    plan is never much slower than the best one, and the only one that never becomes quadratic.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = off" for name in _METHODS))
        yield
        cursor.execute("; ".join(f"SET LOCAL {name} TO DEFAULT" for name in _METHODS))
