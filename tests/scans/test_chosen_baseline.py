"""A manager sets another baseline: what is measured from it follows, and every later version keeps it."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance import scans
from compliance.models import Repository
from tests.scanner.history import write_history
from tests.scans.factories import PHASED, point
from tests.scans.measured import (
    FOUR,
    baseline,
    check_a_full_refresh_changes_nothing,
    regressions,
    told,
    tracked,
)
from tests.scans.upstream import NEW, OLD, again, push, status
from tests.scans.verify import run_jobs
from tests.views.furnished import token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", [FOUR])
    return tmp_path / "r.git"


def boss() -> User:
    made, _ = User.objects.get_or_create(username="boss", is_staff=True)
    return made


def broken_twice(folder: Path) -> tuple[Repository, list[str]]:
    """A line of four commits: four violations, one fixed, broken again, another fixed; the SHAs."""
    repository = tracked(folder)
    shas = [baseline(repository)]
    for message, changes in (("Fix", {"app__b": NEW}), ("Break", {"app__b": OLD}), ("Fix", {"app__c": NEW})):
        shas.append(push(folder, message, **changes))
        again(repository)
    return Repository.objects.select_related("plan", "head").get(slug="r"), shas


@pytest.mark.parametrize(
    ("place", "regressed", "states"),
    [
        (0, [(3, "app/b.py")], ["open", "regressed", "migrated", "open"]),
        (1, [(3, "app/b.py")], ["open", "regressed", "migrated", "open"]),
        (2, [], ["open", "open", "migrated", "open"]),
        (3, [], ["open", "open", "migrated", "open"]),
    ],
)
def test_a_manager_sets_another_baseline(
    folder: Path, place: int, regressed: list[tuple[int, str]], states: list[str]
) -> None:
    repository, shas = broken_twice(folder)
    found = scans.set_baseline(repository, shas[place][:12].upper(), boss())
    assert (found.sha, baseline(repository)) == (shas[place], shas[place])
    run_jobs()
    assert regressions() == regressed
    assert [status(f"app/{name}.py") for name in "abcd"] == states
    check_a_full_refresh_changes_nothing(repository)
    repository = again(repository)
    assert baseline(repository) == shas[place], "the next scan keeps it"
    other = PHASED.replace("Give each request its own", "Renamed")
    scans.track(str(folder), slug="r", plan=other)
    run_jobs()
    assert baseline(repository) == shas[place], "so does the next version with the same phases"


@pytest.mark.parametrize(
    ("sha", "words"),
    [
        ("", "at least 7 digits"),
        ("abc123", "at least 7 digits"),
        ("0" * 40, "No commit of the tracked branch"),
        ("g" * 40, "No commit of the tracked branch"),
        ("gone", "No commit of the tracked branch"),
        ("\0" * 9, "No commit of the tracked branch"),
    ],
)
def test_a_commit_that_is_not_on_the_branch_cannot_be_the_baseline(
    folder: Path, sha: str, words: str
) -> None:
    repository, shas = broken_twice(folder)
    if sha == "gone":
        sha = shas[3]
        point(folder, shas[2])
        repository = again(repository)
    before = told(repository)
    with pytest.raises(scans.BaselineError, match=words):
        scans.set_baseline(repository, sha.replace("\0", "\ufffd"), boss())
    run_jobs()
    assert told(repository) == before


@pytest.mark.parametrize("way", ["page", "api"])
def test_the_page_and_the_api_set_it_and_the_activity_shows_it(folder: Path, way: str) -> None:
    _, shas = broken_twice(folder)
    client = Client()
    client.force_login(boss())
    if way == "page":
        answer = client.post("/repositories/r/plan/baseline/", {"commit": shas[2][:7]}, follow=True)
        assert f"The baseline is {shas[2][:10]}." in answer.content.decode()
    else:
        header = {"Authorization": f"Bearer {token_for(boss(), 'write')}"}
        answer = client.post(
            "/api/v1/repositories/r/plans/baseline",
            {"commit": shas[2][:7]},
            content_type="application/json",
            headers=header,
        )
        assert answer.json() == {"commit": shas[2]}
        shown = client.get("/api/v1/repositories/r/plans", headers=header).json()["items"][0]
        assert shown["baseline"] == shas[2]
    run_jobs()
    assert regressions() == []
    assert "which boss set" in client.get("/repositories/r/plan/").content.decode()
    page = client.get("/activity/?kind=baseline").content.decode()
    assert f"{shas[2]} for plan version 1" in page
    assert "boss" in page


def test_only_managers_set_it(folder: Path) -> None:
    _, shas = broken_twice(folder)
    client = Client()
    client.force_login(User.objects.create_user("ann"))
    assert client.post("/repositories/r/plan/baseline/", {"commit": shas[2]}).status_code == 403
    assert "plan/baseline/" not in client.get("/repositories/r/plan/").content.decode()
