"""Waivers of an installation of 18259d4 under this release: figures include what is waived, no row is lost.

`previous_waivers/` is what `manage.py backup` of that release wrote after it had recorded a history of eight
commits with a waiver for one violation, one that overlaps it, one that had ended, one that had expired and
one for a rule, all evaluated again under a second plan version, so that many commits left violations out.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.embedded.conftest import Restored
from tests.processes import manage

pytestmark = pytest.mark.slow

PREVIOUS = Path(__file__).parent / "previous_waivers"
PAGES = ("", "waivers/", "waivers.csv", "files/", "violations/", "phases/", "commits/", "marks/")
ASK = """
import json
from django.contrib.auth.models import User
from django.test import Client
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="admin"))
pages = {name: client.get(f"/repositories/shop/{name}").status_code for name in PAGES}
told = client.get("/repositories/shop/waivers/").content.decode()
print(json.dumps([pages, " ".join(told.split())]))
"""
FIGURES = "id, plan_id, commit_id, files, clean, violations, files_with_violations, by, waived"


def migrated(there: dict[str, str], *target: str) -> None:
    done = manage(there, "migrate", "--no-input", *target)
    assert done.returncode == 0, done.stderr


def asked(connection: psycopg.Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query, values).fetchall()


def counted(connection: psycopg.Connection, plan: int, position: int) -> dict[str, Any]:
    """The figures of a commit, from the lifetimes of the violations alone."""
    rows = asked(
        connection,
        "SELECT file_id, counted, rule, risk, category, phases, issues FROM compliance_violation"
        " WHERE plan_id = %s AND NOT suppressed AND coalesce(first, 0) <= %s AND coalesce(last, 9999) >= %s",
        plan,
        position,
        position,
    )
    total = [row for row in rows if row[1]]
    by: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for number, dimension in enumerate(("rule", "risk", "category", "phase", "issue"), start=2):
        found = total if dimension in ("rule", "risk") else rows
        pairs = [
            (key, row[0])
            for row in found
            for key in (row[number] if isinstance(row[number], list) else [row[number]])
        ]
        places, files = Counter(key for key, _ in pairs), Counter(key for key, _ in set(pairs))
        by[dimension] = {key: [places[key], files[key]] for key in places}
    return {"violations": len(total), "files_with_violations": len({row[0] for row in total}), "by": dict(by)}


def check_figures(connection: psycopg.Connection) -> int:
    """Compare each snapshot with the lifetimes, and return how many have something waived."""
    query = f"""
        SELECT {FIGURES}, (SELECT position FROM compliance_commit WHERE id = commit_id)
        FROM compliance_snapshot ORDER BY id
    """
    rows = asked(connection, query)
    for _, plan, _, files, clean, violations, violating, by, _, position in rows:
        wanted = counted(connection, plan, position)
        assert (violations, violating) == (wanted["violations"], wanted["files_with_violations"]), position
        assert clean == files - violating, position
        some = {dimension: {k: v for k, v in parts.items() if v != [0, 0]} for dimension, parts in by.items()}
        assert some == wanted["by"], position
    return sum(bool(row[8]) for row in rows)


@pytest.fixture
def restored(restore: Callable[[Path], Restored]) -> Restored:
    return restore(PREVIOUS)


def test_what_was_waived_returns_to_the_figures_and_waivers_become_approved(restored: Restored) -> None:
    server, there = restored
    with psycopg.connect(server.paths.url) as connection:
        kept = asked(connection, "SELECT id, waived FROM compliance_snapshot ORDER BY id")
        waivers = asked(
            connection,
            "SELECT id, glob, rule, fingerprint, reason, person_id, until, ended_at, created_at"
            " FROM compliance_waiver ORDER BY id",
        )
        trail = asked(connection, "SELECT count(*) FROM compliance_waiverevent")
        covered = asked(connection, "SELECT id, waiver_id FROM compliance_violation ORDER BY id")
        net = asked(connection, "SELECT sum(violations), sum(clean) FROM compliance_snapshot")[0]
    assert (len(kept), sum(bool(waived) for _, waived in kept), len(waivers)) == (15, 9, 5)

    migrated(there, "compliance", "0041")
    with psycopg.connect(server.paths.url) as connection:
        once = asked(connection, f"SELECT {FIGURES} FROM compliance_snapshot ORDER BY id")
        connection.execute("DELETE FROM django_migrations WHERE name LIKE '0041%'")
    migrated(there)  # as after an interruption: the same again, and the rest

    with psycopg.connect(server.paths.url) as connection:
        assert asked(connection, f"SELECT {FIGURES} FROM compliance_snapshot ORDER BY id") == once
        assert check_figures(connection) == 9
        assert asked(connection, "SELECT id, waived FROM compliance_snapshot ORDER BY id") == kept
        gross = asked(connection, "SELECT sum(violations), sum(clean) FROM compliance_snapshot")[0]
        assert gross == (
            net[0] + sum(waived.get("violations", 0) for _, waived in kept),
            net[1] + sum(waived.get("clean", 0) for _, waived in kept),
        )
        assert asked(connection, "SELECT id, waiver_id FROM compliance_violation ORDER BY id") == covered
        files = asked(
            connection,
            "SELECT f.path, f.status, f.violations, f.waived, f.worst_risk FROM compliance_file f ORDER BY 1",
        )
        check_waivers(connection, waivers)
        assert asked(connection, "SELECT count(*) FROM compliance_waiverevent") == trail
    assert files == [
        ("app/a.py", "migrated", 0, 0, ""),
        ("app/b.py", "claimed", 2, 0, "critical"),
        ("app/c.py", "clean", 0, 0, ""),
        ("app/d.py", "waived", 3, 3, "critical"),
        ("app/e.py", "open", 2, 0, "critical"),
        ("app/g.py", "waived", 1, 1, "medium"),
        ("app/home.py", "open", 1, 0, "medium"),
        ("tests/t.py", "open", 2, 0, "critical"),
    ]

    told = manage(there, "shell", "--no-imports", "-c", ASK.replace("PAGES", repr(PAGES)))
    assert told.returncode == 0, told.stderr
    pages, page = json.loads(told.stdout.splitlines()[-1])
    assert pages == dict.fromkeys(PAGES, 200)
    assert "Made before waivers were approved." in page


def check_waivers(connection: psycopg.Connection, before: list[tuple[Any, ...]]) -> None:
    """All are there with what they said, and each is approved, ended or expired, and marked on the trend."""
    after = asked(
        connection,
        "SELECT id, glob, rule, fingerprint, reason, person_id, until, ended_at, created_at"
        " FROM compliance_waiver ORDER BY id",
    )
    assert after == before
    states = asked(
        connection,
        "SELECT glob, fingerprint = '', state, decided_at = created_at, decided_by_id FROM compliance_waiver"
        " ORDER BY id",
    )
    assert states == [
        ("app/d.py", False, "approved", True, None),
        ("app/b.py", True, "ended", True, None),
        ("app/d*", True, "approved", True, None),
        ("tests/**", True, "expired", True, None),
        ("app/g.py", True, "approved", True, None),
    ]
    marks = asked(
        connection,
        "SELECT kind, text, commit_id IS NOT NULL FROM compliance_marker WHERE starts_with(kind, 'waive')"
        " ORDER BY at",
    )
    assert marks == [
        ("waived", "app/d.py waived: One place", True),
        ("waived", "app/b.py waived: For a while", True),
        ("waived", "app/d* waived: Goes with its module", True),
        ("waived", "tests/** waived: Until yesterday", True),
        ("waiver over", "The waiver for app/b.py ended: For a while", True),
        ("waiver over", "The waiver for tests/** expired: Until yesterday", True),
        ("waived", "app/g.py waived: Late", True),
    ]
