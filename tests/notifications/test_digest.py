"""The weekly digest over a real mail server: what it says, to whom, and once a week whatever happens."""

import re
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from compliance import jobs, notifications, tasks
from compliance.integrations import delivery
from compliance.integrations.delivery.items import ATTEMPTS
from compliance.lib.figures import percent
from compliance.models import Commit, Job, OutboxItem, Phase, Repository, Snapshot, Subscription
from tests.notifications.conftest import WEDNESDAY, Postbox, work
from tests.processes import Start, kill, wait
from tests.views.cast import World

pytestmark = pytest.mark.slow


def send_this_week() -> None:
    notifications.due(WEDNESDAY)
    work()


def parts(mail: Postbox) -> tuple[str, str]:
    """Text and HTML of the first mail, with their line breaks evened out."""
    message = mail.accepted[0]
    texts = [message.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (re.sub(r"\s+", " ", part.get_content()) for part in texts if part)
    return text, html


def test_each_reader_with_an_address_gets_one_mail(mail: Postbox, netra: World) -> None:
    send_this_week()

    assert mail.to() == ["ada@example.org", "ben@example.org"]
    assert not OutboxItem.objects.exclude(state="sent").exists()
    assert set(Job.objects.values_list("kind", "state")) == {("digest", "done"), ("deliver", "done")}


def test_the_digest_has_status_movement_regressions_and_late_phases(mail: Postbox, netra: World) -> None:
    now = Snapshot.objects.get(commit=netra.head)
    week = Snapshot.objects.filter(
        commit__committed_at__gt=timezone.now() - timedelta(days=7), commit__position__gt=1
    )
    fixed, new = sum(s.fixed for s in week), sum(s.new for s in week)
    left, files = now.by["phase"]["golden-path"]
    assert left != files
    send_this_week()

    text, html = parts(mail)
    for said in (text, html):
        assert f"{percent(now.clean, now.files):.1f}%" in said
        assert f"{now.clean} of {now.files} files" in said
        assert "points since last week" in said
        assert f"{len(week)} commits: {fixed} violations fixed, {new} new." in said
        assert "Bring the cache back" in said
        assert "by Cy" in said
        assert f"https://compliance.example.org/repositories/netra/commits/{netra.head.sha}/" in said
        assert "Phase 1: Golden Path (#1274)" in said
        assert "by 9 days" in said
        assert f"; {left} violations left in {files} files" in said
        assert "Phase 3" not in said
    assert "<" not in text.replace("<wbr>", "")


def test_text_from_commits_and_plans_is_escaped(mail: Postbox, netra: World) -> None:
    Commit.objects.filter(pk=netra.head.pk).update(subject="<script>alert(1)</script> & more")
    Repository.objects.update(name="Netra\r\nBcc: eve@example.org\r\n\r\n<b>")
    Phase.objects.update(title="<img src=x>")
    send_this_week()

    text, html = parts(mail)
    assert "<script>alert(1)</script> & more" in text
    assert "<script" not in html
    assert "<img" not in html
    assert mail.accepted[0]["Bcc"] is None
    assert mail.to() == ["ada@example.org", "ben@example.org"]


def test_a_second_scheduler_and_worker_send_nothing_twice(mail: Postbox, netra: World) -> None:
    for _ in range(2):
        notifications.due(WEDNESDAY)
        notifications.due(WEDNESDAY)
        work()
        jobs.enqueue("digest", netra.repository, key="2030-W20")
        work()
    assert len(mail.accepted) == 2

    notifications.due(WEDNESDAY + timedelta(days=7))
    work()
    assert len(mail.accepted) == 4


def test_it_is_due_on_monday_for_those_subscribed_before(mail: Postbox, netra: World) -> None:
    notifications.due(datetime(2030, 5, 13, 6, 59, tzinfo=UTC))
    assert not Job.objects.exists()
    Subscription.objects.filter(person__username="ada").update(
        created_at=datetime(2030, 5, 13, 8, tzinfo=UTC)
    )
    notifications.due(datetime(2030, 5, 13, 7, tzinfo=UTC))
    assert Job.objects.get().key == "2030-W20"

    Subscription.objects.exclude(person__username="ada").delete()
    Job.objects.all().delete()
    notifications.due(WEDNESDAY)
    assert not Job.objects.exists()


def test_without_a_mail_server_no_job_is_created(settings: object, mail: Postbox, netra: World) -> None:
    settings.EMAIL_READY = False  # type: ignore[attr-defined]
    notifications.due(WEDNESDAY)
    assert not Job.objects.exists()


def test_a_failed_mail_is_retried_and_the_others_are_sent(mail: Postbox, netra: World) -> None:
    mail.refuse["ada@example.org"] = "451 4.3.0 come back later"
    send_this_week()

    assert mail.to() == ["ben@example.org"]
    item = OutboxItem.objects.get(sent_at=None)
    assert (item.state, item.attempts) == ("waiting", 1)
    assert "come back later" in item.outcome

    mail.refuse.clear()
    work()
    assert mail.to() == ["ada@example.org", "ben@example.org"]
    assert not OutboxItem.objects.exclude(outcome="The mail server accepted it.").exists()
    item.refresh_from_db()
    assert [entry["attempt"] for entry in item.log] == [1, 2]
    assert "come back later" in item.log[0]["outcome"]


def test_an_unreachable_server_fails_the_items_until_they_are_sent_again(
    mail: Postbox, netra: World, settings: object
) -> None:
    settings.EMAIL_PORT = 1  # type: ignore[attr-defined]
    notifications.due(WEDNESDAY)
    for _ in range(2 * ATTEMPTS):  # while the host is unreachable, other items for it are put off
        work()
    for item in OutboxItem.objects.all():
        assert (item.state, item.attempts) == ("failed", ATTEMPTS)
        assert "ConnectionRefusedError" in item.outcome

    settings.EMAIL_PORT = mail.port  # type: ignore[attr-defined]
    send_this_week()
    assert mail.accepted == []
    for item in OutboxItem.objects.all():
        assert delivery.send_again(item, None)
    work()
    assert len(mail.accepted) == 2


def test_a_nonexistent_address_is_given_up_and_shown(mail: Postbox, netra: World) -> None:
    mail.refuse["ada@example.org"] = "550 5.1.1 no such user"
    send_this_week()
    send_this_week()

    assert mail.to() == ["ben@example.org"]
    assert Job.objects.filter(kind="digest", state="done").count() == 1
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    page = client.get("/repositories/netra/share/").content.decode()
    assert ">failed<" in re.sub(r"\s+", "", page)
    assert "no such user" in page


def test_the_headers_let_a_mail_program_unsubscribe_without_signing_in(mail: Postbox, netra: World) -> None:
    send_this_week()
    message = next(message for message in mail.accepted if message["To"] == "ada@example.org")
    other = next(message for message in mail.accepted if message["To"] == "ben@example.org")

    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] != other["Message-ID"]
    address = str(message["List-Unsubscribe"]).strip("<> \r\n")
    path = urlsplit(address).path
    stranger = Client(enforce_csrf_checks=True)
    page = stranger.get(path).content.decode()
    assert "weekly digest" in page
    assert "Netra agents" in page
    assert Subscription.objects.count() == 3, "looking is not leaving"
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert sorted(Subscription.objects.values_list("person__username", flat=True)) == ["ben", "cy"]
    assert stranger.post(path).status_code == 200, "leaving twice is no error"
    assert stranger.post(path.replace(":", ":x")).status_code == 404


