"""Rejected webhooks are counted for each repository and reason, and shown on its scans page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import Delivery, RejectedWebhook, Repository

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
