"""The links in e-mails that stop them, which work without signing in."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.events import emit
from compliance.models import InboxEntry, NotificationSettings, TopicPreference
from compliance.notifications.digests import digests_due
from tests.notifications.conftest import Postbox, work
from tests.notifications.news import break_it, prefer
from tests.views.cast import World

pytestmark = pytest.mark.slow


@pytest.fixture
def ben(netra: World) -> User:
    return User.objects.get(username="ben")


def test_a_link_to_stop_e_mails_does_not_turn_a_topic_on(mail: Postbox, netra: World, ben: User) -> None:
    break_it(netra, ben)
    work()
    page = (
        str(mail.accepted[0]["List-Unsubscribe"]).strip(" <>").removeprefix("https://compliance.example.org")
    )
    shown = Client().get(page).content.decode()
    assert "They are sent to ben." in shown
    assert "/account/notifications/" in shown
    TopicPreference.objects.create(person=ben, topic="regression", way="off")
    for send in (Client().get, Client().post):
        assert "ben will no longer receive e-mails about “Regression”" in send(page).content.decode()
    assert [row.way for row in TopicPreference.objects.all()] == ["off"]


def test_one_click_stops_a_topic_in_a_repository(mail: Postbox, netra: World, ben: User) -> None:
    break_it(netra, ben)
    work()
    link = str(mail.accepted[0]["List-Unsubscribe"]).strip(" <>")
    page = link.removeprefix("https://compliance.example.org")
    shown = Client().get(page)
    assert "Stop e-mails about “Regression” in Netra agents?" in shown.content.decode()
    assert not TopicPreference.objects.exists(), "a mail scanner that follows links stops nothing"

    outside = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert outside.post(page, {"List-Unsubscribe": "One-Click"}).status_code == 200
    break_it(netra, ben, 2)
    work()
    assert len(mail.accepted) == 1
    assert InboxEntry.objects.filter(person=ben).count() == 2
    assert Client().get(page[:-2] + "x/").status_code == 404


def test_somebody_without_an_account_can_unsubscribe(mail: Postbox, netra: World) -> None:
    for number in (1, 2):
        emit("regression", str(number), repository=netra.repository, email="Out@Example.org")
        work()
        if number == 1:
            link = str(mail.accepted[0]["List-Unsubscribe"]).strip(" <>")
            Client().post(link.removeprefix("https://compliance.example.org"))
    assert mail.to() == ["out@example.org"]


def test_the_link_in_a_digest_stops_all_e_mails(mail: Postbox, netra: World, ben: User) -> None:
    prefer(ben, "daily")
    break_it(netra, ben)
    work()
    digests_due(timezone.now() + timedelta(days=2))
    work()
    link = str(mail.accepted[0]["List-Unsubscribe"]).strip(" <>")
    Client().post(link.removeprefix("https://compliance.example.org"))
    assert NotificationSettings.objects.get().is_mailed is False
    emit("waiver.decided", "1", repository=netra.repository, person=ben, detail={"path": "a", "state": "x"})
    work()
    assert len(mail.accepted) == 1
