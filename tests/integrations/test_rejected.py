"""Rejected webhooks are counted for each repository and reason, and the newest are listed with theirs."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import Delivery, RejectedDelivery, RejectedWebhook, Repository
from tests.integrations.sender import send

pytestmark = pytest.mark.django_db

SECRET = "sha256=" + "5ec2e7" * 10 + "beef"


def rejected(address: str) -> None:
    headers = {"X-Hub-Signature-256": SECRET, "X-GitHub-Event": "push", "X-GitHub-Delivery": "72d3"}
    answer = Client().post(f"/webhooks/{address}/", b'{"a": 1}', "application/json", headers=headers)
    assert answer.status_code == 401


def counts() -> dict[tuple[str, str], int]:
    rows = RejectedWebhook.objects.select_related("repository")
    return {(row.repository.slug if row.repository else "", row.reason): row.count for row in rows}


def test_a_flood_of_rejected_webhooks_is_one_row_for_each_reason() -> None:
    for slug in ("platform", "other"):
        Repository.objects.create(slug=slug, name=slug, url=f"/srv/{slug}.git", branch="main")
    for _ in range(5):
        rejected("github/platform")
    for number in range(4):
        rejected(f"forge-{number}/platform")
    rejected("github/other")
    for number in range(3):
        rejected(f"github/nowhere-{number}")

    assert counts() == {
        ("platform", "signature"): 5,
        ("platform", "provider"): 4,
        ("other", "signature"): 1,
        ("", "signature"): 3,
    }
    assert not Delivery.objects.exists()


def test_the_scans_page_counts_them_and_says_how_to_fix_them() -> None:
    Repository.objects.create(slug="platform", name="Platform", url="/srv/platform.git", branch="main")
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True))
    page = client.get("/repositories/platform/scans/").content.decode()
    assert "rejected</strong>" not in page

    rejected("github/platform")
    rejected("github/platform")
    page = client.get("/repositories/platform/scans/").content.decode()

    assert "<strong>2 rejected</strong>" in page
    assert "The signature is missing or wrong. Copy the secret from Settings" in page
    assert "unknown provider" not in page
    assert SECRET not in page


def test_the_newest_rejected_webhooks_are_listed_beside_the_others() -> None:
    repository = Repository.objects.create(slug="platform", name="P", url="/srv/p.git", branch="main")
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True))
    seen = client.get("/repositories/platform/scans/live/").headers["X-Page-State"]
    assert client.get(f"/repositories/platform/scans/live/?seen={seen}").status_code == 204
    rejected("github/platform")
    assert send(repository, "push__one_commit", body=b'{"ref": "refs/heads/main"}').status_code == 400
    assert send(repository, "push__one_commit").status_code == 202

    changed = client.get(f"/repositories/platform/scans/live/?seen={seen}")
    page = " ".join(changed.content.decode().split())
    assert page.count("<strong>rejected</strong>") == 2
    assert "401: The signature is missing or wrong." in page
    assert "400: Invalid push payload: &#x27;after&#x27; is missing." in page
    assert page.index("<strong>push</strong>") < page.index("400: Invalid") < page.index("401: The signature")
    assert "/webhooks/github/platform/" in page


def test_a_flood_keeps_the_newest_hundred_of_each_repository() -> None:
    repository = Repository.objects.create(slug="platform", name="P", url="/srv/p.git", branch="main")
    RejectedDelivery.objects.bulk_create(
        RejectedDelivery(repository=owner, provider="github", address=str(number), status=401, reason="x")
        for number in range(100)
        for owner in (repository, None)
    )
    rejected("github/platform")
    assert RejectedDelivery.objects.filter(repository=repository).count() == 100
    assert not RejectedDelivery.objects.filter(repository=repository, address="0").exists()
    assert RejectedDelivery.objects.filter(repository=None).count() == 100
    rejected(f"github/{'nowhere' * 60}")
    assert RejectedDelivery.objects.filter(repository=None).count() == 100
    newest = RejectedDelivery.objects.filter(repository=None)[0]
    assert (
        len(newest.address),
        newest.reason.startswith("There is no repository with the slug nowhere"),
    ) == (
        300,
        True,
    )


def test_the_query_of_an_address_is_not_stored() -> None:
    Repository.objects.create(slug="platform", name="P", url="/srv/p.git", branch="main")
    Client().post("/webhooks/github/platform/?secret=hidden", b"{}", "application/json")
    assert RejectedDelivery.objects.get().address == "/webhooks/github/platform/"
