"""What is found in one look is committed at once: otherwise, routing may run between two of the events, and
the same person gets several messages.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from compliance.events import alerts
from compliance.events.alerts import Condition
from compliance.models import Alert, NotificationEvent, Repository, Waiver
from compliance.work import claims, waivers
from tests.scans.factories import age, file, person
from tests.scans.upstream import OLD, again, push, tracked
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def repository(folder: Path) -> Repository:
    """`app/b.py` and `app/d.py` are open."""
    made = tracked(folder)
    push(folder, "Use it once more", app__d=OLD)
    again(made)
    NotificationEvent.objects.all().delete()
    return made


def transactions_of(topic: str) -> tuple[int, int]:
    """The numbers of the topic's events and of the transactions that wrote them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT xmin::text) FROM compliance_notificationevent WHERE topic = %s",
            [topic],
        )
        events, transactions = cursor.fetchone()
    return events, transactions


def test_reminders_of_claims(repository: Repository) -> None:
    for row in claims.claim([file("app/b.py"), file("app/d.py")], person("ben")):
        age(row, 13)
    assert claims.remind() == 2
    assert transactions_of("claim.expiring") == (2, 1)


def test_waivers_that_expire_soon(repository: Repository) -> None:
    ben = person("ben")
    for path in ("app/b.py", "app/d.py"):
        waive(repository, ben, "Goes", timezone.localdate() + timedelta(days=3), glob=path)
    waivers.warn()
    assert transactions_of("waiver.expiring") == (2, 1)


def test_waivers_that_have_expired(repository: Repository) -> None:
    ben = person("ben")
    for path in ("app/b.py", "app/d.py"):
        waive(repository, ben, "Goes", timezone.localdate(), glob=path)
    Waiver.objects.update(until=timezone.localdate() - timedelta(days=1))
    assert waivers.end_overdue() == 2
    assert transactions_of("waiver.expired") == (2, 1)


def test_conditions_that_begin_and_end(repository: Repository) -> None:
    topic, rows = "forecast.late", Alert.objects.all()
    late = [Condition(f"phase {key}", repository, detail={"phase": key}) for key in ("one", "two")]
    alerts.follow(topic, late, rows)
    assert transactions_of(topic) == (2, 1)

    NotificationEvent.objects.all().delete()
    alerts.follow(topic, [], rows, tells_end=lambda _: True)
    assert transactions_of(topic) == (2, 1)