def test_unsubscribed_and_inactive_people_get_nothing(mail: Postbox, netra: World) -> None:
    notifications.due(WEDNESDAY)
    Subscription.objects.filter(person__username="ada").delete()
    User.objects.filter(username="ben").update(is_active=False)
    work()
    assert mail.to() == []


def test_a_mail_locked_by_another_worker_is_not_sent(mail: Postbox, netra: World) -> None:
    mail.hang = 1.5
    notifications.due(WEDNESDAY)

    def send() -> None:
        jobs.work(tasks.KINDS, "first")
        connection.close()

    first = threading.Thread(target=send)
    first.start()
    wait(lambda: mail.began == 2)
    for _ in range(3):
        jobs.enqueue("digest", netra.repository, key="2030-W20")
        jobs.enqueue("deliver")
        jobs.work(tasks.KINDS, "second")
    first.join()

    assert mail.to() == ["ada@example.org", "ben@example.org"]
    assert set(OutboxItem.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.slow
def test_a_mail_of_a_killed_worker_is_sent_once(
    process_environment: dict[str, str], postbox: Postbox, netra: World, start: Start
) -> None:
    postbox.hang = 60
    Subscription.objects.exclude(person__username="ada").delete()
    jobs.enqueue("digest", netra.repository, key="2030-W20")
    environment = {
        **process_environment,
        "EMAIL_URL": f"smtp://127.0.0.1:{postbox.port}",
        "PUBLIC_URL": "https://compliance.example.org",
    }
    first = start(environment)
    start(environment, "beat")
    wait(lambda: postbox.began == 1, 40)
    kill(first)
    assert not postbox.accepted
    postbox.hang = 0
    start(environment)
    wait(lambda: OutboxItem.objects.filter(sent_at__isnull=False).exists(), 80)
    wait(lambda: not Job.objects.exclude(state="done").exists())

    assert postbox.to() == ["ada@example.org"]
    (item,) = OutboxItem.objects.all()
    assert item.attempts == 2
    assert "stopped while it was sending this" in item.log[0]["outcome"]
    assert postbox.accepted[0]["From"] == "SSOT compliance <compliance@localhost>"
