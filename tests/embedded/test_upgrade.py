"""The previous release's data under this release: every row is there, pages work, no table is held for long.

`previous/` is what `manage.py backup` of that release wrote (its dump packed once more) of a repository of
five commits with a claim, a waiver, a note, evidence, an approval, a token, a public link and a webhook.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from compliance.embedded.postgres import Postgres
from tests.embedded.conftest import Restored
from tests.processes import manage

pytestmark = pytest.mark.slow

PREVIOUS = Path(__file__).parent / "previous"
GROWING = {"django_migrations", "django_content_type", "auth_permission"}
CHANGED = {
    "compliance_repository": {"url"},
    "django_content_type": {"model"},  # of `RENAMED`
    # see test_upgrade_waivers.py
    "compliance_snapshot": {"clean", "violations", "files_with_violations", "by"},
    "compliance_file": {"status", "violations", "worst_risk"},
}
"""Table -> the columns that a migration since then writes."""
RENAMED = {"compliance_connectionevent": "compliance_externalloginevent"}
"""Tables that have another name since then."""
DROPPED = {"compliance_repair", "compliance_notice"}
"""Tables that only held counts of other tables' rows, and the one of the e-mails, which are in the outbox."""
INDEXES = {
    "one_version_per_plan_and_engine",  # plans have a few versions each
    "violations_by_thread",  # both over a small part of the rows: 0.3 s for a million of them
    "regressions_by_commit",
    "commits_by_date",
    "commits_dated_otherwise",
    "one_row_per_report_of_a_run",  # over no row: no report named its run
    "one_row_per_tracker_delivery",  # over no row: no delivery belonged to a connection
    "compliance_waiver_decided_by_id_7b27877e",  # people request few waivers
    "compliance_waiverevent_decided_by_id_20059615",
    *("jobs_of_a_repository", "jobs_by_end", "jobs_to_delete"),
    "deliveries_by_arrival",
    *("files_by_violations", "open_violations_by_risk", "open_violations_by_slice", "accepted_violations"),
    *("files_by_words", "files_by_parts", "commits_by_sha"),
}
"""Since then on tables of the previous release: built by `AddIndexConcurrently`, or in less than a second."""
PAGES = (
    "",
    "files/",
    "violations/",
    "commits/",
    "phases/",
    "issues/",
    "waivers/",
    "scans/",
    "settings/",
    "plan/",
)
ASK = """
import json
from django.contrib.auth.models import User
from django.test import Client
from compliance.models import Repository, Snapshot
row = Repository.objects.get()
newest = Snapshot.objects.get(commit=row.head)
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="admin"))
pages = {name: client.get(f"/repositories/shop/{name}").status_code for name in PAGES}
print(json.dumps([row.url, row.access, row.webhook_secret[:4], newest.clean, newest.files, pages]))
"""


@pytest.fixture
def restored(restore: Callable[[Path], Restored]) -> Restored:
    """The previous release's installation."""
    return restore(PREVIOUS)


def columns(connection: psycopg.Connection) -> dict[str, list[str]]:
    """Table -> its columns, of the product's own tables."""
    rows = connection.execute(
        "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM"
        " information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' GROUP BY 1"
    )
    return dict(rows.fetchall())


def contents(connection: psycopg.Connection, tables: dict[str, list[str]]) -> dict[str, list[str]]:
    """Table -> its rows as text, of these columns alone."""
    found = {}
    here = columns(connection)
    for table, names in tables.items():
        kept = [name for name in names if name not in CHANGED.get(table, ())]
        listed = sql.SQL(", ").join(map(sql.Identifier, kept))
        renamed = RENAMED.get(table, "")
        source = sql.Identifier(renamed if renamed in here else table)
        query = sql.SQL("SELECT ROW({})::text FROM {} ORDER BY 1").format(listed, source)
        found[table] = [row for (row,) in connection.execute(query)]
    return found


