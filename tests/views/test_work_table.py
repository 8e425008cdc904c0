"""My work as a table: groups by phase, orders, filters, pages, and the same columns as CSV and in the API."""

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.models import Claim, File, Patch, Phase
from compliance.queries.work_filter import size_of
from compliance.queries.work_rows import COLUMNS
from compliance.views import my_work
from tests.views.cast import World

AT = "/repositories/netra/"
API = "/api/v1/repositories/netra/my-work"


def patched(netra: World, file: File, fixes: int) -> None:
    Patch.objects.create(
        file=file, commit=netra.head, plan=netra.plan, text=b"--- a\n", fixed=fixes, refused=[], guides=[]
    )


def paths(client: Client, query: str = "", place: str = "next") -> list[str]:
    """Return the paths of the rows in one of the tables, in their order."""
    page = client.get(f"{AT}my-work/{query}").content.decode()
    section = page[page.index(f'id="{place}"') :].partition("</table>")[0]
    rows = section.split('class="work-row"')[1:]
    return [re.sub("<[^>]*>", "", re.findall(r"/files/\d+/\">(.*?)</a>", row, re.DOTALL)[0]) for row in rows]


def table(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{AT}my-work.csv{query}")
    return list(csv.DictReader(StringIO(b"".join(answer).decode())))


def by_phase(netra: World, key: str) -> set[str]:
    return {v.file.path for v in netra.standing if key in v.phases}


def test_files_are_grouped_by_the_phase_that_is_due_first(ada: Client, netra: World) -> None:
    today = timezone.localdate()
    Phase.objects.update(due=None, start=None, closed_at=None)
    Phase.objects.filter(key="cleanup").update(due=today - timedelta(days=1))
    Phase.objects.filter(key="golden-path").update(due=today + timedelta(days=9))
    first, second = by_phase(netra, "cleanup"), by_phase(netra, "golden-path")

    rows = table(ada)

    keys = [row["phase"] for row in rows]
    assert [row["path"] for row in rows] == paths(ada)
    assert {row["path"] for row in rows if row["phase"] == "cleanup"} == first
    assert {row["path"] for row in rows if row["phase"] == "golden-path"} == second - first
    assert keys == sorted(keys, key=["cleanup", "golden-path", *set(keys)].index)
    page = ada.get(f"{AT}my-work/").content.decode()
    assert page.count("overdue</span>") == (1 if first else 0)


def test_the_csv_file_and_the_api_have_the_same_columns_and_rows(ada: Client, netra: World) -> None:
    patched(netra, netra.standing[0].file, 1)

    rows, answer = table(ada), ada.get(f"{API}?limit=200").json()

    assert list(rows[0]) == [column.name for column in COLUMNS]
    assert set(answer["next"][0]) == {column.name for column in COLUMNS} | {"file"}
    assert [row["path"] for row in rows] == [row["path"] for row in answer["next"]]
    for shown, row in zip(answer["next"], rows, strict=True):
        for name in ("phase", "size", "due", "patch_fixes", "violations"):
            assert row[name] == ("" if shown[name] is None else str(shown[name]))


def test_claimed_files_have_the_same_fields(ada: Client, netra: World) -> None:
    file = netra.standing[0].file
    until = timezone.now() + timedelta(days=9)
    Claim.objects.create(file=file, person=User.objects.get(username="ada"), until=until)
    patched(netra, file, file.violations)

    (row,) = ada.get(API).json()["mine"]

    assert (row["path"], row["claimed_by"], row["size"]) == (file.path, "ada", "none")
    assert paths(ada, place="mine") == [file.path]
    page = ada.get(f"{AT}my-work/").content.decode()
    assert "patch only" in page
    assert f'aria-label="View patch: {file.path}"' in page


def test_a_file_without_a_patch_says_whether_one_was_looked_for(ada: Client, netra: World) -> None:
    first, second = netra.standing[0].file, netra.standing[-1].file
    assert first != second
    patched(netra, first, 0)
    for page in ("my-work/", "files/"):
        shown = ada.get(f"{AT}{page}").content.decode()
        assert shown.count("no patch possible") == 1
        assert f'aria-label="Compute the patch for {second.path}"' in shown
        assert f'aria-label="Compute the patch for {first.path}"' not in shown


def test_one_action_claims_one_file_whatever_is_selected(ada: Client, netra: World) -> None:
    one, *others = {v.file for v in netra.standing}

    ada.post(f"{AT}claims/", {"only": one.pk, "file": [other.pk for other in others]})

    assert list(Claim.objects.values_list("file", flat=True)) == [one.pk]


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("path", lambda row: row["path"]),
        ("violations", lambda row: int(row["violations"])),
        ("size", lambda row: ("none", "small", "medium", "large").index(row["size"])),
        ("patch", lambda row: -int(row["patch_fixes"] or 0)),
        ("owner", lambda row: row["owners"]),
    ],
)
def test_each_order_sorts_the_files_of_each_phase(ada: Client, netra: World, sort: str, key: Any) -> None:
    patched(netra, netra.standing[-1].file, 1)
    for name, backwards in ((sort, False), (f"-{sort}", True)):
        rows = table(ada, f"?sort={name}")
        groups = [row["phase"] for row in rows]
        assert [row["path"] for row in rows] == paths(ada, f"?sort={name}")
        assert groups == [row["phase"] for row in table(ada)]
        for group in set(groups):
            shown = [key(row) for row in rows if row["phase"] == group]
            assert shown == sorted(shown, reverse=backwards)


