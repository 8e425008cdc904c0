"""The list of files: filters in the address, sorting, paging, and the same as CSV."""

import csv
import io
import re

import pytest
from django.test import Client

from compliance.models import File
from tests.views.cast import World, world
from tests.views.conftest import Counted

PAGE = "/repositories/netra/files/"


def paths(client: Client, query: str = "") -> list[str]:
    body = client.get(PAGE + query).content.decode().replace("<wbr>", "")
    return re.findall(r'files/\d+/">([^<]+)</a>', body)


def rows(client: Client, query: str = "") -> list[list[str]]:
    answer = client.get(f"/repositories/netra/files.csv{query}")
    body = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(body)))[1:]


def test_the_worst_come_first(ada: Client, netra: World) -> None:
    shown = paths(ada)
    by_violations = File.objects.order_by("-violations", "path").values_list("path", flat=True)

    assert shown == list(by_violations[:50])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?status=regressed", 1),
        ("?status=open&status=regressed", None),
        ("?category=unit", 10),
        ("?path=part_3", 6),
        ("?path=tests/**/test_module_1.py", 1),
        ("?path=netra/*.py", 0),
        ("?risk=nonsense", 0),
        ("?phase=nobody", 0),
        ("?violating=yes", None),
        ("?violating=unknown&category=unit", None),
    ],
)
def test_a_filter_in_the_address_narrows_page_and_csv_alike(
    ada: Client, netra: World, query: str, expected: int | None
) -> None:
    shown, listed = paths(ada, query), rows(ada, query)

    assert [row[0] for row in listed] == shown
    assert expected is None or len(shown) == expected


def test_a_file_that_may_have_violations_is_listed_as_unknown(ada: Client, netra: World) -> None:
    """The figure “files to zero” leads there: no violation was found in it, but it does not parse."""
    broken, skipped = netra.files[1], netra.files[2]
    File.objects.filter(pk__in=(broken.pk, skipped.pk)).update(violations=0, status="open", worst_risk="")
    broken.states.update(tainted=True, unparsed="a bracket is never closed")
    skipped.states.update(tainted=True, skipped="over 2 MB")

    known, left = set(paths(ada, "?violating=yes")), set(paths(ada, "?violating=unknown"))

    assert left - known == {broken.path}
    assert known < left
    assert ada.get("/repositories/netra/").content.decode().count("violating=unknown") == 2


def test_one_violation_must_match_all_filters(ada: Client, netra: World) -> None:
    netra.plan.violations.all().delete()
    file = netra.files[2]
    high, low = netra.violation(file, 1), netra.violation(file, 2)
    high.risk, high.rule, low.risk, low.rule = "high", "one", "low", "two"
    high.save()
    low.save()

    assert paths(ada, "?risk=high&rule=one") == [file.path]
    assert paths(ada, "?risk=high&rule=two") == []


def test_filters_ignore_fixed_and_suppressed_violations(ada: Client, netra: World) -> None:
    netra.plan.violations.update(suppressed=True)

    assert paths(ada, "?rule=agent-instance-factory") == []


def test_deleted_files_are_shown_only_on_request(ada: Client, netra: World) -> None:
    File.objects.filter(pk=netra.files[0].pk).update(status=File.Status.GONE)

    assert netra.files[0].path not in paths(ada)
    assert paths(ada, "?status=gone") == [netra.files[0].path]


@pytest.mark.parametrize(
    "sort", ["path", "-path", "violations", "risk", "-risk", "status", "-changed", "nonsense"]
)
def test_every_column_sorts(ada: Client, netra: World, sort: str) -> None:
    assert len(paths(ada, f"?sort={sort}")) == 50


def test_the_second_page_goes_on_where_the_first_ends(ada: Client) -> None:
    world(files=60)
    first, second = paths(ada), paths(ada, "?page=2")

    assert len(first) == 50
    assert len(second) == 25
    assert not set(first) & set(second)


def test_an_invalid_page_number_shows_the_first_page(ada: Client, netra: World) -> None:
    assert paths(ada, "?page=seven") == paths(ada)


def test_counts_by_status_do_not_depend_on_the_chosen_status(ada: Client, netra: World) -> None:
    everything = re.findall(r"state-([\w-]+)\">[^<]+</span>\s*<strong>(\d+)", ada.get(PAGE).content.decode())
    chosen = re.findall(
        r"state-([\w-]+)\">[^<]+</span>\s*<strong>(\d+)", ada.get(f"{PAGE}?status=open").content.decode()
    )

    assert everything == chosen
    assert dict(everything)["regressed"] == "1"


def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(ada: Client, netra: World) -> None:
    for number, start in enumerate("=+-@"):
        File.objects.filter(pk=netra.files[number].pk).update(path=f"{start}cmd|' /C calc'!A0", violations=99)

    cells = [row[0] for row in rows(ada)[:4]]

    assert all(cell.startswith("'") for cell in cells)


def test_strange_paths_are_shown_escaped_and_come_back_whole_in_csv(ada: Client, netra: World) -> None:
    strange = 'a<b>"c",d\n\\xff.py'
    File.objects.filter(pk=netra.files[0].pk).update(path=strange, violations=99)

    assert "<b>" not in ada.get(PAGE).content.decode()
    assert rows(ada)[0][0] == strange


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u2028", "\x1b", "\n"])
def test_a_path_cannot_pose_as_another(ada: Client, netra: World, mark: str) -> None:
    """Characters that reorder the text or end the line are shown as escapes, and are kept in the CSV file."""
    path = f"app/a{mark}yp.exe"
    File.objects.filter(pk=netra.files[0].pk).update(path=path, violations=99)

    for page in (PAGE, f"/repositories/netra/files/{netra.files[0].pk}/"):
        text = ada.get(page).content.decode()
        assert mark.encode("unicode_escape").decode() in text
    assert rows(ada)[0][0] == path


@pytest.mark.parametrize(
    "query", ["?path=%00", "?status=%00", "?path=((((", "?path=" + "*a" * 400, "?path=[z-a]*", "?phase=%00"]
)
def test_hostile_filters_cause_no_error(ada: Client, netra: World, query: str) -> None:
    assert ada.get(PAGE + query).status_code == 200


def test_queries_do_not_grow_with_the_list(ada: Client, netra: World, counted: Counted) -> None:
    world("large", files=300)
    pages = [f"{PAGE}?risk=high&sort=risk", "/repositories/large/files/?risk=high&sort=risk"]
    for page in pages:
        ada.get(page)  # what is asked once and then remembered is no matter of size
    with counted() as small:
        ada.get(pages[0])
    with counted() as large:
        ada.get(pages[1])

    assert len(small) == len(large) <= 15


def test_a_file_shows_its_open_and_fixed_violations(ada: Client, netra: World) -> None:
    fixed = netra.plan.violations.filter(last__isnull=False).first()
    assert fixed
    page = ada.get(f"{PAGE}{fixed.file_id}/").content.decode()

    assert fixed.snippet in page
    assert "Fixed" in page
    assert fixed.resolved
    assert fixed.resolved.subject in page


def test_a_file_that_does_not_parse_says_why(ada: Client, netra: World) -> None:
    assert "a bracket is never closed" in ada.get(f"{PAGE}{netra.files[3].pk}/").content.decode()


def test_a_file_of_another_repository_is_not_found(ada: Client, netra: World) -> None:
    other = world("other")

    assert ada.get(f"{PAGE}{other.files[0].pk}/").status_code == 404
