"""A long file's page carries a part of it, and every line and every place can be reached by its links."""

import re
from collections.abc import Iterator
from itertools import chain

import pytest
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from compliance.models import File, Violation
from compliance.views import file_violations
from compliance.views.file_violations import PAGE, ViolationRow
from compliance.views.source_listing import AROUND, WHOLE, WINDOW, SourceLine, listing
from tests.views.cast import World
from tests.views.conftest import Counted
from tests.views.long_file import LINES, long_file

pytestmark = pytest.mark.slow

__all__ = ["long_file"]  # a fixture


def page(client: Client, file: File, query: str = "") -> str:
    answer = client.get(f"/repositories/r/files/{file.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def listed(body: str, name: str) -> list[int]:
    """The keys of the places in one list of a page."""
    part = body.partition(f'<section class="card" id="{name}">')[2].partition("</section>")[0]
    return [int(key) for key in re.findall(r'id="violation-(\d+)"', part)]


def walked(client: Client, file: File, name: str) -> Iterator[list[int]]:
    """Every page of one list, from link to link."""
    query: str | None = ""
    while query is not None:
        body = page(client, file, query)
        yield listed(body, name)
        link = re.search(rf'id="{name}-next"\s+href="([^"#]+)#', body)
        query = link[1].replace("&amp;", "&") if link else None


def test_the_pages_of_each_list_are_together_the_whole_list(ada: Client, long_file: File) -> None:
    rows = Violation.objects.filter(file=long_file)
    now = rows.filter(last=None).order_by("line")
    wholes = {
        "standing": now.filter(suppressed=False, waiver=None),
        "waived": now.filter(waiver__isnull=False),
        "suppressed": now.filter(suppressed=True),
        "resolved": rows.exclude(last=None).order_by("-last", "line"),
    }

    for name, whole in wholes.items():
        pages = list(walked(ada, long_file, name))
        assert list(chain(*pages)) == list(whole.values_list("pk", flat=True)), name
        assert all(1 <= len(part) <= PAGE for part in pages), name
    assert sum(whole.count() for whole in wholes.values()) == rows.count()
    assert len(list(walked(ada, long_file, "standing"))) > 1
    assert len(list(walked(ada, long_file, "resolved"))) > 1


def test_a_link_to_a_violation_lands_where_it_is_listed_and_marked(ada: Client, long_file: File) -> None:
    for row in Violation.objects.filter(file=long_file).order_by("pk")[::8]:
        body = page(ada, long_file, f"?violation={row.pk}&standing=7")
        assert f'id="violation-{row.pk}"' in body
        assert f'<tr id="L{row.line}"' in body or row.last is not None


def test_a_mark_in_the_source_links_to_its_place_on_whatever_page(ada: Client, long_file: File) -> None:
    body = page(ada, long_file, "?line=1600")
    here = set(chain(*(listed(body, name) for name in file_violations.TITLES)))
    links = re.findall(r'<a href="([^"]*)#violation-(\d+)">factory</a>', body)

    assert {query for query, key in links if int(key) in here} == {""}
    assert all(query == f"?violation={key}" for query, key in links if int(key) not in here)
    assert any(int(key) not in here for _, key in links)


def test_the_history_has_the_number_of_violations_after_each_change(ada: Client, long_file: File) -> None:
    section = page(ada, long_file).partition('id="history">')[2].partition("</section>")[0]

    told = re.findall(r'data-label="Violations after" class="num">\s*(\d+)', section)
    assert told == ["35", "52"]  # the import is one of them


def test_every_line_can_be_walked_to(ada: Client, long_file: File) -> None:
    seen: set[int] = set()
    waiting = [("", 0)]
    while waiting:
        query, number = waiting.pop()
        if number not in seen:
            body = page(ada, long_file, query)
            seen.update(int(number) for number in re.findall(r'<tr id="L(\d+)"', body))
            assert number in seen or not number
            gaps = re.findall(r'<a href="(\?line=(\d+))#L\2"\s+hx-get="\1"', body)
            waiting += [(query, int(number)) for query, number in gaps]

    assert seen == set(range(1, LINES + 1))


def test_a_part_that_replaces_the_source_takes_the_keyboard_to_the_line(ada: Client, long_file: File) -> None:
    address = f"/repositories/r/files/{long_file.pk}/?line=700"

    assert "autofocus" not in ada.get(address).content.decode()
    part = ada.get(address, headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r'<tr id="L(\d+)"\s+tabindex="-1" autofocus', part) == ["700"]


def test_an_unknown_violation_or_line_shows_the_first_page(ada: Client, long_file: File) -> None:
    first = listed(page(ada, long_file), "standing")

    for query in ("?line=x", "?line=0", "?line=99999999999999999999", "?violation=%00", "?standing=x"):
        assert listed(page(ada, long_file, query), "standing") == first
    assert f'<tr id="L{LINES}"' in page(ada, long_file, "?line=999999999")


def test_queries_do_not_grow_with_the_file(ada: Client, long_file: File, counted: Counted) -> None:
    short = File.objects.get(path="a/short.py")

    def queries(file: File, query: str = "") -> CaptureQueriesContext:
        page(ada, file, query)  # what is asked once and then remembered is no matter of size
        with counted() as asked:
            page(ada, file, query)
        return asked

    asked = [queries(short), queries(long_file), queries(long_file, "?standing=2&line=700")]
    assert {len(queries) for queries in asked} == {len(asked[0])}
    assert len(asked[0]) <= 16


def place(line: int, length: int = 0) -> ViolationRow:
    return ViolationRow(
        line, line, line + length, "rule", "call", "high", "", suppressed=False, waiver_id=None, last=None
    )


@given(
    lines=st.integers(0, 3000),
    starts=st.lists(st.integers(1, 3000), max_size=25),
    around=st.integers(0, PAGE),
    line=st.none() | st.integers(0, 4000),
)
def test_shown_and_omitted_lines_together_are_the_file(
    lines: int, starts: list[int], around: int, line: int | None
) -> None:
    whole = [f"line {number}" for number in range(1, lines + 1)]
    found = [place(start, start % 60) for start in starts if start <= lines]
    rows = listing("".join(f"{row}\r\n" for row in whole), found, [one.line for one in found[:around]], line)

    shown = [row for row in rows if not row.skipped]
    assert [row.text for row in shown] == [whole[row.number - 1] for row in shown]
    assert [n for row in rows for n in range(row.number, row.number + (row.skipped or 1))] == list(
        range(1, lines + 1)
    )
    assert len(shown) <= max(WHOLE, PAGE * (2 * AROUND + 1) + WINDOW)
    assert {mark.line for mark in found[:around]} <= {row.number for row in shown}
    assert sorted(mark.line for row in shown for mark in row.marks) == sorted(
        one.line for one in found if one.line in {row.number for row in shown}
    )
    assert sum(row.hidden + len(row.marks) for row in rows) == len(found)
    if line and lines:
        assert min(line, lines) in {row.number for row in shown}


def test_a_short_file_is_shown_whole() -> None:
    assert [row.text for row in listing("a\r\nb\n", [], [])] == ["a", "b"]


def test_an_address_of_another_part_keeps_the_other_lists_pages() -> None:
    query = QueryDict("standing=2&violation=7&line=9&resolved=3")

    assert file_violations.page_query(query, standing=4) == "standing=4&resolved=3"


def test_an_omitted_range_links_to_both_ends() -> None:
    assert [line for line, _ in SourceLine(101, skipped=WINDOW // 2).links] == [101]
    assert [line for line, _ in SourceLine(101, skipped=WINDOW).links] == [101, 100 + WINDOW]


def test_a_link_opens_the_line_in_the_editor_of_those_who_chose_one(ada: Client, netra: World) -> None:
    violation = netra.standing[0]
    page = f"/repositories/netra/files/{violation.file_id}/"
    assert "jetbrains:" not in ada.get(page).content.decode()
    answer = ada.post("/account/editor/", {"kind": "jetbrains"}, follow=True)
    assert "have a link to your editor" in answer.content.decode()

    shown = ada.get(page).content.decode()

    address = f"jetbrains://pycharm/navigate/reference?project=netra&amp;path={violation.file.path}"
    assert f'href="{address}:{violation.line}"' in shown
    assert "Open in PyCharm" in shown
    refused = ada.post("/account/editor/", {"kind": "vscode"}, follow=True).content.decode()
    assert "Enter the folder that your clones are in" in refused
    assert "jetbrains:" in ada.get(page).content.decode()
    ada.post("/account/editor/", {"kind": ""})
    assert "jetbrains:" not in ada.get(page).content.decode()
