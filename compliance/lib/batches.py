"""Helpers for SQL statements that affect many rows: split the rows into batches, and force query plans that
don't depend on table statistics.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.expressions import CombinedExpression

BATCH = 1000
"""Maximum number of rows per statement, which limits how long it runs and how much memory it needs."""

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

    The planner has only outdated statistics about rows that the same transaction has just written. Each of
    these statements starts from at most `BATCH` rows and has an index for each lookup, so this plan is never
    much slower than the best one, and no other plan is guaranteed to avoid quadratic time.

    The checks of foreign keys are planned once in a session, and only in these blocks (see
    `database_limits`). One that was planned for an almost empty table outside of them would read the whole
    table for each row, whatever its size by then.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        off = "; ".join(f"SET LOCAL {name} = off" for name in _METHODS)
        cursor.execute(f"{off}; SET LOCAL plan_cache_mode = force_generic_plan")
        yield
        default = "; ".join(f"SET LOCAL {name} TO DEFAULT" for name in _METHODS)
        cursor.execute(f"{default}; SET LOCAL plan_cache_mode = force_custom_plan")


def unindexed(column: str) -> CombinedExpression:
    """Return an integer column as an expression that no index serves, for conditions beside a lookup.

    Otherwise, a table without statistics is read through the index of the condition that most rows fulfil.
    """
    return F(column) + Value(0)
