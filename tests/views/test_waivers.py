"""Waivers on the pages: they are requested, approved, rejected and ended, and shown beside the figures."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from compliance import events
from compliance.accounts.roles import Role, give
from compliance.integrations import delivery
from compliance.lib.dates import today
from compliance.models import File, Issue, Marker, Repository, Snapshot, Violation, Waiver
from compliance.work.waivers import end_overdue, request_waiver, warn
from tests.scans.verify import run_jobs
from tests.views.cast import World

HOME = "/repositories/netra"
PAGE = f"{HOME}/waivers/"


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return " ".join(body.decode().split())


@pytest.fixture
def ben(db: None) -> Client:
    """An engineer."""
    give(User.objects.create_user("ben"), Role.ENGINEER)
    client = Client()
    client.force_login(User.objects.get(username="ben"))
    return client


def manager(name: str) -> Client:
    give(User.objects.create_user(name, f"{name}@example.org"), Role.MANAGER)
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def newest(world: World) -> Snapshot:
    return Snapshot.objects.get(commit=world.head)


def dirty(world: World, least: int = 2) -> File:
    """A file with several counted violations, all of which count."""
    return next(
        row.file
        for row in world.standing
        if row.counted and sum(other.file_id == row.file_id for other in world.standing) >= least
    )


def test_a_request_changes_nothing_until_somebody_else_approves_it(
    ada: Client, ben: Client, netra: World
) -> None:
    violation, before = netra.standing[0], newest(netra)
    sent = {"violation": violation.pk, "reason": "Typing only", "until": "2099-01-01"}

    answer = ben.post(PAGE, sent, follow=True)

    assert "It waits for approval by" in answer.content.decode()
    waiver = Waiver.objects.get()
    assert (waiver.state, waiver.fingerprint, waiver.person.username) == (  # type: ignore[union-attr]
        "requested",
        violation.fingerprint,
        "ben",
    )
    assert not Violation.objects.filter(waiver__isnull=False).exists()
    page = text(ada, PAGE)
    assert f"{violation.file.path}:{violation.line}" in page.replace("<wbr>", "")
    assert "1 violation, until" in page
    assert 'class="btn btn-primary" aria-label="Approve' in page
    assert "Only managers and higher roles can decide on waivers" in text(ben, PAGE)
    assert "1 waiting for approval" in text(ada, f"{HOME}/")

    assert ben.post(f"{PAGE}{waiver.pk}/approve/").status_code == 403
    ada.post(f"{PAGE}{waiver.pk}/approve/", {"comment": "Until the next release"})

    waiver.refresh_from_db()
    assert (waiver.state, str(waiver.decided_by), waiver.comment) == (
        "approved",
        "ada",
        "Until the next release",
    )
    now = newest(netra)
    assert (now.violations, now.clean, now.by) == (before.violations, before.clean, before.by)
    assert Violation.objects.get(waiver=waiver) == violation
    for address in (PAGE, f"{HOME}/waivers.csv", f"{HOME}/files/{violation.file_id}/"):
        assert "Typing only" in text(ben, address), address
    assert "Until the next release" in text(ben, PAGE)
    assert 'data-label="Approved by">ada, <time' in text(ben, PAGE)
    rows = csv.DictReader(io.StringIO(raw(ben, f"{HOME}/waivers.csv")))
    assert [(row["person"], row["decided_by"]) for row in rows if row["kind"] == "waiver"] == [("ben", "ada")]


def test_a_whole_file_that_is_waived_is_shown_beside_the_headline(
    ada: Client, ben: Client, netra: World
) -> None:
    file, before = dirty(netra), newest(netra)
    ben.post(PAGE, {"glob": file.path, "reason": "Goes with its module"})
    ada.post(f"{PAGE}{Waiver.objects.get().pk}/approve/")

    now = newest(netra)
    counted = Violation.objects.filter(file=file, waiver__isnull=False, counted=True).count()
    assert (now.clean, now.clean_with_waivers, now.waived_violations) == (
        before.clean,
        before.clean + 1,
        counted,
    )
    percent = 1000 * now.clean_with_waivers // now.files / 10
    beside = f"{percent:.1f}% with waivers ({counted} violations)"
    assert beside in text(ada, f"{HOME}/")
    (row,) = csv.DictReader(io.StringIO(raw(ada, "/repositories.csv")))
    assert (row["clean"], row["clean_with_waivers"], row["waived"]) == (
        str(now.clean),
        str(now.clean + 1),
        str(counted),
    )
    assert row["percent_with_waivers"] == str(percent) != row["percent"]
    first = next(csv.DictReader(io.StringIO(raw(ada, f"{HOME}/commits.csv"))))
    assert [first[name] for name in ("violations", "waived", "clean", "clean_with_waivers")] == [
        str(n) for n in (now.violations, counted, now.clean, now.clean + 1)
    ]
    listed = csv.DictReader(io.StringIO(raw(ada, f"{HOME}/files.csv?waived=yes")))
    assert [(r["path"], r["status"], r["violations"], r["waived"]) for r in listed] == [
        (file.path, "waived", str(counted), str(counted))
    ]
    assert file.path not in raw(ada, f"{HOME}/my-work.csv")
    assert f'aria-label="Claim {file.path}"' not in text(ben, f"{HOME}/files/?waived=yes")
    kinds = [(mark.kind, mark.person and mark.person.username) for mark in Marker.objects.order_by("pk")]
    assert kinds[-1:] == [("waived", "ada")]
    assert f"{counted} violations in {file.path} waived: Goes with its module" in text(ada, f"{HOME}/marks/")


def raw(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_nobody_decides_on_their_own_request_while_somebody_else_could(ada: Client, netra: World) -> None:
    eve = manager("eve")
    ada.post(PAGE, {"glob": "netra/**", "reason": "All of it"})
    waiver = Waiver.objects.get()
    assert "somebody else must decide: eve" in text(ada, PAGE)
    assert ada.post(f"{PAGE}{waiver.pk}/approve/").status_code == 403
    assert ada.post(f"{PAGE}{waiver.pk}/reject/", {"comment": "Mine"}).status_code == 403

    answer = eve.post(f"{PAGE}{waiver.pk}/reject/", {"comment": " "}, follow=True)
    assert "Say in the comment why" in answer.content.decode()
    eve.post(f"{PAGE}{waiver.pk}/reject/", {"comment": "Too much at once"})

    waiver.refresh_from_db()
    assert (waiver.state, waiver.ended_at) == ("rejected", None)
    assert not Violation.objects.filter(waiver__isnull=False).exists()
    assert "rejected by eve" in text(ada, PAGE)
    assert "Too much at once" in text(ada, PAGE)
    late = eve.post(f"{PAGE}{waiver.pk}/approve/", follow=True).content.decode()
    assert "it is rejected" in late


def test_a_manager_alone_is_approved_at_once_and_the_waiver_says_so(ada: Client, netra: World) -> None:
    answer = ada.post(PAGE, {"glob": "netra/**", "reason": "All of it"}, follow=True)

    assert "Approved at once, because nobody else could decide" in answer.content.decode()
    waiver = Waiver.objects.get()
    assert (waiver.state, waiver.person, waiver.decided_by) == ("approved", waiver.decided_by, waiver.person)
    assert newest(netra).waived_violations == newest(netra).violations > 0

    ada.post(f"{PAGE}{waiver.pk}/end/")

    assert newest(netra).waived == {}
    assert "All of it" in text(ada, PAGE)
    assert [mark.kind for mark in Marker.objects.order_by("pk")][-2:] == ["waived", "waiver over"]


def test_engineers_decide_where_the_setting_says_so(
    ben: Client, netra: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(settings.ENVIRONMENT, "waiver_approvers", "engineer")
    other = User.objects.create_user("eli")
    give(other, Role.ENGINEER)
    waiver = request_waiver(netra.repository, other, "Kept", None, glob="netra/**")
    assert waiver.state == "requested"

    ben.post(f"{PAGE}{waiver.pk}/approve/")

    waiver.refresh_from_db()
    assert (waiver.state, str(waiver.decided_by)) == ("approved", "ben")


def send_what_waits() -> None:
    """Route what has happened and send it. The test's transaction never ends, so no job was queued."""
    events.resume()
    run_jobs()
    delivery.resume()
    run_jobs()


