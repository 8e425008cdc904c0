"""The violations as a list: every place once, worst first, narrowed by the address alone, whole as CSV."""

import csv
import io
import re

import pytest
from django.test import Client

from compliance.models import Violation
from tests.views.cast import RISKS, World, world
from tests.views.conftest import Counted

PAGE = "/repositories/netra/violations/"
SHEET = "/repositories/netra/violations.csv"


def sheet(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(SHEET + query)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def found(client: Client, query: str = "") -> str:
    """What the page says it found, and the rest of its words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(PAGE + query).content.decode()))


def test_the_inventory_has_each_standing_place_once(ada: Client, netra: World) -> None:
    standing = Violation.objects.filter(last__isnull=True)
    wanted = {(v.file.path, str(v.line), v.snippet, v.risk, v.category) for v in standing}

    rows = sheet(ada)

    told = [(row["file"], row["line"], row["pattern"], row["risk"], row["category"]) for row in rows]
    assert len(told) == len(standing)
    assert set(told) == wanted
    assert {row["state"] for row in rows} == {"standing"}


def test_the_worst_comes_first_and_then_the_place(ada: Client, netra: World) -> None:
    told = [(RISKS.index(row["risk"]), row["file"], int(row["line"])) for row in sheet(ada)]

    assert told == sorted(told)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("?risk=high", lambda v: v.risk == "high"),
        ("?category=unit", lambda v: v.category == "unit"),
        ("?category=unit&category=production", lambda v: True),
        ("?phase=cleanup", lambda v: "cleanup" in v.phases),
        ("?issue=%231274&risk=low", lambda v: v.risk == "low"),
        ("?rule=agent-instance-factory&role=call", lambda v: True),
        ("?path=part_1/", lambda v: "part_1/" in v.file.path),
        ("?path=**/module_*.py&risk=medium", lambda v: v.risk == "medium" and "/module_" in v.file.path),
        ("?risk=nonsense", lambda v: False),
        ("?path=%00part_1/", lambda v: "part_1/" in v.file.path),
    ],
)
def test_each_filter_takes_what_it_says(ada: Client, netra: World, query: str, fits: object) -> None:
    wanted = [v for v in Violation.objects.filter(last__isnull=True) if fits(v)]  # type: ignore[operator]

    assert len(sheet(ada, query)) == len(wanted)
    words = found(ada, query)
    assert f" {len(wanted)} violation" in words if wanted else "No violations match" in words


def test_fixed_and_suppressed_violations_have_separate_lists(ada: Client, netra: World) -> None:
    hidden = netra.violation(netra.files[2], 99)
    Violation.objects.filter(pk=hidden.pk).update(suppressed=True, reason="the vendor's own code")
    resolved = Violation.objects.filter(last__isnull=False)

    assert [row["reason"] for row in sheet(ada, "?state=suppressed")] == ["the vendor's own code"]
    assert {row["until_commit"] for row in sheet(ada, "?state=resolved")} == {
        v.resolved.sha for v in resolved.select_related("resolved") if v.resolved
    }
    assert f" {len(resolved)} violation" in found(ada, "?state=resolved")
    assert "suppressed: the vendor&#x27;s own code" in found(ada, "?state=suppressed")
    assert sheet(ada, "?state=nonsense") == []


def test_the_form_shows_the_active_filters(ada: Client, netra: World) -> None:
    page = ada.get(f"{PAGE}?risk=high&phase=cleanup&sort=-path").content.decode()

    assert re.search(r'value="high"\s+selected>high</option>', page)
    assert re.search(r'value="cleanup"\s+selected', page)
    assert 'name="sort" value="-path"' in page
    assert "violations.csv?risk=high&amp;phase=cleanup&amp;sort=-path" in page


def test_every_sort_lists_the_same_places(ada: Client, netra: World) -> None:
    whole = sorted((row["file"], row["line"]) for row in sheet(ada))
    for sort in ("risk", "-risk", "path", "-path", "rule", "category", "-category", "-since", "since", "odd"):
        assert sorted((row["file"], row["line"]) for row in sheet(ada, f"?sort={sort}")) == whole


def test_a_place_leads_to_its_file_and_its_mark_there(ada: Client, netra: World) -> None:
    one = netra.standing[0]

    assert (
        f"/repositories/netra/files/{one.file_id}/?violation={one.pk}#violation-{one.pk}"
        in ada.get(PAGE).content.decode()
    )
    shown = ada.get(f"/repositories/netra/files/{one.file_id}/").content.decode()
    assert f'id="violation-{one.pk}"' in shown


def test_queries_do_not_grow_with_the_list(ada: Client, netra: World, counted: Counted) -> None:
    world("large", files=400, commits=20)
    with counted() as small:
        ada.get(PAGE)
    with counted() as large:
        ada.get("/repositories/large/violations/?page=2")

    assert len(small) == len(large) <= 15
