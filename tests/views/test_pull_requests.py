"""The list of pull requests, the page of one, and where other pages mention them."""

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from compliance.accounts import public_links
from compliance.models import (
    Attachment,
    CheckFinding,
    CheckResult,
    Claim,
    Connection,
    PullRequestCheck,
    Waiver,
)
from compliance.queries.pull_request_heads import MOST_HEADS
from compliance.views.pull_requests import MOST_SHOWN
from tests.views.cast import World
from tests.views.conftest import Counted
from tests.views.factories import page_text
from tests.views.furnished import somebody
from tests.views.pull_requests import COUNTS, HEAD, check, finding, judged, pull_request

LIST = "/repositories/netra/pull-requests/"
PAGE = f"{LIST}41/"


def numbers(client: Client, query: str = "") -> list[int]:
    """The pull requests on the list, in its order."""
    body = client.get(f"{LIST}{query}").content.decode()
    return [int(found) for found in re.findall(r'pull-requests/(\d+)/"', body)]


def sheet(client: Client, address: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    parts = client.get(address).streaming_content  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(b"".join(parts).decode())))


def section(client: Client, name: str, address: str = PAGE) -> str:
    """The words of one card of the page."""
    body = client.get(address).content.decode().replace("<wbr>", "")
    found = re.search(rf'<section[^>]* id="{name}".*?</section>', body, re.DOTALL)
    assert found, name
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])))


def test_a_list_without_pull_requests_says_what_to_do(ada: Client, netra: World) -> None:
    text = page_text(ada, LIST)

    assert "No pull requests yet" in text
    assert "once a forge is connected, or its webhook is installed" in text
    assert 'href="/repositories/netra/settings/"' in ada.get(LIST).content.decode()


def test_open_pull_requests_are_listed_the_last_updated_first(ada: Client, netra: World) -> None:
    for number, state in ((1, "open"), (2, "closed"), (3, "open"), (4, "merged")):
        pull_request(netra, number, state=state)

    assert numbers(ada) == [3, 1]
    assert numbers(ada, "?state=closed") == [2]
    assert numbers(ada, "?state=merged") == [4]
    assert numbers(ada, "?state=all&sort=number") == [1, 2, 3, 4]
    chips = re.findall(r"(open|closed|merged|all) <strong>(\d+)", ada.get(LIST).content.decode())
    assert chips == [("open", "2"), ("closed", "1"), ("merged", "1"), ("all", "4")]


def test_the_list_shows_the_verdict_on_the_newest_commit(ada: Client, netra: World) -> None:
    pull = judged(netra)
    check(pull, head_sha="e" * 40, state="passed", new=90, fixed=91, blocking=92)

    row = ada.get(LIST).content.decode().partition("#41")[2].partition("</tr>")[0]
    columns = dict(re.findall(r'<td data-label="(\w+)"[^>]*>(.*?)</td>', row, re.DOTALL))
    words = {name: " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for name, cell in columns.items()}

    assert words["Verdict"] == "failed"
    assert [words[name] for name in ("New", "Fixed", "Blocking")] == ["3", "5", "7"]
    assert words["CI"] == "1 passed, 1 failed (tests)"
    assert "by ben, reports-41 → main" in page_text(ada, LIST)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?verdict=failed", [1]),
        ("?verdict=passed", [2]),
        ("?verdict=none", [3]),
        ("?verdict=error", []),
        ("?author=cy", [2]),
        ("?text=Rename", [3]),
        ("?text=%232", [2]),
        ("?text=3", [3]),
        ("?verdict=good", []),
    ],
)
def test_each_filter_of_the_list(ada: Client, netra: World, query: str, expected: list[int]) -> None:
    check(pull_request(netra, 1, title="First"))
    check(pull_request(netra, 2, title="Second", author="cy"), state="passed")
    moved = pull_request(netra, 3, title="Rename it")
    check(moved, head_sha="d" * 40)  # an earlier head, whose verdict is not that of the pull request

    assert numbers(ada, query) == expected
    if not query.endswith("good"):
        rows = sheet(ada, f"/repositories/netra/pull-requests.csv{query}")
        assert [int(row["number"]) for row in rows] == expected


