"""The commits, and one commit: what it did, with the code."""

import csv
import io
import re

from django.test import Client

from compliance.models import Change, Commit, Marker, Snapshot
from tests.views.cast import World, world
from tests.views.conftest import Counted

PAGE = "/repositories/netra/commits/"


def page_of(client: Client, commit: Commit) -> str:
    return client.get(f"{PAGE}{commit.sha}/").content.decode().replace("<wbr>", "")


def test_the_line_is_listed_newest_first(ada: Client, netra: World) -> None:
    shown = re.findall(r"commits/([0-9a-f]{40})/", ada.get(PAGE).content.decode())
    line = netra.repository.commits.order_by("-position").values_list("sha", flat=True)

    assert shown == list(line)


def test_commits_without_an_effect_can_be_left_out(ada: Client, netra: World) -> None:
    netra.commit("Write the readme")

    assert "Write the readme" in ada.get(PAGE).content.decode()
    assert "Write the readme" not in ada.get(f"{PAGE}?effect=yes").content.decode()


def test_a_commit_that_only_suppresses_or_restores_has_an_effect(ada: Client, netra: World) -> None:
    for subject, column in (("Silence", "newly_suppressed"), ("Speak", "restored"), ("Shift", "moved")):
        commit = netra.commit(f"{subject} it")
        Snapshot.objects.filter(commit=commit).update(**{column: 2})

    shown = ada.get(f"{PAGE}?effect=yes").content.decode()

    assert "Silence it" in shown
    assert "Speak it" in shown
    assert "Shift it" not in shown


def test_each_figure_of_a_commit_is_in_its_own_column(ada: Client, netra: World) -> None:
    Snapshot.objects.filter(commit=netra.head).update(
        fixed=11, newly_suppressed=22, new=33, restored=44, moved=55
    )

    row = ada.get(PAGE).content.decode().partition("<tbody>")[2].partition("</tr>")[0]

    columns = dict(re.findall(r'<td data-label="(\w+)"(.*?)</td>', row, re.DOTALL))
    words = {name: re.sub(r"<[^>]+>", " ", f"<{cell}").split() for name, cell in columns.items()}
    assert [" ".join(words[name]) for name in ("Fixed", "Introduced", "Moved")] == [
        "11 +22 suppressed",
        "33 +44 counted again",
        "55",
    ]


