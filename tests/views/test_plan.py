"""The plan page: an edit is looked at before it rules, mistakes are named, versions compared and restored."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from compliance import scans
from compliance.models import Marker, PlanDraft, PlanVersion, Repository
from tests.scanner.history import write_history
from tests.scans.factories import HISTORY, OTHER
from tests.scans.upstream import NEW, PLAN, again, push, tracked
from tests.scans.verify import run_jobs
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAGE = "/repositories/r/plan/"


def test_an_edit_is_looked_at_put_in_force_compared_and_taken_back(
    tmp_path: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    write_history(tmp_path / "r.git", HISTORY)
    scans.track(str(tmp_path / "r.git"), slug="r", plan=PLAN)
    run_jobs()
    ada, ben = Client(), Client()
    ada.force_login(User.objects.create_user("ada", is_staff=True))
    ben.force_login(User.objects.create_user("ben"))
    assert ben.post(f"{PAGE}preview/", {"text": OTHER}).status_code == 403
    told = ada.get(PAGE).content.decode()
    assert all(kind.kind in told and kind.summary() in told for kind in scans.kinds())
    wrong = ada.post(f"{PAGE}preview/", {"text": PLAN.replace("kind:", "kinds:")})
    assert wrong.status_code == 422
    assert "kinds" in wrong.content.decode()
    drafts = [ada.post(f"{PAGE}preview/", {"text": OTHER}).headers["Location"] for _ in range(2)]
    assert "Evaluating the latest commit" in ada.get(drafts[0]).content.decode()
    run_jobs()
    made = PlanDraft.objects.earliest("pk")
    figures = Repository.objects.get(slug="r").plan
    assert made.outcome is not None
    assert figures is not None
    assert made.outcome["before"]["violations"] == figures.snapshots.latest("commit__position").violations
    page = ada.get(drafts[0]).content.decode()
    assert "Activate plan" in page
    assert "rule shared changed" in page
    assert ada.get(f"{drafts[0]}files/").status_code == 200
    told = b"".join(ada.get(f"{drafts[0]}files.csv")).decode()
    assert len(told.splitlines()) == len(made.files) + 1
    assert ada.post(f"{drafts[0]}adopt/").status_code == 302
    ada.post(f"{drafts[1]}adopt/")
    assert "has changed since this draft" in ada.get(drafts[1]).content.decode()
    run_jobs()
    repository = Repository.objects.select_related("plan").get(slug="r")
    assert repository.plan is not None
    assert repository.plan.number == 2
    newest = repository.plan.snapshots.latest("commit__position")
    assert made.outcome["after"]["violations"] == newest.violations
    assert Marker.objects.get(kind=Marker.Kind.PLAN).person == User.objects.get(username="ada")
    compared = ada.get(f"{PAGE}compare/?from=1&to=2").content.decode()
    assert 'class="diff-added">+' in compared
    assert 'class="diff-removed">-' in compared
    versions = b"".join(ada.get(f"{PAGE}versions.csv")).decode().splitlines()
    assert [line.split(",")[:2] for line in versions[1:]] == [["2", "yes"], ["1", "no"]]
    for page in (PAGE, f"{PAGE}compare/?from=1&to=2", drafts[0], f"{drafts[0]}live/", f"{drafts[0]}files/"):
        with django_assert_max_num_queries(15):
            assert ada.get(page).status_code == 200
    ada.post(f"{PAGE}versions/1/restore/", {"base": "1"})
    assert Repository.objects.get(slug="r").chosen_plan == repository.plan
    ada.post(f"{PAGE}versions/1/restore/", {"base": "2"})
    run_jobs()
    assert Repository.objects.get(slug="r").plan == PlanVersion.objects.get(number=1)


def test_a_version_that_can_no_longer_be_read_is_still_compared_by_its_lines() -> None:
    repository = Repository.objects.create(slug="r", url="r")
    for number, text in ((1, "version: 0\nold: words\n"), (2, PLAN)):
        PlanVersion.objects.create(
            repository=repository,
            number=number,
            text=text,
            digest=f"{number:064}",
            name="p",
            target_percent=95,
        )
    ada = Client()
    ada.force_login(User.objects.create_user("ada"))
    answer = ada.get(f"{PAGE}compare/?from=1&to=2")
    assert answer.status_code == 200
    assert "is no longer a valid plan" in answer.content.decode()
    assert 'class="diff-removed">- old: words' in answer.content.decode()
    assert "Version 1 to version 1" in ada.get(f"{PAGE}compare/").content.decode()  # none has been activated
    Repository.objects.update(plan=PlanVersion.objects.get(number=2))
    assert "Version 1 to version 2" in ada.get(f"{PAGE}compare/").content.decode()


def test_a_preview_says_what_the_overview_says_of_waived_violations(tmp_path: Path) -> None:
    write_history(tmp_path / "r.git", HISTORY)
    scans.track(str(tmp_path / "r.git"), slug="r", plan=PLAN)
    run_jobs()
    repository = Repository.objects.select_related("plan").get(slug="r")
    assert repository.plan is not None
    ada = User.objects.create_user("ada", is_staff=True)
    violation = repository.plan.violations.filter(last=None, counted=True).order_by("pk")[0]
    waive(repository, ada, "It goes with its module", None, glob=violation.file.path)
    client = Client()
    client.force_login(ada)
    draft = client.post(f"{PAGE}preview/", {"text": OTHER}).headers["Location"]
    run_jobs()
    made = PlanDraft.objects.get()
    assert made.outcome is not None
    now = repository.plan.snapshots.get(commit=repository.head)
    assert now.waived
    for name in ("violations", "files_with_violations", "clean", "files"):
        assert made.outcome["before"][name] == getattr(now, name), name
    of = {(row["dimension"], row["key"]): row["before"] for row in made.outcome["by"]}
    for dimension, parts in now.by.items():
        for key, numbers in parts.items():
            assert of[dimension, key] == numbers, (dimension, key)
    before = made.outcome["before"]
    assert (before["waived"], before["clean_with_waivers"]) == (now.waived_violations, now.clean_with_waivers)
    assert f"include waived ones: {before['waived']} now, " in client.get(draft).content.decode()
    client.post(f"{draft}adopt/")
    run_jobs()
    repository = Repository.objects.select_related("plan").get(slug="r")
    assert repository.plan is not None
    then = repository.plan.snapshots.get(commit=repository.head)
    for name in ("violations", "files_with_violations", "clean", "files"):
        assert made.outcome["after"][name] == getattr(then, name), name


def test_a_preview_lists_the_files_and_says_that_newer_commits_have_arrived(tmp_path: Path) -> None:
    folder = tmp_path / "r.git"
    write_history(folder, HISTORY)
    repository = tracked(folder)
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True))
    text = PLAN.replace("categories:", 'scope: {exclude: ["app/a.py"]}\ncategories:')
    draft = client.post(f"{PAGE}preview/", {"text": text}).headers["Location"]
    run_jobs()

    rows = b"".join(client.get(f"{draft}files.csv")).decode().splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [["leaves", "app/a.py"]]
    assert "Newer commits have arrived" not in client.get(draft).content.decode()
    push(folder, "Newer", app__c=NEW)
    again(repository)
    assert "Newer commits have arrived" in client.get(draft).content.decode()
