"""What scans, evidence and an upgrade emit, and what they don't."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from compliance import scans
from compliance.lib.dates import today
from compliance.models import NotificationEvent, OutboxItem, Waiver
from compliance.work.waivers import warn
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, NEW, OLD, PLAN, again, git, push, tracked
from tests.scans.verify import run_jobs
from tests.views.cast import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def emitted(topic: str = "regression") -> list[NotificationEvent]:
    return list(NotificationEvent.objects.filter(topic=topic).order_by("pk"))


def test_only_new_commits_that_introduce_violations_emit_regressions(tmp_path: Path) -> None:
    folder = tmp_path / "r.git"
    write_history(folder, list(HISTORY))
    repository = tracked(folder)
    assert emitted() == [], "history isn't news"

    push(folder, "Tidy", app__c="print(2)\n")
    sha = push(folder, "Break it", by="Cy <cy@example.org>", app__a=OLD, app__d=OLD)
    again(repository)
    (event,) = emitted()
    assert (event.key, event.email, event.routed_at is not None) == (sha, "cy@example.org", True)
    assert event.detail["violations"] == 4
    assert event.detail["files"] == 2
    assert event.detail["paths"][0] == "app/a.py", "the files that were clean come first"
    assert event.risk

    again(repository)
    scans.track(repository.url, slug="r", plan=PLAN.replace("call: high", "call: low"))
    run_jobs()
    push(folder, "Mend it", app__a=NEW)
    again(repository)
    assert len(emitted()) == 1


def test_a_rewritten_commit_repeats_no_regression(tmp_path: Path) -> None:
    folder = tmp_path / "r.git"
    write_history(folder, list(HISTORY))
    repository = tracked(folder)
    base = git(folder, "rev-parse", "main")
    first = push(folder, "Break it", app__a=OLD, when="1700000010 +0000")
    again(repository)
    git(folder, "update-ref", "refs/heads/main", base)
    push(folder, "Tidy", app__c="print(2)\n", when="1700000005 +0000")
    push(folder, "Break it, too", app__a=OLD, app__d=OLD, when="1700000010 +0000")
    again(repository)
    assert [(event.key == first, event.detail["files"]) for event in emitted()] == [(True, 1), (False, 1)]
    assert emitted()[1].detail["paths"] == ["app/d.py"], "what was reported already isn't news"

    git(folder, "update-ref", "refs/heads/main", base)
    push(folder, "Squashed", app__a=OLD, app__d=OLD, when="1700000005 +0000")
    again(repository)
    assert len(emitted()) == 2
    push(folder, "Mend it", app__a=NEW, when="1700000020 +0000")
    sha = push(folder, "Break it again", app__a=OLD, when="1700000030 +0000")
    again(repository)
    assert [event.key for event in emitted()][2:] == [sha]


def test_a_phase_that_a_force_push_restored_can_reopen_and_close_again(tmp_path: Path) -> None:
    folder = tmp_path / "r.git"
    write_history(folder, list(HISTORY))
    repository = tracked(folder, PLAN.replace("roles: [call]", "roles: [import]"))

    def told() -> list[tuple[str, str]]:
        rows = NotificationEvent.objects.filter(topic__startswith="phase.").order_by("pk")
        return [(event.topic, event.detail["subject"]) for event in rows]

    base = git(folder, "rev-parse", "main")
    push(folder, "Close it", app__b=NEW, when="1700000010 +0000")
    again(repository)
    git(folder, "update-ref", "refs/heads/main", base)
    push(folder, "Close it, amended", app__b=NEW, when="1700000010 +0000")
    again(repository)
    assert told() == [("phase.closed", "Close it")]
    git(folder, "update-ref", "refs/heads/main", base)
    again(repository)
    push(folder, "Close it again", app__b=NEW, when="1700000020 +0000")
    again(repository)
    assert told()[1:] == [("phase.closed", "Close it again")]

    closed = git(folder, "rev-parse", "main")
    push(folder, "Break it", app__a=OLD, when="1700000030 +0000")
    again(repository)
    git(folder, "update-ref", "refs/heads/main", closed)
    again(repository)
    push(folder, "Break it again", app__a=OLD, when="1700000040 +0000")
    again(repository)
    assert told()[2:] == [("phase.reopened", "Break it"), ("phase.reopened", "Break it again")]


def test_waivers_that_an_earlier_release_announced_are_not_announced_again(netra: World) -> None:
    dan = User.objects.create_user("dan", "dan@example.org")
    until = today() + timedelta(days=3)
    known, new = (
        Waiver.objects.create(
            repository=netra.repository,
            person=dan,
            glob=glob,
            reason="x",
            until=until,
            state="approved",
            decided_at=timezone.now(),
        )
        for glob in ("a.py", "b.py")
    )
    key = f"waiver ends:{known.pk}:dan@example.org"
    OutboxItem.objects.create(
        repository=netra.repository, kind="letter", channel="e-mail", target="dan@example.org", key=key
    )
    migration = import_module("compliance.migrations.0074_announced_waivers")
    with connection.cursor() as cursor:
        cursor.execute(migration.ANNOUNCED)
        cursor.execute(migration.ANNOUNCED)
    warn()
    warn()
    waiting = NotificationEvent.objects.filter(topic="waiver.expiring", routed_at=None)
    assert [event.detail["waiver"] for event in waiting] == [new.pk]