def test_the_phases_can_be_listed_backwards(ada: Client, netra: World) -> None:
    keys = list(dict.fromkeys(row["phase"] for row in table(ada)))

    assert list(dict.fromkeys(row["phase"] for row in table(ada, "?sort=-due"))) == keys[::-1]


def test_each_filter_narrows_page_csv_and_api_alike(ada: Client, netra: World) -> None:
    file = netra.standing[0].file
    patched(netra, file, 1)
    phase = netra.standing[0].phases[0]
    everything = {row["path"] for row in table(ada)}
    wanted = {
        "patch=yes": {file.path},
        "patch=no": everything - {file.path},
        f"phase={phase}": by_phase(netra, phase),
        f"size={size_of(file.violations - 1)}": None,
        "phase=of-no-plan": set(),
        "size=huge": set(),
    }
    for query, files in wanted.items():
        shown = set(paths(ada, f"?{query}")) if files else None
        answer = ada.get(f"{API}?limit=200&{query}")
        if query == "size=huge":
            assert (answer.status_code, ada.get(f"{AT}my-work.csv?{query}").status_code) == (422, 422)
            assert "is not a valid value" in ada.get(f"{AT}my-work/?{query}").content.decode()
            continue
        listed = {row["path"] for row in answer.json()["next"]}
        assert listed == {row["path"] for row in table(ada, f"?{query}")}
        assert files is None or listed == files, query
        assert shown is None or shown == listed


def test_a_page_begins_after_a_row_even_if_others_are_claimed_meanwhile(
    ada: Client, netra: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_work, "PAGE", 2)
    everything = [row["path"] for row in table(ada)]
    assert len(everything) > 4
    page = ada.get(f"{AT}my-work/").content.decode()
    following = re.findall(r'rel="next"\s+href="([^"]*)"', page)[0].replace("&amp;", "&")
    first = File.objects.get(path=everything[0])
    until = timezone.now() + timedelta(days=9)
    Claim.objects.create(file=first, person=User.objects.create_user("ben"), until=until)

    assert paths(ada) == everything[1:3]
    assert paths(ada, following) == everything[2:4]
    back = ada.get(f"{AT}my-work/{following}").content.decode()
    previous = re.findall(r'rel="prev"\s+href="([^"]*)"', back)[0].replace("&amp;", "&")
    assert paths(ada, previous) == everything[1:2]
    gone = "?below=999999999.2"
    assert paths(ada, gone) == everything[3:5]


def test_the_list_of_files_has_a_column_and_a_filter_for_patches(ada: Client, netra: World) -> None:
    file = netra.standing[0].file
    patched(netra, file, 1)

    page = ada.get(f"{AT}files/?patch=yes").content.decode()

    assert "<strong>1</strong> file" in page
    assert f"files/{file.pk}/#patch" in page
    rows = ada.get("/api/v1/repositories/netra/files?patch=yes").json()["items"]
    assert [row["path"] for row in rows] == [file.path]
    without = b"".join(ada.get(f"{AT}files.csv?patch=no")).decode()
    assert file.path not in without
    assert "is not a valid value" in ada.get(f"{AT}files/?patch=zzz").content.decode()
