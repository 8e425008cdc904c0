"""What the digest counts, and that a sent message stays sent."""

from datetime import UTC, datetime

import pytest
from django.db.models.functions import Now

from compliance import jobs, notifications
from compliance.models import Commit, Job, OutboxItem, Snapshot, Subscription
from compliance.notifications.digest_content import content
from tests.notifications.conftest import WEDNESDAY, Postbox, work
from tests.views.cast import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_each_figure_of_the_week_is_its_own(netra: World) -> None:
    Snapshot.objects.update(fixed=0, new=0, newly_suppressed=0, restored=0)
    for position, scale in ((netra.position, 1), (netra.position - 1, 100)):
        Snapshot.objects.filter(commit__position=position).update(
            fixed=5 * scale, new=2 * scale, newly_suppressed=3 * scale, restored=4 * scale
        )

    told = content(netra.repository)

    assert (told.fixed, told.new, told.suppressed, told.restored) == (505, 202, 303, 404)
    assert told.moved == (
        f"{told.commits} commits: 505 violations fixed, 202 new, 303 suppressed by comments, "
        "404 counting again."
    )


def test_the_first_commit_of_a_repository_is_no_change(netra: World) -> None:
    Commit.objects.filter(position__gt=3).delete()
    Commit.objects.update(committed_at=Now())
    Snapshot.objects.update(fixed=0, new=0)
    Snapshot.objects.filter(commit__position=1).update(new=40)
    Snapshot.objects.filter(commit__position=2).update(new=1)

    told = content(netra.repository)

    assert (told.commits, told.new) == (2, 1)


def test_a_message_that_was_sent_is_not_sent_again(netra: World, mail: Postbox) -> None:
    notifications.due(WEDNESDAY)
    work()
    assert len(mail.accepted) == 2
    OutboxItem.objects.update(next_at=Now())
    for _ in range(2):
        jobs.enqueue("deliver")
        work()
    assert len(mail.accepted) == 2
    OutboxItem.objects.update(sent_at=None, state="waiting")
    work()
    assert len(mail.accepted) == 4
    assert not OutboxItem.objects.filter(sent_at=None).exists()


def test_who_subscribed_until_the_hour_gets_the_digest_of_the_week(mail: Postbox, netra: World) -> None:
    hour = datetime(2030, 5, 13, 7, tzinfo=UTC)
    Subscription.objects.exclude(person__username="ada").delete()
    Subscription.objects.update(created_at=hour)
    notifications.due(hour)
    assert Job.objects.count() == 1