def test_the_people_concerned_get_mail(ada: Client, netra: World, settings: Any) -> None:
    settings.EMAIL_READY = True
    manager("eve")
    dan = User.objects.create_user("dan", "dan@example.org")
    day = today() + timedelta(days=5)
    approved = request_waiver(netra.repository, dan, "Kept for a customer", day, glob="netra/**")
    send_what_waits()
    rejected = request_waiver(netra.repository, dan, "Rare", None, glob="netra/a*.py", rule="singletons")
    send_what_waits()
    ada.post(f"{PAGE}{approved.pk}/approve/", {"comment": "Until the move"})
    send_what_waits()
    ada.post(f"{PAGE}{rejected.pk}/reject/", {"comment": "Fix it instead"})
    warn()
    warn()
    send_what_waits()
    Waiver.objects.filter(pk=approved.pk).update(until=today() - timedelta(days=1))
    assert (end_overdue(), end_overdue()) == (1, 0)
    send_what_waits()

    told = sorted((message.to[0], message.subject, message.body) for message in mail.outbox)
    assert [(to, subject) for to, subject, _ in told] == [
        ("dan@example.org", "The waiver for netra/** expires soon"),
        ("dan@example.org", "The waiver for netra/** has expired"),
        ("dan@example.org", "The waiver for netra/** was approved"),
        ("dan@example.org", "The waiver for netra/a*.py was rejected"),
        ("eve@example.org", "A waiver for netra/** was requested"),
        ("eve@example.org", "A waiver for netra/a*.py was requested"),
    ]
    bodies = [body for *_, body in told]
    assert "Until the move" in bodies[2]
    assert "Fix it instead" in bodies[3]
    assert all(word in bodies[5] for word in ("Requested by: dan", "Rule: singletons", "Rare", "#waiting"))


