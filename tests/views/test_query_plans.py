"""Pages and polls at size read through indexes: no plan of theirs reads a large table from end to end."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.large_lists import seed
from compliance import jobs
from compliance.models import Repository, Violation
from compliance.queries.files import FileFilter
from compliance.scans import polling
from compliance.views.lookup import page_state
from tests.views.query_plans import plans

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

JOBS = 20_000


@pytest.fixture
def large() -> Repository:
    """A repository with 6,000 open violations in 1,500 files, and 20,000 jobs of it and of twenty others."""
    made = seed.large(files=1_800, open_files=1_500)
    seed.jobs(JOBS, [made, *(seed.repository(f"other{number}", "Another plan") for number in range(20))])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return made


def reads_whole(work: Callable[[], object], *tables: str) -> list[str]:
    """Return the queries of a work that read one of these tables from end to end."""
    return [
        sql
        for sql, plan in plans(work)
        if any(f"Seq Scan on compliance_{table} " in plan for table in tables)
    ]


def test_a_pulse_of_an_open_page_finds_its_jobs_by_index(large: Repository) -> None:
    assert reads_whole(lambda: page_state(large.slug), "job") == []
    (told,) = [plan for _, plan in plans(lambda: page_state(large.slug))]
    assert "jobs_by_end" in told


def test_queue_maintenance_reads_only_the_jobs_that_it_changes(large: Repository) -> None:
    assert reads_whole(jobs.sweep, "job") == []
    assert any("jobs_to_delete" in plan for _, plan in plans(jobs.sweep))


@pytest.mark.parametrize("count", [1, 40])
def test_a_poll_round_in_which_nothing_is_due_takes_one_query(count: int) -> None:
    for number in range(count):
        seed.repository(f"r{number}", "One plan")
    now = timezone.now()
    Repository.objects.update(polled_at=now - polling.EVERY + timedelta(seconds=20))

    with CaptureQueriesContext(connection) as queries:
        polling.poll()

    assert len(queries) == 1


@pytest.mark.parametrize("failures", range(12))
def test_a_round_claims_the_repositories_whose_last_poll_is_long_enough_ago(failures: int) -> None:
    seed.repository("one", "One plan")
    now = timezone.now()
    for hooked_at in (None, now - timedelta(hours=2), now - timedelta(days=2)):
        for minutes in (0, 1, 4, 14, 16, 54, 61, -5):
            polled_at = now - timedelta(minutes=minutes)
            Repository.objects.update(hooked_at=hooked_at, poll_failures=failures, polled_at=polled_at)
            is_hooked = hooked_at is not None and hooked_at > now - timedelta(days=1)
            usual = polling.EVERY_WITH_HOOK if is_hooked else polling.EVERY
            pause = max(usual, min(polling.EVERY * 2**failures, polling.LONGEST))
            is_due = not now - pause <= polled_at <= now + polling.CLOCK_SKEW
            assert bool(polling._claim(1)) == is_due, (hooked_at, minutes)


@pytest.mark.parametrize(
    "query",
    [
        "files/",
        "files/?page=99",
        "files/?page=3",
        "violations/",
        "violations/?page=999",
        "violations/?page=7",
    ],
)
def test_a_page_of_a_list_is_found_by_index(ada: Client, large: Repository, query: str) -> None:
    listed = [
        (sql, plan) for sql, plan in plans(lambda: ada.get(f"/repositories/large/{query}")) if "LIMIT" in sql
    ]
    index = "files_by_violations" if query.startswith("files") else "open_violations_by_risk"
    assert any(index in plan for _, plan in listed), listed


def test_the_next_page_begins_in_the_index(ada: Client, large: Repository) -> None:
    for listed, index in (("files", "files_by_violations"), ("violations", "open_violations_by_risk")):
        link = ada.get(f"/repositories/large/{listed}/?page=4").context["page"].next
        told = [plan for _, plan in plans(partial(ada.get, f"/repositories/large/{listed}/{link}"))]
        assert any(index in plan and "Index Cond: ((" in plan and "ROW(" in plan for plan in told), told


def test_the_violations_of_a_small_phase_are_found_by_index(large: Repository) -> None:
    few = Violation.objects.filter(last=None).values("pk")[:20]
    Violation.objects.filter(pk__in=few).update(phases=["phase-small"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE compliance_violation")
    rows = FileFilter(phase="phase-small").files(large)
    (told,) = [plan for _, plan in plans(rows.count)]
    assert "open_violations_by_slice" in told
