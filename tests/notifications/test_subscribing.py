"""Asking for the digest and leaving it again, on the page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance import jobs, tasks
from compliance.accounts.roles import Role, give
from compliance.models import Job, OutboxItem, Subscription
from tests.notifications.conftest import Postbox
from tests.views.cast import World

PAGE = "/repositories/netra/share/"


@pytest.fixture
def dee(netra: World) -> Client:
    """A viewer with an address."""
    client = Client()
    client.force_login(User.objects.create_user("dee", email="dee@example.org"))
    return client


def test_every_reader_can_subscribe_and_unsubscribe(dee: Client, mail: Postbox) -> None:
    mine = Subscription.objects.filter(person__username="dee")
    assert ">Subscribe</button>" in dee.get(PAGE).content.decode()
    for _ in range(2):
        dee.post(f"{PAGE}digest/", {"want": "yes"})
    assert mine.count() == 1
    page = dee.get(PAGE).content.decode()
    assert ">Unsubscribe</button>" in page
    assert "4 subscribers" in page

    dee.post(f"{PAGE}digest/", {"want": "no"})
    assert not mine.exists()


def test_the_page_says_if_an_address_or_a_mail_server_is_missing(netra: World) -> None:
    client = Client()
    client.force_login(User.objects.get(username="cy"))
    page = client.get(PAGE).content.decode()
    assert "EMAIL_URL" in page
    assert "has no e-mail address" in page
    Subscription.objects.filter(person__username="cy").delete()
    client.post(f"{PAGE}digest/", {"want": "yes"})
    assert not Subscription.objects.filter(person__username="cy").exists()


def test_a_test_digest_goes_only_to_the_requester(dee: Client, mail: Postbox) -> None:
    dee.post(f"{PAGE}digest/test/")
    assert not Job.objects.exists()
    dee.post(f"{PAGE}digest/", {"want": "yes"})
    for number in (1, 2):
        dee.post(f"{PAGE}digest/test/")
        jobs.work(tasks.KINDS, "test")
        assert mail.to() == ["dee@example.org"] * number


def test_only_managers_see_digests_of_others(dee: Client, mail: Postbox, netra: World) -> None:
    jobs.enqueue("digest", netra.repository, key="2030-W20")
    jobs.work(tasks.KINDS, "test")
    assert OutboxItem.objects.count() == 2
    assert "2030-W20" not in dee.get(PAGE).content.decode()
    assert dee.get(f"{PAGE}digests.csv").status_code == 403

    give(User.objects.get(username="dee"), Role.MANAGER)
    assert dee.get(PAGE).content.decode().count("2030-W20") == 2
