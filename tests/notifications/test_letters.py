"""Letters about claims and broken files, over a real mail server."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from compliance import scans
from compliance.models import Change, Claim, Commit, File, Job, Notice
from compliance.work.claims import claim, remind, settle
from tests.notifications.conftest import Postbox, work
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

    (letter,) = mail.accepted
    assert letter["To"] == "ben@example.org"
    assert letter["Subject"] == f"Your claim on {file.path} expires soon"
    assert f"https://compliance.example.org/repositories/netra/files/{file.pk}/" in letter.get_content()


def test_a_regression_is_mailed_to_the_last_migrator_and_the_author(mail: Postbox, netra: World) -> None:
    change = Change.objects.filter(regression=True)[0]
    file = File.objects.get(path=change.path)
    ben = User.objects.get(username="ben")
    until = netra.at + timedelta(days=14)
    Claim.objects.create(file=file, person=ben, state="completed", until=until, ended_at=netra.at)

    commit = Commit.objects.get(pk=change.commit_id)
    settle(netra.repository, commit=commit, files=[file.pk], email=commit.author_email)
    work()

    assert mail.to() == ["ben@example.org", commit.author_email]
    assert commit.subject in mail.accepted[0].get_content()


def test_a_rejected_address_is_given_up_and_shown(mail: Postbox, netra: World) -> None:
    mail.refuse["ben@example.org"] = "550 no such person"
    (row,) = claim([File.objects.filter(violations__gt=0)[0]], User.objects.get(username="ben"))
    Claim.objects.update(created_at=row.created_at - timedelta(days=13), until=row.until - timedelta(days=13))

    remind()
    work()

    notice = Notice.objects.get()
    assert "550 no such person" in notice.error
    assert notice.detail["given_up"]


def test_an_unreachable_mail_server_does_not_fail_the_scan(
    mail: Postbox, db: None, tmp_path: Path, settings: LazySettings
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
    letters = Job.objects.get(kind="letters", state="waiting")
    assert "ConnectionRefusedError" in letters.error

    settings.EMAIL_PORT = mail.port
    work()
    assert set(mail.to()) == {"ben@example.org", "a@example.org"}
    assert Job.objects.get(pk=letters.pk).state == "done"
