"""Reads what a Postgres server contains, so that two servers, also of different versions, can be compared.

Rows are compared by their number and two sums of 64-bit hashes of their text, which need no sorting. The
hash functions of Postgres are the same in all versions, because partitions and indexes depend on them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

Connect = Callable[[str], psycopg.Connection]
"""Opens a session in the database with this name."""
Rows = tuple[int, int, int]
"""The number of rows, and two sums of hashes."""

_SETTINGS = """
SET search_path = ''; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';
SET extra_float_digits = 1; SET bytea_output = 'hex'; SET statement_timeout = 0; SET lock_timeout = '60s'
"""
_OWN = "nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_(toast|temp)'"
_RELATIONS = f"""
SELECT nspname, relname, relkind::text FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'm', 'S') AND {_OWN} ORDER BY 1, 2
"""  # noqa: S608  (constants)
_OBJECTS = f"""
SELECT format('relation %s %I.%I', relkind, nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE {_OWN}
UNION ALL SELECT format('function %s', pg_proc.oid::regprocedure)
FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace WHERE {_OWN}
UNION ALL SELECT format('type %I.%I', nspname, typname)
FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace WHERE {_OWN} AND typtype <> 'b'
UNION ALL SELECT format('trigger %I on %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT format('constraint %I on %s', conname, conrelid::regclass)
FROM pg_constraint JOIN pg_namespace ON pg_namespace.oid = connamespace
WHERE {_OWN} AND contype <> 'n'
UNION ALL SELECT format('policy %I on %s', polname, polrelid::regclass) FROM pg_policy
UNION ALL SELECT format('extension %I', extname) FROM pg_extension
"""  # noqa: S608  (constants; since version 18, NOT NULL is a constraint with a name)
_ROWS = """
SELECT count(*), coalesce(sum(hashtextextended(ROW(each_row.*)::text, 0)::numeric), 0)::text,
       coalesce(sum(hashtextextended(ROW(each_row.*)::text, 1)::numeric), 0)::text
FROM {} AS each_row
"""
_DATABASES = "SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template0' ORDER BY 1"
_ROLES = "SELECT format('role %I', rolname) FROM pg_roles WHERE rolname !~ '^pg_' AND NOT rolsuper"


@dataclass(frozen=True)
class Contents:
    """What a server contains: the rows of each table, by database and table, and the names of all objects."""

    rows: dict[str, Rows]
    objects: frozenset[str]

    @property
    def number_of_rows(self) -> int:
        """Return the number of rows in all tables."""
        return sum(count for count, _, _ in self.rows.values())


def read_contents(connect: Connect) -> Contents:
    """Read all rows of all databases of a server. Nobody may write to it meanwhile."""
    with connect("postgres") as session:
        names = [name for (name,) in session.execute(_DATABASES)]
        objects = {str(role) for (role,) in session.execute(_ROLES)}
    rows: dict[str, Rows] = {}
    for name in names:
        with connect(name) as session:
            rows |= {f"{name}: {table}": found for table, found in read_rows(session)}
            objects |= {f"{name}: {found}" for (found,) in session.execute(_OBJECTS)}
    return Contents(rows, frozenset(objects))


def read_rows(session: psycopg.Connection) -> Iterator[tuple[str, Rows]]:
    """Yield the rows of each table, the state of each sequence, and the large objects of a database."""
    session.execute(_SETTINGS)
    for schema, name, kind in session.execute(_RELATIONS).fetchall():
        table: sql.Composable = sql.Identifier(schema, name)
        if kind == "S":
            table = sql.SQL("(SELECT last_value, is_called FROM {})").format(table)
        yield f"{schema}.{name}", _hashed(session, table)
    yield "large objects", _hashed(session, sql.Identifier("pg_catalog", "pg_largeobject"))


def _hashed(session: psycopg.Connection, table: sql.Composable) -> Rows:
    row = session.execute(sql.SQL(_ROWS).format(table)).fetchone()
    if row is None:
        raise RuntimeError("An aggregate returned no row.")
    return int(row[0]), int(row[1]), int(row[2])


def differences(before: Contents, after: Contents) -> list[str]:
    """Describe what differs, one line for each table or object."""
    found = []
    for name in sorted(before.rows.keys() | after.rows.keys()):
        old, new = before.rows.get(name), after.rows.get(name)
        if old is None or new is None:
            found.append(f"{name} exists only {'afterwards' if old is None else 'before'}")
        elif old != new:
            found.append(f"{name} has {old[0]:,} rows before and {new[0]:,} afterwards, or other values")
    found += [f"{name} is missing" for name in sorted(before.objects - after.objects)]
    found += [f"{name} is new" for name in sorted(after.objects - before.objects)]
    return found
