"""How much history is read: chosen when a repository is added, said on its pages, and extended later."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts import public_links
from compliance.models import Commit, Repository, RepositorySetup
from compliance.scans import repository_setup
from compliance.scans.depth import Depth, estimated_commits, months_of, plausible_days
from compliance.scans.depth_suggestions import Span, span_of_estimate, suggested_commits, suggested_day
from compliance.scans.setup_duplicates import pending
from tests.api.conftest import give
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import by_history, copy_of
from tests.scans.upstream import NEW, OLD, PLAN
from tests.scans.verify import rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def long(tmp_path: Path, settings: Any) -> Path:
    """A permitted folder with a history of 20 commits, a day each, whose plan is in the second one."""
    texts = (Written({"app/a.py": NEW if n % 2 else OLD, f"app/n{n}.py": OLD}) for n in range(18))
    home = {"app/home.py": "def get_it():\n    return 1\n"}
    write_history(tmp_path / "git" / "r.git", [Written(home), Written({"ssot-plan.yaml": PLAN}), *texts])
    settings.REPOSITORY_FOLDERS = [str(tmp_path / "git")]
    return tmp_path / "git" / "r.git"


def text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def positions() -> list[int]:
    return sorted(commit.height for commit in Commit.objects.filter(position__isnull=False))


def test_a_part_is_chosen_said_everywhere_and_extended_on_the_pages(ada: Client, long: Path) -> None:
    page = ada.post("/add-repository/", {"address": str(long)}).headers["Location"]
    run_jobs()
    shown = text(ada, page)
    assert "20 commits; less than two minutes" in shown
    assert 'name="history" value="whole" checked' in shown
    costs = text(ada, f"{page}live/?history=commits&history_commits=7&history_since=2023-11-30")
    assert "7 commits; less than two minutes" in costs
    assert "About 5 commits;" in costs
    wrong = ada.post(f"{page}finish/", {"history": "since", "history_since": "2023-02-30", "slug": "r"})
    assert wrong.status_code == 422
    assert "“2023-02-30” is not a valid date" in wrong.content.decode()
    assert 'value="since" checked' in " ".join(wrong.content.decode().split())
    suggested = {"suggested_since": "2023-11-23", "suggested_commits": "10", "history_commits": "10"}
    first = text(ada, page)
    for name in ("suggested_since", "suggested_commits"):
        assert f'name="{name}" value="{suggested[name]}"' in first
    ignored = ada.post(f"{page}finish/", {"history": "whole", "history_since": "2023-11-30", **suggested})
    assert ignored.status_code == 422
    assert "entered the day 2023-11-30, but chose “The whole history”" in ignored.content.decode()
    assert 'value="2023-11-30"' in ignored.content.decode(), "what was entered is kept"
    assert not Repository.objects.exists()

    ada.post(f"{page}finish/", {"branch": "main", "slug": "r", "history": "commits", "history_commits": "7"})
    run_jobs()
    repository = Repository.objects.get()
    assert (repository.trouble, positions()) == ("", list(range(14, 21)))
    for address in ("", "scans/", "commits/", "phases/", "plan/", "forecast/"):
        told = text(ada, f"/repositories/r/{address}")
        assert "7 commits</a>; 13 older commits not read." in told, address
        assert 'href="/repositories/r/settings/#history-depth">Read more</a>' in told, address
    assert "in the history recorded so far" not in text(ada, "/repositories/r/phases/")
    assert "of those that were read" in text(ada, "/repositories/r/plan/")
    key = public_links.make(repository, User.objects.get()).key
    public = text(Client(), f"/shared/{key}/")
    assert "7 commits; 13 older commits not read." in public
    assert "Read more" not in public
    oldest = Commit.objects.get(position=14).sha
    assert "previous commit not read" in text(ada, "/repositories/r/commits/")
    assert oldest in text(ada, "/repositories/r/commits/")

    settings = text(ada, "/repositories/r/settings/")
    assert "About 13 commits; less than two minutes" in settings or "13 commits; less than two" in settings
    live = text(ada, "/repositories/r/settings/history/?history=commits&history_commits=12")
    assert "5 commits; less than two minutes" in live
    ignored = ada.post(
        "/repositories/r/settings/history/", {"history": "since", "history_commits": "9"}, follow=True
    )
    assert "entered the number 9, but chose “Since”" in ignored.content.decode()
    assert 'value="9"' in ignored.content.decode()
    refused = ada.post(
        "/repositories/r/settings/history/", {"history": "commits", "history_commits": "3"}, follow=True
    )
    assert "The last 7 commits are read already" in refused.content.decode()
    ada.post("/repositories/r/settings/history/", {"history": "commits", "history_commits": "12"})
    assert "Backfilling history" in text(ada, "/repositories/r/")
    run_jobs()
    assert positions() == list(range(9, 21))
    assert "8 older commits not read." in text(ada, "/repositories/r/")
    ada.post("/repositories/r/settings/history/", {"history": "whole"})
    run_jobs()
    assert "Complete history since" in text(ada, "/repositories/r/")
    assert "Read older commits" not in text(ada, "/repositories/r/settings/")
    whole = by_history(copy_of(long), "whole")
    recorded, expected = rows(Repository.objects.get(slug="r")), rows(whole)
    assert recorded["commits"] == expected["commits"]
    assert recorded["violations"] == expected["violations"]
    listed = ada.get("/api/v1/activity?kind=repository").json()["items"]
    assert [row["deed"] for row in listed].count("history extended") == 2


def test_the_api_limits_estimates_and_extends(ada: Client, long: Path) -> None:
    headers = {"Authorization": f"Bearer {give(User.objects.get())}"}

    def send(address: str, body: Any) -> Any:
        sent = ada.post(f"/api/v1/{address}", json.dumps(body), "application/json", headers=headers)
        return sent.status_code, sent.json()

    pk = send("repository-setups", {"address": str(long)})[1]["id"]
    run_jobs()
    told = ada.get(f"/api/v1/repository-setups/{pk}").json()["estimate"]
    assert (told["commits"], sum(number for _, number in told["months"])) == (20, 20)
    few = ada.get(f"/api/v1/repository-setups/{pk}/estimate?history_commits=4").json()
    assert few["commits"] == 4
    assert few["seconds"][0] <= told["seconds"][0]
    status, body = send(f"repository-setups/{pk}/add", {"history_commits": 4, "history_since": "2023-01-01"})
    assert (status, body["detail"]) == (409, "Give either a day or a number of commits, not both.")
    status, body = send(f"repository-setups/{pk}/add", {"history_commits": 0})
    assert status == 409
    assert "from 1 to" in body["detail"]
    status, body = send(f"repository-setups/{pk}/add", {"history_commits": 4, "slug": "r"})
    assert (status, body["history_commits"]) == (201, 4)
    run_jobs()
    told = ada.get("/api/v1/repositories/r/history?history_commits=9").json()
    assert (told["commits"], told["unread_commits"], told["history_done"]) == (4, 16, True)
    assert told["more"]["commits"] == 5
    assert ada.get("/api/v1/repositories/r").json()["unread_commits"] == 16
    status, body = send("repositories/r/history", {"history_since": "2023-11-20"})
    assert (status, body["history_since"]) == (200, "2023-11-20")
    run_jobs()
    assert positions() == list(range(6, 21)), "from the last commit before the day on"
    status, body = send("repositories/r/history", {"history_since": "2023-11-24"})
    assert status == 409
    assert send("repositories/r/history", {})[0] == 200
    run_jobs()
    assert ada.get("/api/v1/repositories/r/history").json()["unread_commits"] == 0


def test_estimates_add_up() -> None:
    day = 86_400
    times = [1_700_000_000 + n * day for n in range(400)][::-1]
    months = months_of([*times, 0, 2**40])
    assert sum(number for _, number in months) == 402, "commits with impossible dates are counted, too"
    assert estimated_commits(Depth(), months) == 402
    assert estimated_commits(Depth(commits=50), months) == 50
    assert estimated_commits(Depth(commits=5_000), months) == 402
    since = estimated_commits(Depth(since=date(2024, 6, 1)), months)
    exact = sum(time >= 1_717_200_000 for time in times)
    assert abs(since - exact) <= 32


def test_suggestions_fit_the_dates_of_the_repository() -> None:
    old = Span(date(2010, 3, 1), date(2015, 6, 30), 4_000)
    assert (suggested_day(old), suggested_commits(old)) == (date(2014, 6, 30), 1_000)
    short = Span(date(2015, 6, 20), date(2015, 6, 30), 20)
    assert (suggested_day(short), suggested_commits(short)) == (date(2015, 6, 25), 10)
    one = Span(date(2015, 6, 30), date(2015, 6, 30), 1)
    assert (suggested_day(one), suggested_commits(one)) == (date(2015, 6, 30), 1)
    assert suggested_commits(Span(commits=5_000, read=7_000)) == 8_000, "more than is read already"
    before = {"months": [("2016-02", 3), ("2015-12", 1)], "since": "2015-12-04", "commits": 4}
    assert span_of_estimate(before) == Span(date(2015, 12, 4), date(2016, 2, 29), 4)
    assert plausible_days([0, 2**40]) == (None, None)


def test_an_address_that_was_added_later_is_no_longer_listed_as_failed(ada: Client, served: Any) -> None:
    served.password = "first"
    url = f"https://localhost:{served.port}/r.git"
    ada.post("/add-repository/", {"address": url})
    ada.post("/add-repository/", {"address": "https://localhost:1/other.git"})
    run_jobs()
    page = text(ada, "/add-repository/")
    assert page.count("could not be read") == 2
    again = repository_setup.begin(url.removesuffix(".git"), None, user="ada", token="first")
    run_jobs()
    again.refresh_from_db()
    repository_setup.add(again, None)
    page = text(ada, "/add-repository/")
    assert page.count("could not be read") == 1
    assert "other.git" in page
    ada.post("/add-repository/", {"address": f"{url}x"})
    run_jobs()
    ada.post("/add-repository/", {"address": url, "instead": str(RepositorySetup.objects.latest("pk").pk)})
    assert f"{url}x" not in text(ada, "/add-repository/"), "another address was entered in its place"


def test_an_ssh_address_takes_the_place_of_the_same_repository_over_https(db: None) -> None:
    failed = RepositorySetup.objects.create(url="https://Forge.example.org/team/shop", state="failed")
    other = RepositorySetup.objects.create(url="https://forge.example.org/team/other", state="failed")
    Repository.objects.create(slug="r", name="R", url="git@forge.example.org:team/shop.git")
    assert pending(10) == [other]
    later = RepositorySetup.objects.create(url=failed.url, state="failed")
    assert pending(10) == [later, other], "tried again afterwards"
