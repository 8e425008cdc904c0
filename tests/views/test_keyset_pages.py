"""Lists of files and violations are walked from row to row, in any order, with the filters kept."""

import re
from html import unescape

import pytest
from django.test import Client

from bench.large_lists import seed
from compliance.models import File, Violation
from compliance.queries.files import SORTS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

AT = "/repositories/large/"


def page_of(client: Client, query: str, listed: str = "files/") -> tuple[list[int], dict[str, str], str]:
    """The keys on a page, its links by their labels, and what it says of its place in the list."""
    answer = client.get(f"{AT}{listed}{query}")
    assert answer.status_code == 200
    body = answer.content.decode()
    paging = body[body.find('<nav class="paging"') :].split("</nav>")[0]
    links = re.findall(r'href="([^"]+)">(\w+)</a>', paging)
    place = re.search(r"<span>([^<]+)</span>", paging)
    return (
        [row.pk for row in answer.context["page"]],
        {label: unescape(address) for address, label in links},
        place[1] if place else "",
    )


@pytest.mark.parametrize("sort", SORTS)
def test_the_links_lead_through_all_files_and_back(ada: Client, sort: str) -> None:
    seed.large(files=130, open_files=110)
    query, walked, places = f"?sort={sort}&category=unit&category=library", [], []
    while query:
        keys, links, place = page_of(ada, query)
        walked += keys
        places.append(place)
        query = links.get("Next", "")
        assert not query or f"sort={sort}&category=unit&category=library&below=" in query
    assert places == ["1 to 50 of 87", "51 to 87 of 87"]
    assert sorted(walked) == sorted(File.objects.exclude(category="tools").values_list("pk", flat=True))

    keys, links, place = page_of(ada, f"?sort={sort}&category=unit&category=library&page=999")
    assert (keys, place) == (walked[50:], "51 to 87 of 87")
    assert page_of(ada, links["Previous"])[0] == walked[:50]
    assert page_of(ada, links["First"]) == page_of(ada, f"?sort={sort}&category=unit&category=library")
    for number, expected in (("1", walked[:50]), ("2", walked[50:]), ("0", walked[:50]), ("x", walked[:50])):
        assert page_of(ada, f"?sort={sort}&category=unit&category=library&page={number}")[0] == expected


@pytest.mark.parametrize("query", ["", "&sort=-risk", "&sort=-since", "&sort=rule", "&phase=phase-3"])
def test_violations_are_walked_in_the_order_of_the_csv_file(ada: Client, query: str) -> None:
    seed.large(files=40, open_files=40)
    text = b"".join(ada.get(f"{AT}violations.csv?{query}").streaming_content)  # type: ignore[attr-defined]
    told = [line.split(",")[:2] for line in text.decode().splitlines()[1:]]
    address, walked = f"?{query}", []
    while address:
        keys, links, _ = page_of(ada, address, "violations/")
        walked += keys
        address = links.get("Next", "")
    rows = Violation.objects.in_bulk(walked)
    assert [[rows[key].path_key, str(rows[key].line)] for key in walked] == told


def test_a_row_that_is_gone_is_replaced_by_its_number(ada: Client) -> None:
    seed.large(files=120, open_files=120)
    first, links, _ = page_of(ada, "")
    File.objects.filter(pk=first[-1]).delete()

    keys, back, place = page_of(ada, links["Next"])
    assert place == "51 to 100 of 119"
    assert not set(keys) & set(first)

    File.objects.filter(pk=keys[0]).delete()
    assert page_of(ada, back["Previous"])[0][:49] == first[:49]
    assert page_of(ada, "?below=nonsense")[0][:49] == first[:49]


def test_the_path_of_a_violation_is_kept_while_it_is_current(ada: Client) -> None:
    made = seed.large(files=2, open_files=2)
    one, other = File.objects.filter(repository=made).order_by("pk")
    row = Violation.objects.filter(file=one)[0]
    assert row.path_key == one.path

    Violation.objects.filter(pk=row.pk).update(file=other)
    row.refresh_from_db()
    assert row.path_key == other.path