def test_a_waiver_ends_at_the_end_of_its_last_day_in_the_installations_time_zone(
    netra: World, settings: Any
) -> None:
    waiver = Waiver.objects.create(
        repository=netra.repository,
        glob="netra/**",
        reason="Goes",
        until=date(2026, 3, 1),
        state="approved",
        decided_at=timezone.now(),
    )
    settings.TIME_ZONE = "Asia/Tokyo"

    with timezone.override("America/Los_Angeles"):
        assert end_overdue() == 1

    waiver.refresh_from_db()
    assert waiver.state == "expired"
    assert waiver.ended_at is not None
    assert waiver.ended_at.isoformat() == "2026-03-01T15:00:00+00:00"  # midnight in Tokyo


def test_activity_lists_what_became_of_a_waiver(ada: Client, ben: Client, netra: World) -> None:
    ben.post(PAGE, {"glob": "netra/a*.py", "reason": "Rare"})
    waiver = Waiver.objects.get()
    ada.post(f"{PAGE}{waiver.pk}/approve/", {"comment": "Until May"})
    ada.post(f"{PAGE}{waiver.pk}/end/")

    rows = list(csv.DictReader(io.StringIO(raw(ada, "/activity.csv?kind=waiver"))))

    assert sorted((row["person"], row["what"]) for row in rows) == [  # all in one transaction, at one time
        ("ada", "approved: all rules at netra/a*.py: Rare (Until May)"),
        ("ada", "ended: all rules at netra/a*.py: Rare (Until May)"),
        ("ben", "requested: all rules at netra/a*.py: Rare"),
    ]


def test_an_issue_that_was_closed_with_violations_left_has_a_warning(ada: Client, netra: World) -> None:
    warning = "closed with 16 violations left"
    assert warning not in text(ada, f"{HOME}/issues/")
    Issue.objects.update(tracker_state="closed")
    assert newest(netra).by["issue"]["#1274"][0] == 16
    for address in (f"{HOME}/issues/", f"{HOME}/issues/%231274/", f"{HOME}/"):
        assert warning in text(ada, address), address


def test_the_list_of_open_violations_includes_waived_ones_and_says_so(ada: Client, netra: World) -> None:
    file = dirty(netra)
    ada.post(PAGE, {"glob": file.path, "reason": "Goes"})
    waived = Violation.objects.filter(waiver__isnull=False).count()
    everything = len(netra.standing)

    page = text(ada, f"{HOME}/violations/")

    assert f"open <strong>{everything}</strong>" in page
    assert f"of which waived <strong>{waived}</strong>" in page
    assert page.count("(waived: Goes)") == waived < everything
    assert "&lt;wbr" not in page
    assert text(ada, f"{HOME}/violations/?state=standing").count("(waived: Goes)") == 0
    rows = list(csv.DictReader(io.StringIO(raw(ada, f"{HOME}/violations.csv"))))
    assert [row["state"] for row in rows].count("waived") == waived
    assert len(rows) == everything


def test_suppressed_and_waived_violations_are_shown_alike(ada: Client, netra: World) -> None:
    file = dirty(netra)
    Snapshot.objects.filter(commit=netra.head).update(suppressed=5)
    ada.post(PAGE, {"glob": file.path, "reason": "Goes"})

    page = text(ada, f"{HOME}/")

    assert "with waivers (" in page
    assert "5 violations suppressed by comments, not counted" in page
    assert Repository.objects.get().slug == "netra"
