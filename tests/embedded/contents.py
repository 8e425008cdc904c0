"""Databases of every version of Postgres: what they are filled with, and what they contain.

The contents are read independently of the product's own comparison.
"""

from pathlib import Path

import psycopg
from psycopg import sql

from compliance.embedded.programs import Programs, find_programs

EVERY_VALUE = Path(__file__).with_name("every_value.sql").read_text()

_TABLES = """
SELECT nspname, relname, relkind::text FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'm', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1, 2
"""
_OBJECTS = """
SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname NOT IN ('pg_catalog', 'pg_toast')
UNION ALL SELECT 'constraint', conrelid::regclass::text, pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype <> 'n'
AND connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
UNION ALL SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc
WHERE pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
"""
Contents = dict[str, tuple[int, str | None]]


def newest_of_each() -> dict[int, Programs]:
    """Major version -> its newest programs. The test requirements bring 16 and 18, and CI installs 15."""
    return {programs.major: programs for programs in reversed(find_programs())}


def contents(url: str) -> Contents:
    """Table -> the number of its rows and the MD5 of all of them; also sequences and large objects."""
    with psycopg.connect(url) as connection:
        connection.execute("SET timezone = 'UTC'")
        found = {}
        for schema, name, kind in connection.execute(_TABLES).fetchall():
            table: sql.Composable = sql.Identifier(schema, name)
            if kind == "S":
                table = sql.SQL("(SELECT last_value, is_called FROM {})").format(table)
            found[f"{schema}.{name}"] = _hashed(connection, table)
        large = _hashed(connection, sql.Identifier("pg_catalog", "pg_largeobject"))
        return found | ({"large objects": large} if large[0] else {})


def _hashed(connection: psycopg.Connection, table: sql.Composable) -> tuple[int, str | None]:
    lines = sql.SQL("SELECT ROW(x.*)::text AS line FROM {} AS x").format(table)
    query = sql.SQL("SELECT count(*), md5(string_agg(md5(line), '' ORDER BY md5(line))) FROM ({}) AS y")
    row = connection.execute(query.format(lines)).fetchone()
    assert row is not None
    return int(row[0]), row[1]


def objects(url: str) -> list[tuple[str, ...]]:
    """The definitions of indexes, constraints, triggers and functions, sorted."""
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = ''")
        return sorted(connection.execute(_OBJECTS).fetchall())
