"""Letters about claims and broken files, over a real mail server."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction

from compliance import jobs, scans
from compliance.integrations import delivery
from compliance.integrations.delivery import RejectedError, UnacceptedError
from compliance.models import Change, Claim, Commit, File, Job, OutboxItem
from compliance.notifications.mail import hand_over
from compliance.work.claims import claim, remind
from compliance.work.regression_events import on_commit_recorded
from tests.notifications.conftest import Postbox, letter, work
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, NEW, OLD, again, push, tracked
from tests.views.cast import World

pytestmark = pytest.mark.slow


def test_a_claim_that_expires_soon_sends_one_mail(mail: Postbox, netra: World) -> None:
    file = File.objects.filter(violations__gt=0)[0]
    (row,) = claim([file], User.objects.get(username="ben"))
    Claim.objects.update(created_at=row.created_at - timedelta(days=13), until=row.until - timedelta(days=13))

    remind()
    remind()
    work()
    work()

    (received,), (text,) = mail.accepted, mail.texts()
    assert received["To"] == "ben@example.org"
    assert received["Subject"] == f"Your claim on {file.path} expires soon"
    assert f"https://compliance.example.org/repositories/netra/files/{file.pk}/" in text


def test_a_regression_is_mailed_to_the_last_migrator_and_the_author(mail: Postbox, netra: World) -> None:
    change = Change.objects.filter(regression=True)[0]
    file = File.objects.get(path=change.path)
    ben = User.objects.get(username="ben")
    until = netra.at + timedelta(days=14)
    Claim.objects.create(file=file, person=ben, state="completed", until=until, ended_at=netra.at)

    commit = Commit.objects.get(pk=change.commit_id)
    on_commit_recorded(netra.repository, commit=commit, email=commit.author_email)
    work()

    assert mail.to() == ["ben@example.org", commit.author_email]
    assert commit.subject in mail.texts()[0]


def test_a_rejected_address_is_given_up_and_shown(mail: Postbox, netra: World) -> None:
    mail.refuse["ben@example.org"] = "550 no such person"
    (row,) = claim([File.objects.filter(violations__gt=0)[0]], User.objects.get(username="ben"))
    Claim.objects.update(created_at=row.created_at - timedelta(days=13), until=row.until - timedelta(days=13))

    remind()
    work()

    item = OutboxItem.objects.get()
    assert "550 no such person" in item.outcome
    assert item.state == "given up"


def test_the_answer_for_each_rejected_recipient_is_reported(mail: Postbox) -> None:
    mail.refuse = {"ada@example.org": "550 moved", "ben@example.org": "451 full"}
    message = EmailMessage("Subject", "Text", to=list(mail.refuse))
    with pytest.raises(UnacceptedError, match="temporarily rejected the address: 550 moved; 451 full"):
        hand_over(message)
    mail.refuse["ben@example.org"] = "551 gone"
    with pytest.raises(RejectedError, match="rejected the address: 550 moved; 551 gone"):
        hand_over(message)
    mail.refuse.pop("ben@example.org")
    hand_over(message)
    assert len(mail.accepted) == 1


def test_an_unreachable_mail_server_does_not_fail_the_scan(
    mail: Postbox, transactional_db: None, tmp_path: Path, settings: LazySettings
) -> None:
    write_history(tmp_path / "r.git", list(HISTORY))
    repository = tracked(tmp_path / "r.git")
    (row,) = claim([File.objects.get(path="app/b.py")], User.objects.create_user("ben", "ben@example.org"))
    push(tmp_path / "r.git", "mend", by="Ben <ben@example.org>", app__b=NEW)
    again(repository)
    row.refresh_from_db()
    assert row.state == "completed"

    settings.EMAIL_PORT = 1
    tip = push(tmp_path / "r.git", "break", app__b=OLD)
    scans.track(repository.url, slug=repository.slug)
    work()
    repository.refresh_from_db()
    assert repository.head is not None
    assert (repository.head.sha, repository.trouble) == (tip, "")
    assert not Job.objects.filter(kind="update").exclude(state="done").exists()
    items = OutboxItem.objects.filter(state="waiting")
    assert any("ConnectionRefusedError" in item.outcome for item in items)

    settings.EMAIL_PORT = mail.port
    work()
    assert set(mail.to()) == {"ben@example.org", "a@example.org"}
    assert not OutboxItem.objects.exclude(state="sent").exists()


@pytest.mark.parametrize(
    "address",
    ["@", "v1@x.org,v2@y.org", "a b", "root", "a@x.org\x0bBcc: e@x.org", "m" * 300, "a@" + "x" * 300],
)
def test_an_author_s_address_that_is_none_is_given_up(mail: Postbox, netra: World, address: str) -> None:
    """Whoever may push chooses the address; the other mails of the job are sent all the same."""
    file = File.objects.filter(violations__gt=0)[0]
    for number, to in enumerate((address, "ben@example.org")):
        detail = {"about": "regression", "to": to, "path": file.path, "commit": "", "until": ""}
        delivery.record([letter(netra.repository.pk, str(number), detail)])
    work()

    assert mail.to() == ["ben@example.org"]
    assert "not a valid e-mail address" in OutboxItem.objects.get(key="0").outcome
    assert Job.objects.get(kind="deliver").state == Job.State.DONE


@pytest.mark.parametrize(
    "path",
    [
        "a\nBcc: eve@example.org\n\nb.py",
        "a\x0bBcc: eve@example.org",
        "a\u202eyp.exe",
        "a\u2028b.py",
        "é" * 2000,
    ],
)
def test_a_path_begins_no_header_and_no_line(mail: Postbox, netra: World, path: str) -> None:
    detail = {"about": "claim ends", "to": "ben@example.org", "path": path, "commit": "", "until": "today"}
    delivery.record([letter(netra.repository.pk, "1", detail)])
    work()

    (received,) = mail.accepted
    assert received["Bcc"] is None
    assert mail.to() == ["ben@example.org"]
    assert not set("\n\x0b\u202e\u2028") & set(received["Subject"])
    first = received.get_content().splitlines()[0]
    assert first.startswith("Your claim on ")
    assert first.endswith(" ends on today.")
    assert "\u202e" not in received.get_content()


@pytest.mark.parametrize("state", [None, "done", "waiting"])
def test_an_e_mail_whose_job_was_never_queued_is_sent(mail: Postbox, netra: World, state: str | None) -> None:
    """A process may end between the commit and queueing the job."""
    file = File.objects.filter(violations__gt=0)[0]
    if state:
        jobs.enqueue("deliver")
    if state == "done":
        work()
    detail = {
        "about": "claim ends",
        "to": "ben@example.org",
        "path": file.path,
        "commit": "",
        "until": "today",
    }
    letter(netra.repository.pk, "1", detail).save()
    delivery.resume()
    delivery.resume()
    assert Job.objects.filter(kind="deliver", state="waiting").count() == 1
    work()
    delivery.resume()
    assert mail.to() == ["ben@example.org"]
    assert not Job.objects.filter(state="waiting").exists()


def test_the_job_is_queued_after_the_commit(mail: Postbox, netra: World) -> None:
    change = Change.objects.filter(regression=True)[0]
    commit = Commit.objects.get(pk=change.commit_id)
    with transaction.atomic():
        on_commit_recorded(netra.repository, commit=commit, email=commit.author_email)
        assert not Job.objects.filter(kind="notify").exists()
    assert Job.objects.get(kind="notify").state == Job.State.WAITING