def test_an_invalid_filter_is_named_and_matches_nothing(ada: Client, netra: World) -> None:
    pull_request(netra)

    assert "“good” is not a valid value" in page_text(ada, f"{LIST}?verdict=good")
    assert ada.get("/repositories/netra/pull-requests.csv?verdict=good").status_code == 422


def test_the_spreadsheet_has_every_figure(ada: Client, netra: World) -> None:
    judged(netra)

    row = next(row for row in sheet(ada, "/repositories/netra/pull-requests.csv") if row["number"] == "41")

    assert {name: int(row[name]) for name in COUNTS} == COUNTS
    figures = ("clean_before", "files_before", "clean_after", "files_after")
    assert [row[name] for name in figures] == ["21", "40", "27", "41"]
    assert (row["verdict"], row["source"], row["target"], row["head"]) == (
        "failed",
        "reports-41",
        "main",
        HEAD,
    )
    assert row["url"] == "https://git.example.org/netra/pull/41"


def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    ada: Client, netra: World, counted: Counted
) -> None:
    judged(netra)
    ada.get(LIST)
    with counted() as few:
        ada.get(LIST)
    for number in range(60, 75):
        check(pull_request(netra, number))
    with counted() as many:
        ada.get(LIST)

    assert len(many) == len(few)


def test_the_page_says_what_the_verdict_is_and_what_it_is_based_on(ada: Client, netra: World) -> None:
    judged(netra)

    text = section(ada, "verdict")

    for part in (
        "failed",
        "by ben, reports-41 → main",
        "3 new violations, 7 findings block.",
        "Compared with bbbbbbbbbb . It is the merge base with main.",
        "under plan version 1 (push).",
        "edits ssot-plan.yaml, which has no effect on its own verdict",
        "52.5% → 65.8%",
        "27 of 41 files, 21 of 40 before, +13.3 points",
        "New 3 7 blocking",
        "Fixed 5",
        "Moved 2",
        "Suppressed 4",
        "Counted again 6",
        "Together with newer commits 9",
        "Moved out 8",
        "In doubt 1",
    ):
        assert part in text


def test_findings_are_listed_by_kind(ada: Client, netra: World) -> None:
    judged(netra)
    waiver = Waiver.objects.create(repository=netra.repository, glob="x/**", reason="A customer needs it")
    CheckFinding.objects.filter(kind="new", line=20).update(waiver=waiver)
    first, second = netra.files[0].path, netra.files[1].path

    new = section(ada, "new")
    assert new.index(f"{second}:10") < new.index(f"{first}:20") < new.index(f"{second}:30")
    for part in (
        "blocks",
        "file was clean",
        "# new 10",
        "Waived: A customer needs it.",
        "#1274, cleanup",
        "high",
    ):
        assert part in new
    assert new.count("blocks") == 1
    assert "+new()" in new
    assert f"{second}:50" in section(ada, "fixed")
    assert "Moved from netra/app/old_2.py:102 ." in section(ada, "moved")
    assert "Suppressed: Kept for a customer 4." in section(ada, "suppressed")
    assert f"{first}:60" in section(ada, "restored")
    assert f"{second}:10" in section(ada, "doubt")
    assert "Moved from netra/app/old_8.py:108 ." in section(ada, "moved-out")
    assert f"{second}:90" in section(ada, "together")
    assert "only together with pull request #42, which is in main as ffffffffff." in section(ada, "together")
    assert "#42 Rename the reports" in section(ada, "together")
    body = ada.get(PAGE).content.decode()
    assert f'href="/repositories/netra/files/{netra.files[1].pk}/"' in body


def test_a_list_that_is_limited_says_so(ada: Client, netra: World) -> None:
    made = check(pull_request(netra), new=MOST_SHOWN + 700)
    CheckFinding.objects.bulk_create(
        CheckFinding(pull_request_check=made, kind="new", path="a.py", line=line, risk="low")
        for line in range(1, MOST_SHOWN + 8)
    )

    text = section(ada, "new")

    assert text.startswith(f" New {MOST_SHOWN + 700}")
    assert "7 more are in the CSV file." in text
    assert f"Only {MOST_SHOWN + 7} of {MOST_SHOWN + 700} are stored." in text
    assert len(sheet(ada, "/repositories/netra/pull-requests/41.csv")) == MOST_SHOWN + 7


