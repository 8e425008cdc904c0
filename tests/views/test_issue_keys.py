"""Issue keys are text everywhere: of a forge, of a tracker, and with characters that mean something in a URL,
in HTML, in CSV or in a query.
"""

import csv
import io
import json
import re
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from compliance.models import Issue, Repository, Violation
from compliance.notifications.digest_content import content
from tests.api.conftest import give
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, PLAN, tracked

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

KEYS = ("#12", "SHOP-12", "ENG-123", "shop-7", "ops/infra#3", "Größe 4 & 50% <b>?", "=SUM(1)", "a,b|c\\d+e")
NOT_A_KEY = "SHOP-1"


def plan() -> str:
    """A plan in which every issue includes every finding."""
    issues = [
        f"""
  - key: {json.dumps(key, ensure_ascii=False)}
    title: "Title {number}"
    phases: [{{id: phase-{number}, title: "Phase", due: 2020-01-01}}]
    steps: [{{title: "Step {number}", clean: ["app/**"]}}]"""
        for number, key in enumerate(KEYS)
    ]
    return PLAN.partition("issues:")[0] + "issues:" + "".join(issues) + "\n"


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    write_history(tmp_path / "r.git", HISTORY)
    return tracked(tmp_path / "r.git", plan())


def read(answer: Any) -> str:
    """The text of a page or a file."""
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read(answer))))


def test_the_plan_and_its_violations_have_them_as_text(shop: Repository) -> None:
    assert tuple(Issue.objects.values_list("key", flat=True)) == KEYS
    assert all(tuple(violation.issues) == KEYS for violation in Violation.objects.filter(last=None))


def test_every_page_that_names_an_issue_leads_to_its_page(shop: Repository, ada: Client) -> None:
    for page in ("overview", "issues", "phases"):
        text = read(ada.get(reverse(page, args=[shop.slug])))
        links = set(re.findall(r'href="(/repositories/r/issues/[^"]+/)"', text))
        assert {unquote(unescape(link)) for link in links} == {
            f"/repositories/r/issues/{key}/" for key in KEYS
        }
        for link in links:
            key = unquote(unescape(link)).removeprefix("/repositories/r/issues/")[:-1]
            assert f'<h1 class="page-title">{escape(key)} Title' in read(ada.get(unescape(link)))
    phase = read(ada.get(reverse("phase", args=[shop.slug, "phase-4"])))
    assert f'{reverse("issue", args=[shop.slug, KEYS[4]])}">{KEYS[4]} Title 4</a>' in phase


def test_a_key_in_another_case_is_found_and_one_that_only_begins_alike_is_not(
    shop: Repository, ada: Client
) -> None:
    assert "SHOP-12 Title 1</h1>" in read(ada.get("/repositories/r/issues/shop-12/"))
    assert "shop-7 Title 3</h1>" in read(ada.get("/repositories/r/issues/SHOP-7/"))
    missing = ada.get(f"/repositories/r/issues/{NOT_A_KEY}/")
    assert missing.status_code == 404


def test_the_filters_take_them(shop: Repository, ada: Client) -> None:
    number = Violation.objects.filter(last=None).count()
    assert number
    lists = [reverse(name, args=[shop.slug]) for name in ("violations", "files")]
    tables = [reverse(f"{name}-csv", args=[shop.slug]) for name in ("violations", "files")]
    for key in KEYS:
        for address in lists:
            page = " ".join(read(ada.get(address, {"issue": key})).split())
            assert f'<option value="{escape(key)}" selected' in page, key
            assert "is not one of the current options" not in page
        assert [len(rows(ada.get(address, {"issue": key}))) for address in tables] == [number, 2], key
    assert [rows(ada.get(address, {"issue": NOT_A_KEY})) for address in tables] == [[], []]
    for address in lists:
        assert f"“{NOT_A_KEY}” is not one of the current options" in read(
            ada.get(address, {"issue": NOT_A_KEY})
        )


def test_the_charts_take_them(shop: Repository, ada: Client) -> None:
    number = Violation.objects.filter(last=None).count()
    for key in KEYS:
        points = json.loads(read(ada.get(reverse("chart", args=[shop.slug, "burndown"]), {"issue": key})))[
            "points"
        ]
        assert points[-1][1] == number, key
    trend = reverse("chart", args=[shop.slug, "trend"])
    lines = json.loads(read(ada.get(trend, {"by": "issue", "measure": "left"})))["lines"]
    assert [line["key"] for line in lines] == list(KEYS)


def test_csv_files_have_them_and_no_cell_is_a_formula(shop: Repository, ada: Client) -> None:
    cells = [f"'{key}" if key.startswith("=") else key for key in KEYS]
    for name, column in (("issues-csv", "key"), ("steps-csv", "issue"), ("phases-csv", "issue")):
        assert [row[column] for row in rows(ada.get(reverse(name, args=[shop.slug])))] == cells, name
    drawn = rows(ada.get(reverse("chart-csv", args=[shop.slug, "issues"])))
    assert [row["key"] for row in drawn] == cells
    found = rows(ada.get(reverse("violations-csv", args=[shop.slug])))
    assert all(part in found[0]["issues"] for part in ("#12", "SHOP-12", "ENG-123", "Größe 4"))


def test_the_api_has_them(shop: Repository, client: Client) -> None:
    number = Violation.objects.filter(last=None).count()
    token = give(User.objects.create_user("ben"), "read")

    def ask(path: str) -> Any:
        address = f"/api/v1/repositories/{shop.slug}/{path}"
        return json.loads(read(client.get(address, headers={"Authorization": f"Bearer {token}"})))

    assert [issue["key"] for issue in ask("issues")["items"]] == list(KEYS)
    for key in KEYS:
        assert ask(f"issues/{quote(key, safe='')}")["issue"]["key"] == key
        found = ask(f"findings?issue={quote(key, safe='')}")["items"]
        assert len(found) == number
        assert tuple(found[0]["issues"]) == KEYS


def test_mails_have_them(shop: Repository) -> None:
    behind = content(shop).behind
    assert behind
    text = render_to_string("mail/digest.txt", {"told": content(shop)})
    assert behind[0].phase.issue.key in KEYS
    assert f"({behind[0].phase.issue.key}):" in text
