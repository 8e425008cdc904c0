"""Counts the rows that statements read, on tables about whose size the planner is misled."""

from django.db import connection

STATISTICS = {"one row": (1, 100_000), "a billion rows": (1_000_000_000, 1)}
"""Rows and pages that the planner is told of; it scales them by the pages that the table has by now."""


def rows_read() -> int:
    """Rows that statements of this transaction have read so far, by any plan, in tables of the records."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables "
            "WHERE relname LIKE 'compliance%%'"
        )
        return int(cursor.fetchone()[0])


def mislead(statistics: str) -> None:
    """Give the planner statistics of tables that have just been analyzed, or those of quite other tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if statistics != "analyzed":
            cursor.execute(
                "UPDATE pg_class SET reltuples = %s, relpages = %s "
                "WHERE relname LIKE 'compliance%%' AND relkind = 'r'",
                STATISTICS[statistics],
            )
