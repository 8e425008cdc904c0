"""The pages between the choice of a repository's first plan and its first figures."""

from pathlib import Path

import pytest
from django.test import Client

from compliance.models import Repository
from compliance.scans import lifecycle, repository_setup
from compliance.scans.setup_errors import SetupError
from tests.scans.upstream import PLAN
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_plan_that_becomes_active_is_no_first_scan_and_is_not_called_active(
    ada: Client, permitted_folder: Path
) -> None:
    setup = repository_setup.begin(str(permitted_folder), None)
    run_jobs()
    setup.refresh_from_db()
    repository = repository_setup.add(setup, None, name="Shop")
    assert "The repository is being cloned" in ada.get("/repositories/shop/").content.decode()
    run_jobs()
    assert "No plan yet" in ada.get("/repositories/shop/").content.decode()
    draft = ada.post("/repositories/shop/plan/preview/", {"text": PLAN}).headers["Location"]
    run_jobs()
    preview = ada.get(draft).content.decode()
    assert "These are its figures at the latest commit." in preview
    assert ">Now</th>" not in preview, "nothing is counted yet"
    assert "then the 2 commits before it" in preview
    answer = ada.post(f"{draft}adopt/")
    assert answer.headers["Location"] == "/repositories/shop/", "where the trend will be"

    shown = ada.get("/repositories/shop/").content.decode()
    assert "Plan version 1 is being activated. The latest commit is evaluated first" in shown
    assert "Plan version 1 is being activated" in shown
    assert "is being cloned" not in shown
    assert "/cancel/" not in shown
    plan = ada.get("/repositories/shop/plan/").content.decode()
    assert "Version 1 is being activated: the latest commit" in plan
    assert "1 (being activated)" in plan
    with pytest.raises(SetupError, match="plan that would be lost"):
        lifecycle.cancel(Repository.objects.get(pk=repository.pk), None)

    run_jobs()
    plan = ada.get("/repositories/shop/plan/").content.decode()
    assert "1 (active)" in plan
    assert "is being activated" not in plan
    assert "is being activated" not in ada.get("/repositories/shop/").content.decode()


def test_an_address_that_was_not_added_can_be_removed_from_the_list(ada: Client, tmp_path: Path) -> None:
    answer = ada.post("/add-repository/", {"address": "https://example.invalid/team/shop.git"})
    page = answer.headers["Location"]
    assert (
        'aria-label="Remove https://example.invalid/team/shop.git"'
        in ada.get("/add-repository/").content.decode()
    )

    ada.post(f"{page}cancel/")

    assert 'aria-label="Remove' not in ada.get("/add-repository/").content.decode()
