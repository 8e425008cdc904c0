"""Conditions are reported once until they are over, however many processes look at them."""

from datetime import timedelta

import pytest

from compliance.events import alerts
from compliance.events.alerts import Condition, follow, short_subject
from compliance.models import Alert, NotificationEvent, Repository
from tests.notifications.news import age_alerts, at_once, emitted

pytestmark = pytest.mark.django_db(transaction=True)

TOPIC = "repository.trouble"


@pytest.fixture
def shop() -> Repository:
    return Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git")


def look(*conditions: Condition, **more: object) -> None:
    follow(TOPIC, conditions, Alert.objects.all(), **more)  # type: ignore[arg-type]


def test_a_condition_is_reported_once_it_has_lasted(shop: Repository) -> None:
    held = Condition("disk", shop, timedelta(hours=1), detail={"title": "Full"})
    look(held)
    look(held)
    assert not emitted(TOPIC)

    age_alerts(minutes=61)
    look(held)
    look(held)
    (event,) = emitted(TOPIC)
    assert event.repository == shop
    assert event.detail["title"] == "Full"
    assert event.detail["since"] == Alert.objects.get().began_at.isoformat()


def test_a_condition_of_another_kind_is_told_once(shop: Repository) -> None:
    kinds = ("unreachable", "refused", "refused", "unreachable", "refused", "unreachable")
    for kind in kinds:
        look(Condition("disk", shop, kind=kind, detail={"title": kind}))
    assert [event.detail["title"] for event in emitted(TOPIC)] == ["unreachable", "refused", "unreachable"]
    at_once(lambda: look(Condition("disk", shop, kind="gone", detail={"title": "gone"})))
    assert [event.detail["title"] for event in emitted(TOPIC)][3:] == ["gone"]
    look(tells_end=lambda _: True)
    assert emitted(TOPIC)[-1].detail["over"] is True
    assert not Alert.objects.exists()


def test_a_condition_that_was_over_is_reported_again(shop: Repository) -> None:
    held = Condition("disk", shop, detail={"title": "Full"})
    look(held)
    look(tells_end=lambda _: True)
    look(held)
    assert [event.detail.get("over", False) for event in emitted(TOPIC)] == [False, True, False]


def test_the_end_of_what_was_not_reported_is_not_told(shop: Repository) -> None:
    look(Condition("disk", shop, timedelta(hours=1), detail={"title": "Full"}))
    look(tells_end=lambda _: True)
    look(Condition("disk", shop, is_known=True, detail={"title": "Full"}))
    look(tells_end=lambda _: True)
    assert not Alert.objects.exists()
    assert not NotificationEvent.objects.exists()


def test_what_cannot_be_decided_stays(shop: Repository) -> None:
    held = Condition("disk", shop)
    look(held)
    look(undecided={held.key})
    look(held)
    assert len(emitted(TOPIC)) == 1


def test_only_the_alerts_that_were_looked_at_end(shop: Repository) -> None:
    other = Repository.objects.create(slug="other", name="Other", url="/srv/other.git")
    look(Condition("disk", shop), Condition("disk", other), Condition("disk"))
    follow(TOPIC, [], Alert.objects.filter(repository=shop))
    assert set(Alert.objects.values_list("repository", flat=True)) == {other.pk, None}
    follow("another", [], Alert.objects.all())
    assert Alert.objects.count() == 2


@pytest.mark.parametrize("over", [False, True])
def test_processes_that_look_at_the_same_time_report_once(shop: Repository, over: bool) -> None:
    held = Condition("disk", shop, detail={"title": "Full"})
    if over:
        look(held)
        at_once(lambda: look(tells_end=lambda _: True))
        assert [event.detail.get("over", False) for event in emitted(TOPIC)] == [False, True]
    else:
        at_once(lambda: look(held))
        assert len(emitted(TOPIC)) == 1
        assert Alert.objects.count() == 1


def test_an_alert_that_ended_meanwhile_does_not_fire(shop: Repository) -> None:
    held = Condition("disk", shop, timedelta(hours=1))
    look(held)
    alert = Alert.objects.get()
    look()
    assert not alerts.fire(alert, held)
    assert not NotificationEvent.objects.exists()


def test_long_and_hostile_subjects_stay_apart(shop: Repository) -> None:
    long = ["x" * 3000 + end for end in ("a", "b", "\u202e", "\n")]
    look(*(Condition(subject, shop, detail={"title": subject}) for subject in long))
    look(*(Condition(subject, shop, detail={"title": subject}) for subject in long))
    assert len(emitted(TOPIC)) == len(set(map(short_subject, long))) == 4
