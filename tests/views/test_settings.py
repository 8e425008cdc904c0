"""The settings of a repository: the webhook's address for all, its secret for staff."""

import html

import pytest
from django.test import Client

from compliance.integrations.forges import PROVIDERS
from compliance.integrations.forges.gitlab import signing_token
from compliance.models import Repository
from tests.views.cast import World

PAGE = "/repositories/netra/settings/"


def test_staff_see_the_secret_and_others_do_not(ada: Client, ben: Client, netra: World) -> None:
    secret = netra.repository.webhook_secret

    assert secret in ada.get(PAGE).content.decode()
    assert secret not in ben.get(PAGE).content.decode()


def test_only_staff_see_gitlabs_signing_token(ada: Client, ben: Client, netra: World) -> None:
    token = signing_token(netra.repository.webhook_secret)

    assert token.startswith("whsec_")
    assert token in html.unescape(ada.get(PAGE).content.decode())
    assert token not in html.unescape(ben.get(PAGE).content.decode())


@pytest.mark.parametrize("forge", PROVIDERS)
def test_the_webhooks_address_is_whole(ben: Client, netra: World, forge: str) -> None:
    assert f"http://testserver/webhooks/{forge}/netra/" in ben.get(PAGE).content.decode()


def test_a_new_secret_keeps_the_former_one(ada: Client, netra: World) -> None:
    former = netra.repository.webhook_secret

    ada.post(f"{PAGE}secret/")

    now = Repository.objects.get()
    assert now.former_webhook_secret == former
    assert now.webhook_secret not in ("", former)


def test_others_may_not_change_the_secret(ben: Client, netra: World) -> None:
    assert ben.post(f"{PAGE}secret/").status_code == 403
    assert Repository.objects.get().webhook_secret == netra.repository.webhook_secret


def test_the_page_is_not_kept_by_caches(ada: Client, netra: World) -> None:
    assert "no-store" in ada.get(PAGE).headers["Cache-Control"]


def test_the_plan_is_shown_as_it_was_given(ada: Client, netra: World) -> None:
    page = ada.get(PAGE).content.decode()

    assert netra.plan.digest in page
    assert "compliance_counts: [production]" in page