def test_the_csv_has_every_commit_with_its_figures(ada: Client, netra: World) -> None:
    answer = ada.get("/repositories/netra/commits.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    snapshots = Snapshot.objects.order_by("-commit__position")

    assert [int(row["clean"]) for row in rows] == [s.clean for s in snapshots]
    assert [row["commit"] for row in rows] == [s.commit.sha for s in snapshots]


def test_a_commit_shows_the_figure_before_and_after(ada: Client, netra: World) -> None:
    commit = netra.commit("Migrate the last", fix=len(netra.standing))
    before = Snapshot.objects.get(commit__position=commit.position - 1)  # type: ignore[operator]

    page = page_of(ada, commit)

    assert f'<span class="before">{1000 * before.clean // before.files / 10:.1f}%</span>' in page
    assert "100.0%" in page


def test_the_first_read_commit_does_not_guess_what_came_before(ada: Client, netra: World) -> None:
    Commit.objects.filter(position__lt=5).delete()

    page = page_of(ada, Commit.objects.get(position=5))

    assert 'class="before"' not in page
    assert "previous commit pending" in page


def test_new_and_fixed_violations_are_shown_with_their_code(ada: Client, netra: World) -> None:
    page = page_of(ada, netra.head)

    assert "netra/app/agents/part_1/module_1.py:7" in page
    assert "factory = get_agent_instance_factory()  # 7" in page
    assert "file was clean" in page


def test_a_moved_place_shows_both_places_and_how_it_is_known(ada: Client, netra: World) -> None:
    change = Change.objects.filter(commit=netra.head)
    change.update(
        kind="moved", rung="scope", old_path="old/place.py", old_line=3, old_snippet="x = old_code()"
    )

    page = page_of(ada, netra.head)

    assert "old/place.py:3" in page
    assert "x = old_code()" in page
    assert "the same function with changed code" in page


def test_unread_files_are_listed_for_the_commits_they_concern(ada: Client, netra: World) -> None:
    netra.plan.file_states.exclude(unparsed="").update(first=3, last=6)

    assert "a bracket is never closed" in page_of(ada, Commit.objects.get(position=6))
    assert "a bracket is never closed" not in page_of(ada, Commit.objects.get(position=7))


def test_the_neighbours_on_the_line_are_one_click_away(ada: Client, netra: World) -> None:
    page = page_of(ada, Commit.objects.get(position=6))

    assert f"{PAGE}{Commit.objects.get(position=5).sha}/" in page
    assert f"{PAGE}{Commit.objects.get(position=7).sha}/" in page


def test_a_short_name_is_enough(ada: Client, netra: World) -> None:
    assert ada.get(f"{PAGE}{netra.head.sha[:10]}/").status_code == 200


def test_an_unknown_commit_is_not_found(ada: Client, netra: World) -> None:
    assert ada.get(f"{PAGE}{'0' * 40}/").status_code == 404
    assert ada.get(f"{PAGE}%00/").status_code == 404
    assert ada.get(f"{PAGE}abc/").status_code == 404


def test_a_commit_that_a_force_push_took_away_says_so(ada: Client, netra: World) -> None:
    Commit.objects.filter(position=5).update(position=None)
    lost = Commit.objects.get(position=None)

    assert "removed from the branch by a force push" in page_of(ada, lost)


def test_code_and_subjects_from_outside_are_inert(ada: Client, netra: World) -> None:
    mark = "<img src=x onerror=alert(1)>"
    Change.objects.update(snippet=mark, path=mark)
    Commit.objects.update(subject=mark)

    assert mark not in page_of(ada, netra.head)
    assert mark not in ada.get(PAGE).content.decode()


def test_queries_do_not_grow_with_the_line(ada: Client, netra: World, counted: Counted) -> None:
    large = world("large", files=200, commits=60)
    large.commit("Migrate many", fix=40)
    for address, twin in (
        (PAGE, "/repositories/large/commits/"),
        (f"{PAGE}{netra.head.sha}/", f"/repositories/large/commits/{large.head.sha}/"),
    ):
        with counted() as small:
            ada.get(address)
        with counted() as more:
            ada.get(twin)
        assert len(small) >= len(more) - 1
        assert len(more) <= 15


def test_a_long_list_of_changes_is_truncated_with_a_note_and_begins_with_new_violations(
    ada: Client, netra: World
) -> None:
    change = Change.objects.filter(commit=netra.head, kind="new").get()
    copies = []
    for line in range(400):
        change.pk, change.line, change.kind = None, line, "fixed"
        copies.append(Change(**{f.attname: getattr(change, f.attname) for f in Change._meta.fields}))
    Change.objects.bulk_create(copies)

    page = page_of(ada, netra.head)

    assert "Showing the first 300" in page
    assert page.count('class="place"') == 300
    new, fixed = (part.partition("</section>")[0] for part in page.split('id="new"')[1].split('id="fixed"'))
    assert new.count('class="place"') == 1
    assert "in the CSV file" not in new
    assert "101 more in the CSV file" in fixed


def test_a_commit_says_what_it_is_marked_with(ada: Client, netra: World) -> None:
    of = {"repository": netra.repository, "at": netra.head.committed_at}
    Marker.objects.create(**of, commit=netra.head, kind="note", text="Two people joined")
    Marker.objects.create(**of, kind="note", text="Of no commit")

    page = page_of(ada, netra.head)

    assert f"{PAGE[:-8]}marks/?kind=note" in page
    assert "Two people joined" in page
    assert "Of no commit" not in page
