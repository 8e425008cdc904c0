"""Polls have a bounded number of requests and of seconds, and a server that does not answer delays nobody."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.models import Job, Repository
from compliance.scans import polling
from tests.processes import wait
from tests.scanner.git.tls import Forge, forge, permitted
from tests.scanner.history import Commit, write_history

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Forge]:
    """A server on this machine, which is permitted, and four requests at a time."""
    settings.POLL_CONCURRENCY = 4
    monkeypatch.setattr(polling, "_requests", polling.Requests())
    write_history(tmp_path / "served" / "r.git", [Commit({"a.py": "x = 1\n"})])
    with permitted(), forge(tmp_path / "served", tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        yield running


def add(slug: str, url: str, **values: object) -> Repository:
    return Repository.objects.create(slug=slug, name=slug, url=url, branch="main", **values)


def other_is_polled() -> bool:
    polling.poll(lambda: True)
    return Job.objects.exists()


def test_a_server_that_does_not_answer_delays_neither_the_worker_nor_others(served: Forge) -> None:
    served.answering.clear()
    try:
        for number in range(8):
            add(f"r{number}", f"https://localhost:{served.port}/r.git")
        other = add("other", str(served.root / "r.git"))

        polling.poll(lambda: True)
        assert polling._requests.running == 4
        wait(other_is_polled)
        assert Job.objects.get().repository == other, "one of four requests is left for other servers"
        assert polling._requests.running == 3
        assert Repository.objects.filter(polled_at=None).count() == 5
    finally:
        served.answering.set()
    polling.poll()
    assert Job.objects.filter(kind="update", state="waiting").count() == 9
    assert not polling._requests.running
    assert served.connections <= 4


def test_those_that_waited_longest_come_first() -> None:
    now = timezone.now()
    for number, minutes in enumerate((3, 9, None, 6, 5)):
        polled_at = now - timedelta(minutes=minutes) if minutes else None
        add(f"r{number}", f"/srv/{number}.git", polled_at=polled_at)
    order = [repository.slug for _ in range(5) for repository in polling._claim(1)]
    assert order == ["r2", "r1", "r3", "r4", "r0"]
    assert polling._claim(5) == []


def test_a_poll_with_nothing_due_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(20):
        add(f"r{number}", f"/srv/{number}.git", polled_at=timezone.now())
    with django_assert_num_queries(1):
        polling.poll()
