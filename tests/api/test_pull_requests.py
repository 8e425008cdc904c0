"""Pull requests through the API: the list, one of them, and its findings, page by page."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from compliance.models import Claim
from tests.api.conftest import Send, give
from tests.api.factories import whole
from tests.views.cast import World
from tests.views.pull_requests import COUNTS, HEAD, PATCH, check, judged, pull_request


@pytest.fixture
def token(netra: World, person: User) -> str:
    return give(person, "read")


def test_the_list_has_the_filters_of_the_page(send: Send, netra: World, token: str) -> None:
    for number, state in ((1, "passed"), (2, "failed"), (3, "error")):
        check(pull_request(netra, number), state=state)
    pull_request(netra, 4)
    pull_request(netra, 5, state="merged", author="cy")

    def numbers(query: str) -> list[int]:
        return [row["number"] for row in whole(send, token, f"netra/pull-requests{query}", 2)]

    assert numbers("") == [4, 3, 2, 1]
    assert numbers("?state=all") == [5, 4, 3, 2, 1]
    assert numbers("?verdict=failed") == [2]
    assert numbers("?verdict=none") == [4]
    assert numbers("?state=merged&author=cy") == [5]
    assert numbers("?text=%233") == [3]
    assert send("GET", "netra/pull-requests?verdict=good", token).status == 422


def test_one_pull_request_has_every_figure(send: Send, netra: World, token: str, person: User) -> None:
    pull = judged(netra)
    check(pull, head_sha="e" * 40, state="passed", new=90)
    until = timezone.now() + timedelta(days=3)
    claim = Claim.objects.create(file=netra.files[1], person=person, until=until)

    told = send("GET", "netra/pull-requests/41", token).body
    verdict = told["pull_request"]["verdict"]

    assert {name: verdict[name] for name in COUNTS} == COUNTS
    figures = (
        "clean_before",
        "files_before",
        "percent_before",
        "clean_after",
        "files_after",
        "percent_after",
    )
    assert [verdict[name] for name in figures] == [21, 40, 52.5, 27, 41, 65.8]
    assert (verdict["head"], verdict["base"], verdict["target"]) == (HEAD, "b" * 40, "c" * 40)
    assert verdict["phases"] == [
        {"phase": "cleanup", "fixed": 10, "new": 11},
        {"phase": "golden-path", "fixed": 8, "new": 9},
    ]
    assert [head["head"] for head in told["heads"]] == ["e" * 40, HEAD]
    assert told["heads_total"] == 2
    counts = {row["kind"]: (row["total"], row["stored"]) for row in told["findings"]}
    wanted = {name: COUNTS[name] for name in ("new", "fixed", "moved", "suppressed", "restored", "together")}
    assert counts == {name: (n, n) for name, n in {**wanted, "doubt": 1, "moved out": 8}.items()}
    assert [(row["id"], row["person"]) for row in told["claims"]] == [(claim.pk, "ada")]
    assert [(row["name"], row["state"]) for row in told["checks"]] == [
        ("lint", "passed"),
        ("tests", "failed"),
    ]
    assert told["pull_request"] in send("GET", "netra/pull-requests", token).body["items"]


def test_findings_are_listed_by_kind_and_head(send: Send, netra: World, token: str) -> None:
    pull = judged(netra)
    check(pull, head_sha="e" * 40)

    def found(query: str) -> list[dict[str, Any]]:
        return whole(send, token, f"netra/pull-requests/41/findings{query}", 2)

    assert len(found("")) == sum(COUNTS.values()) - COUNTS["blocking"]
    new = found("?kind=new")
    assert [row["line"] for row in new] == [10, 20, 30]
    assert [(row["blocking"], row["locked"], row["patch"]) for row in new[:2]] == [
        (True, True, PATCH),
        (False, False, ""),
    ]
    moved = found("?kind=moved")
    assert [(row["former_path"], row["former_line"]) for row in moved] == [
        ("netra/app/old_1.py", 101),
        ("netra/app/old_2.py", 102),
    ]
    together = {(row["other"], row["cause"], row["in_other"]) for row in found("?kind=together")}
    assert together == {(42, "f" * 40, False)}
    assert len(found("?kind=moved%20out")) == COUNTS["moved_out"]
    assert found("?head=eeeeeee") == []
    assert send("GET", "netra/pull-requests/41/findings?head=abcdef1", token).status == 404
    assert send("GET", "netra/pull-requests/41/findings?kind=old", token).status == 422


def test_a_pull_request_without_a_verdict(send: Send, netra: World, token: str) -> None:
    pull_request(netra, source_url="https://git.example.org/fork.git")

    told = send("GET", "netra/pull-requests/41", token).body

    assert told["pull_request"]["verdict"] is None
    assert told["pull_request"]["fork"] is True
    assert (told["heads"], told["findings"]) == ([], [])
    assert send("GET", "netra/pull-requests/41/findings", token).body["items"] == []
    assert send("GET", "netra/pull-requests/99", token).status == 404