def test_phases_claims_and_ci_results_of_a_pull_request(ada: Client, netra: World) -> None:
    judged(netra)
    claim = Claim.objects.create(
        file=netra.files[1], person=User.objects.create_user("cy"), until=timezone.now() + timedelta(days=3)
    )

    phases = section(ada, "phases")
    assert "Phase 1: Golden Path 8 9" in phases
    assert "Phase 3: Validation and cleanup 10 11" in phases
    claims = section(ada, "claims")
    assert netra.files[1].path in claims
    assert "claimed by cy until" in claims
    assert "failed tests" in section(ada, "ci")
    assert "passed lint" in section(ada, "ci")
    claim.delete()
    assert 'id="claims"' not in ada.get(PAGE).content.decode()


def test_each_head_has_its_own_verdict(ada: Client, netra: World) -> None:
    pull = judged(netra)
    earlier = check(pull, head_sha="e" * 40, state="passed", reason="", new=0, fixed=23, blocking=0)
    finding(earlier, "fixed", netra.files[5], 505)

    text = section(ada, "heads")
    assert "eeeeeeeeee passed 0 23 0" in text
    assert f"{HEAD[:10]} shown above failed 3 5 7" in text
    shown = page_text(ada, f"{PAGE}?head={'e' * 40}")
    assert "This is an earlier head." in shown
    assert "It adds no violations." in shown
    assert f"{netra.files[5].path}:505" in section(ada, "fixed", f"{PAGE}?head=eeeeeee")
    assert "/live/" not in ada.get(f"{PAGE}?head=eeeeeee").content.decode()
    assert ada.get(f"{PAGE}?head=abcdef1").status_code == 404


def test_many_heads_are_limited(ada: Client, netra: World) -> None:
    pull = judged(netra)
    for number in range(MOST_HEADS):
        check(pull, head_sha=f"{number:040x}")

    text = section(ada, "heads")

    assert f"Heads so far {MOST_HEADS + 1}" in text
    assert f"Only the newest {MOST_HEADS} are listed." in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "pending", "judged_at": None}, "is being judged"),
        ({"state": "error", "reason": "The fork can't be fetched."}, "success. The fork can't be fetched."),
        ({"state": "passed", "reason": "", "new": 0}, "It adds no violations."),
        ({"state": "passed", "reason": "", "blocking": 0}, "3 violations, which the policy doesn't block."),
        ({"state": "failed", "reason": "", "blocking": 1}, "1 finding blocks it."),
    ],
)
def test_the_headline_of_each_verdict(ada: Client, netra: World, values: dict[str, Any], words: str) -> None:
    check(pull_request(netra), **values)

    assert words in section(ada, "verdict")


def test_an_overridden_verdict_says_who_and_why(ada: Client, netra: World) -> None:
    judged(
        netra,
        state="passed",
        overridden_at=timezone.now(),
        overridden_by=User.objects.create_user("maria"),
        override_reason="Needed for the release",
    )

    text = section(ada, "verdict")

    assert "overridden" in text
    assert re.search(r"Overridden by maria .*: Needed for the release", text)
    assert "overridden" in page_text(ada, LIST)


def test_a_pull_request_that_was_not_judged(ada: Client, netra: World) -> None:
    pull_request(netra)
    assert "not judged" in page_text(ada, PAGE)
    pull_request(netra, 43, state="closed")
    assert "Only open pull requests are judged." in page_text(ada, f"{LIST}43/")
    assert ada.get(f"{LIST}99/").status_code == 404
    assert ada.get(f"{LIST}{9**20}/").status_code == 404


def test_the_page_updates_itself(ada: Client, netra: World) -> None:
    pull = pull_request(netra)
    made = check(pull, state="pending", judged_at=None)
    body = ada.get(PAGE).content.decode()
    found = re.search(r'hx-get="([^"]+/live/[^"]+)"', body)
    assert found

    assert ada.get(found[1]).status_code == 204
    PullRequestCheck.objects.filter(pk=made.pk).update(
        state="passed", judged_at=timezone.now(), reason="Fine."
    )
    changed = ada.get(found[1])

    assert changed.status_code == 200
    text = changed.content.decode()
    assert "Fine." in text
    assert text.count('hx-swap-oob="true"') == 3
    assert "Check again" in text
    assert changed["X-Page-State"] in text
    assert ada.get(f"{PAGE}live/?seen={changed['X-Page-State']}").status_code == 204

    CheckResult.objects.create(
        repository=netra.repository, sha=HEAD, key="t", name="tests", state="failed", updated_at=netra.at
    )
    assert "tests" in page_text(ada, f"{PAGE}live/?seen={changed['X-Page-State']}")