SCHEMA = """
SELECT 'column', attrelid::regclass::text, attname::text,
       format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attidentity::text || ' '
       || coalesce(pg_get_expr(adbin, adrelid), '')
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname::text,
       regexp_replace(pg_get_constraintdef(oid), '::(text|character varying)(\\[\\])?|[()]', '', 'g')
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT 'index', tablename::text, '', regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON')
FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname::text, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', '', proname::text, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3, 4
"""
"""Everything but the order of columns, names of indexes and of constraints on null values, and how casts in
constraints are written.
"""


def files_of(connection: psycopg.Connection, kind: str) -> dict[str, int]:
    """Table or index -> the number of its file, which changes when it is written anew."""
    rows = connection.execute(
        "SELECT relname::text, relfilenode::bigint FROM pg_class WHERE relkind = %s"
        " AND relnamespace = 'public'::regnamespace",
        [kind],
    )
    return dict(rows.fetchall())


def new_schema(server: Postgres, there: dict[str, str]) -> list[tuple[str, ...]]:
    """The schema of a database that is created today on the same server."""
    url = server.paths.url.replace("/compliance?", "/today?")
    with psycopg.connect(server.paths.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE today")
    done = manage(
        {**there, "DATABASE_URL": url, "SECRET_KEY": "a key of this test " * 3}, "migrate", "--no-input"
    )
    assert done.returncode == 0, done.stderr
    with psycopg.connect(url) as connection:
        return connection.execute(SCHEMA).fetchall()


NOTICES: tuple[tuple[str, dict[str, object], str | None, str, str], ...] = (
    # key, detail, sent at, error, age
    ("digest 2026-W40 7", {"about": "digest", "week": "2026-W40", "person": 7}, "now()", "", "1 hour"),
    ("digest 2026-W41 7", {"about": "digest", "week": "2026-W41", "person": 7}, None, "451 later", "3 days"),
    ("digest 2026-W30 7", {"about": "digest", "week": "2026-W30", "person": 7}, None, "451 later", "60 days"),
    ("digest test 5 7", {"about": "digest", "week": "test 5", "person": 7}, None, "", "3 days"),
    ("regression:x:a@example.org", {"about": "regression", "to": "a@example.org"}, "now()", "", "2 days"),
    ("regression:y:a@example.org", {"about": "regression", "to": "a@example.org"}, None, "", "1 hour"),
    ("claim ends:1:b@example.org", {"about": "claim ends", "to": "b@example.org"}, None, "", "2 days"),
    (
        "claim ends:2:b@example.org",
        {"about": "claim ends", "to": "b@example.org", "given_up": True},
        None,
        "550 unknown",
        "1 hour",
    ),
)
"""E-mails in each state that the previous release had."""

OUTBOX = [
    ("digest", "7", "digest 2026-W40", "sent", 1, ""),
    ("digest", "7", "digest 2026-W41", "waiting", 1, "451 later"),
    ("digest", "7", "digest 2026-W30", "failed", 1, "451 later"),
    ("digest", "7", "digest test 5", "given up", 0, "An earlier release did not send it in time."),
    ("letter", "a@example.org", "regression:x:a@example.org", "sent", 1, ""),
    ("letter", "a@example.org", "regression:y:a@example.org", "waiting", 0, ""),
    (
        *("letter", "b@example.org", "claim ends:1:b@example.org", "given up", 0),
        "An earlier release did not send it in time.",
    ),
    ("letter", "b@example.org", "claim ends:2:b@example.org", "given up", 1, "550 unknown"),
]


def insert_notices(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Insert e-mails as the previous release did; return their rows."""
    for key, detail, sent_at, error, age in NOTICES:
        connection.execute(
            "INSERT INTO compliance_notice (repository_id, channel, key, detail, sent_at, error, created_at)"
            " SELECT id, 'e-mail', %s, %s, CASE WHEN %s THEN now() END, %s, now() - %s::interval"
            " FROM compliance_repository",
            [key, json.dumps(detail), sent_at is not None, error, age],
        )
    everything = "SELECT id, repository_id, channel, key, detail, sent_at, error, created_at"
    return connection.execute(f"{everything} FROM compliance_notice ORDER BY id").fetchall()


def check_outbox(connection: psycopg.Connection, before: list[tuple[Any, ...]]) -> None:
    """Fail unless these e-mails are in the outbox, and the next one gets a new id."""
    rows = connection.execute(
        "SELECT kind, target, key, state, attempts, outcome FROM compliance_outboxitem ORDER BY id"
    ).fetchall()
    kept = "SELECT id, created_at, sent_at, detail FROM compliance_outboxitem ORDER BY id"
    same = [
        (row[0], row[7], row[5], {name: value for name, value in row[4].items() if name != "given_up"})
        for row in before
    ]
    assert rows == OUTBOX
    assert connection.execute(kept).fetchall() == same
    newest = connection.execute(
        "INSERT INTO compliance_outboxitem (kind, channel, target, key, host, detail, secret, state,"
        " attempts, max_attempts, worker, outcome, may_have_arrived, remote_id, log) VALUES"
        " ('letter', 'e-mail', '', 'k', '', '{}', '', 'waiting', 0, 15, '', '', false, '', '[]')"
        " RETURNING id"
    ).fetchone()
    assert newest is not None
    assert newest[0] > before[-1][0]


def test_data_of_the_previous_release_is_upgraded(restored: Restored) -> None:
    server, there = restored
    with psycopg.connect(server.paths.url) as connection:
        connection.execute(
            "INSERT INTO socialaccount_socialaccount"
            " (provider, uid, last_login, date_joined, extra_data, user_id)"
            " SELECT 'github', '7', now(), now(), '{}', id FROM auth_user LIMIT 1"
        )
        e_mails = insert_notices(connection)
        tables = {name: kept for name, kept in columns(connection).items() if name not in DROPPED}
        before = contents(connection, tables)
        table_files, index_files = files_of(connection, "r"), files_of(connection, "i")
    assert len(before["compliance_snapshot"]) == 5
    assert [
        name
        for name in ("claim", "waiver", "marker", "approval", "testrun", "token", "publiclink", "delivery")
        if not before[f"compliance_{name}"]
    ] == []

    done = manage(there, "migrate", "--no-input")
    assert done.returncode == 0, done.stderr
    with psycopg.connect(server.paths.url) as connection:
        after = contents(connection, tables)
        now = files_of(connection, "r")
        rewritten = {
            name for name, file in table_files.items() if now.get(RENAMED.get(name, name), file) != file
        }
        made = connection.execute(
            "SELECT indexname::text, tablename::text FROM pg_indexes WHERE schemaname = 'public'"
        ).fetchall()
    for table, rows in before.items():
        assert (
            after[table][: len(rows)] == rows if table not in GROWING else set(rows) <= set(after[table])
        ), table
    assert rewritten == set(), "a migration writes a table anew, and nobody can use it meanwhile"
    new = {index for index, table in made if table in {*tables} - {*RENAMED} and index not in index_files}
    assert new == INDEXES, "an index on a table that is there keeps everybody from writing to it meanwhile"

    with psycopg.connect(server.paths.url) as connection:
        migrated = connection.execute(SCHEMA).fetchall()
    assert migrated == new_schema(server, there)

    with psycopg.connect(server.paths.url) as connection:
        check_outbox(connection, e_mails)
        connection.execute("DELETE FROM socialaccount_socialaccount")
        trail = "SELECT pgh_label FROM compliance_externalloginevent ORDER BY pgh_id"
        assert connection.execute(trail).fetchall() == [("insert",), ("delete",)]

    told = manage(there, "shell", "--no-imports", "-c", ASK.replace("PAGES", repr(PAGES)))
    assert told.returncode == 0, told.stderr
    url, access, secret, clean, files, pages = json.loads(told.stdout.splitlines()[-1])
    assert (url, access) == ("https://forge.example.org/team/shop.git", "ada:gh%2Ftoken")
    assert (secret, clean, files) == ("Bppl", 3, 7)
    assert pages == dict.fromkeys(PAGES, 200)
