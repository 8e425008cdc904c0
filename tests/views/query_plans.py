"""The plans by which Postgres answers queries."""

from collections.abc import Callable, Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext


def plans(work: Callable[[], object]) -> Iterator[tuple[str, str]]:
    """Yield each query of a work with its plan."""
    with CaptureQueriesContext(connection) as queries:
        work()
    for query in queries.captured_queries:
        if query["sql"].startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {query['sql'].replace('%', '%%')}", [])
                yield query["sql"], "\n".join(line for (line,) in cursor.fetchall())