def test_groups_of_the_merge_queue_are_listed(ada: Client, netra: World) -> None:
    pull_request(netra)
    assert 'id="merge-queue"' not in ada.get(LIST).content.decode()
    PullRequestCheck.objects.create(
        repository=netra.repository, merge_group="refs/heads/gh-readonly-queue/main/pr-41", head_sha="9" * 40,
        state="failed", judged_at=timezone.now(), new=31, fixed=32, blocking=33,
    )  # fmt: skip

    text = section(ada, "merge-queue", LIST)

    assert "refs/heads/gh-readonly-queue/main/pr-41" in text
    assert "31 new, 32 fixed, 33 blocking" in text


def test_other_pages_show_pull_requests_with_their_verdicts(ada: Client, netra: World) -> None:
    judged(netra)
    file = netra.files[1]
    Claim.objects.create(
        file=file, person=User.objects.get(username="ada"), until=timezone.now() + timedelta(days=3)
    )

    own = f"/repositories/netra/files/{file.pk}/"
    for address in (own, "/repositories/netra/my-work/"):
        text = page_text(ada, address)
        assert "Hand the context to reports 41" in text
        assert "failed: 3 new, 5 fixed" in text
        assert f'href="{PAGE}"' in ada.get(address).content.decode()
    body = ada.get(f"/repositories/netra/files/?path={file.path}").content.decode()
    assert re.search(rf'href="{PAGE}">\s*#41 failed', body)
    assert "#42 not judged" in body


def test_the_overview_counts_open_and_blocked_pull_requests(ada: Client, netra: World) -> None:
    assert "pull-requests/?" not in ada.get("/repositories/netra/").content.decode()
    before = ada.get("/repositories/netra/live/")["X-Page-State"]
    judged(netra)
    check(pull_request(netra, 50), state="error")
    pull_request(netra, 51, state="closed")

    text = page_text(ada, "/repositories/netra/")

    assert "Open pull requests 3 1 blocked" in text
    assert ada.get("/repositories/netra/live/")["X-Page-State"] != before


def test_visitors_without_an_account_see_no_verdicts(netra: World, settings: Settings) -> None:
    settings.ANONYMOUS_READING = True
    judged(netra)
    visitor = Client()

    for address in ("", "files/", f"files/{netra.files[1].pk}/"):
        response = visitor.get(f"/repositories/netra/{address}")
        assert response.status_code == 200
        assert "pull-requests" not in response.content.decode()
    assert visitor.get(LIST).status_code == 302
    assert visitor.get(PAGE).status_code == 302


def test_a_public_page_shows_no_pull_requests(netra: World) -> None:
    judged(netra)
    link = public_links.make(netra.repository, None, name="Board")

    response = Client().get(f"/shared/{link.key}/")

    assert response.status_code == 200
    assert "pull request" not in response.content.decode().lower()


def as_role(role: str) -> Client:
    client = Client()
    client.force_login(somebody(role))
    return client


def test_managers_are_warned_if_links_lead_nowhere(netra: World, settings: Settings) -> None:
    """Only where something is published, and only while PUBLIC_URL isn't set."""
    mia, root = as_role("manager"), as_role("administrator")
    judged(netra)
    words = "because PUBLIC_URL is not set, so they work on this machine only"
    settings.IS_PUBLIC_URL_GIVEN = False
    assert words not in page_text(mia, LIST)
    forge = Connection.objects.create(slug="forge", name="Forge", provider="gitea")
    Attachment.objects.create(repository=netra.repository, connection=forge, kind="forge", project="a/b")
    assert [words in page_text(mia, address) for address in (LIST, PAGE)] == [True, True]
    assert words not in page_text(as_role("engineer"), PAGE)
    pages = ("/connections/", "/connections/forge/", "/new-connection/gitea/")
    assert [words in page_text(root, address) for address in pages] == [True] * 3
    settings.IS_PUBLIC_URL_GIVEN = True
    assert words not in page_text(mia, PAGE)
