"""Every spreadsheet there is, found by its address: it has a name, a header, whole rows and no formula."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from compliance.accounts import public_links
from compliance.models import (
    Change,
    CheckFinding,
    CheckResult,
    Commit,
    Delivery,
    FileState,
    InboxEntry,
    Issue,
    Job,
    OutboxItem,
    Phase,
    PlanDraft,
    PlanProposal,
    PlanVersion,
    PullRequest,
    PullRequestCheck,
    Repository,
    Token,
    Violation,
    Waiver,
)
from compliance.views.csv_response import escape_formula
from tests.views.cast import World
from tests.views.furnished import PROPOSAL, notify
from tests.views.pull_requests import judged

pytestmark = pytest.mark.slow

EVIL = '=HYPERLINK("https://evil.example.org")'
ACROSS = {
    "home-csv": "repositories",
    "activity-csv": "activity",
    "people-csv": "people",
    "inbox-csv": "inbox",
}
"""Spreadsheets of the whole installation -> their files' names."""
SHEETS = sorted(name for name in get_resolver().reverse_dict if isinstance(name, str) and "csv" in name)


@pytest.fixture
def poisoned(netra: World) -> World:
    """Everything that anyone but us may have written begins like a formula; every list has a row."""
    of, now = netra.repository, timezone.now()
    person = User.objects.create_user("=eve")
    Repository.objects.update(name=EVIL, trouble=EVIL)
    PlanVersion.objects.update(name=EVIL, source=EVIL, author=person)
    Commit.objects.update(author_name=EVIL, subject=EVIL)
    for rows in (Violation.objects, Change.objects):
        rows.update(snippet=EVIL, symbol=EVIL)
    Violation.objects.update(message=EVIL, scope=EVIL)
    Issue.objects.update(title=EVIL)
    Phase.objects.update(title=EVIL)
    FileState.objects.exclude(unparsed="").update(unparsed=EVIL)
    Job.objects.create(repository=of, kind="update", cause=EVIL, error=EVIL, state="done")
    Delivery.objects.create(repository=of, source="github", delivery_id=EVIL, event=EVIL, outcome=EVIL)
    Waiver.objects.create(repository=of, glob=EVIL, rule=EVIL, reason=EVIL, person=person)
    public_links.make(of, person, name=EVIL)
    file = netra.plan.violations.filter(last__isnull=True)[0].file_id
    PlanDraft.objects.create(pk=file, repository=of, text=EVIL, files=[["leaves", EVIL, EVIL, "", 1, 0]])
    (candidate,) = PROPOSAL["candidates"]
    evil = {**candidate, "title": EVIL, "why": EVIL, "examples": [{"path": EVIL, "line": 2, "code": EVIL}]}
    PlanProposal.objects.create(repository=of, sha="a" * 40, candidates=[evil])
    Token.objects.create(
        name=EVIL, repository=of, digest="d", hint="h", person=person, expires_at=now + timedelta(1)
    )
    detail = {"about": "digest", "week": EVIL, "person": person.pk}
    OutboxItem.objects.create(
        repository=of, kind="digest", channel="e-mail", key="k", detail=detail, outcome=EVIL
    )
    judged(netra)
    PullRequest.objects.update(title=EVIL, author=EVIL)
    PullRequestCheck.objects.update(reason=EVIL, base_reason=EVIL)
    CheckFinding.objects.update(path=EVIL, symbol=EVIL, scope=EVIL, snippet=EVIL, message=EVIL, reason=EVIL)
    CheckResult.objects.update(name=EVIL)
    for reader in User.objects.filter(username="ada"):
        notify(netra, reader, subject=EVIL, author=EVIL)
    InboxEntry.objects.update(reason=EVIL)
    return netra


def address(name: str, netra: World) -> str:
    given = {
        "slug": "netra",
        "sha": netra.head.sha,
        "name": "trend",
        "number": 41,
        "pk": netra.plan.violations.filter(last__isnull=True)[0].file_id,
    }
    (_, parameters), *_ = get_resolver().reverse_dict.getlist(name)[0][0]
    return reverse(name, kwargs={key: given[key] for key in parameters})


@pytest.mark.parametrize("name", SHEETS)
def test_each_spreadsheet_is_whole_named_and_harmless(ada: Client, poisoned: World, name: str) -> None:
    answer = ada.get(address(name, poisoned))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    file = re.fullmatch(r'attachment; filename="([\w-]+)\.csv"', answer.headers["Content-Disposition"])
    assert file
    assert file[1].startswith("netra-") or file[1] == ACROSS.get(name)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    header, *rows = csv.reader(io.StringIO(text))
    assert rows, "a list with nothing in it proves nothing"
    assert all(len(row) == len(header) == len(set(header)) for row in rows)
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "\t", "\r", "\n"))]
    assert not [cell for cell in cells if cell.startswith(("+", "-")) and not re.fullmatch(r"-?[\d.]+", cell)]


@pytest.mark.parametrize("name", SHEETS)
def test_no_spreadsheet_is_for_strangers(client: Client, netra: World, name: str) -> None:
    assert client.get(address(name, netra)).status_code == 302


@pytest.mark.parametrize("sign", "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
def test_every_sign_that_begins_a_formula_is_defused(sign: str) -> None:
    assert escape_formula(f"{sign}1+1") == f"'{sign}1+1"


def test_text_that_is_not_a_formula_is_unchanged() -> None:
    at = timezone.now()
    assert [escape_formula(cell) for cell in ("a=b", -3, -2.5, None, "", at)] == [
        *("a=b", -3, -2.5, "", ""),
        at.isoformat(),
    ]


def test_every_regression_is_in_the_spreadsheet(ada: Client, netra: World) -> None:
    for number in range(2, 9):
        netra.commit("Break again", by="Cy", breaks=(netra.files[number],))
    text = b"".join(ada.get("/repositories/netra/broken.csv").streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))

    made = Change.objects.filter(regression=True, kind="new").order_by("-commit__position")
    assert [row["commit"] for row in rows] == list(dict.fromkeys(made.values_list("commit__sha", flat=True)))
    assert len(rows) == 8
    assert {(row["author"], row["violations"], row["still_there"]) for row in rows} == {("Cy", "1", "1")}
