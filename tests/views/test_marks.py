"""The marks of the trend: notes that managers write and take off, and what follows from the records."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.models import Marker
from tests.views.cast import World
from tests.views.conftest import Counted

PAGE = "/repositories/netra/marks/"
CHART = "/repositories/netra/charts/trend.json"


@pytest.fixture
def mia(db: None) -> Client:
    user = User.objects.create_user("mia")
    give(user, Role.MANAGER)
    client = Client()
    client.force_login(user)
    return client


def drawn(client: Client, query: str = "") -> list[dict[str, Any]]:
    return json.loads(client.get(CHART + query).content)["marks"]  # type: ignore[no-any-return]


def test_a_manager_writes_a_note_at_a_commit(mia: Client, netra: World) -> None:
    commit = netra.repository.commits.get(position=5)

    answer = mia.post(PAGE, {"text": "Two people joined", "commit": commit.sha[:9]}, follow=True)

    assert f"The note was added to the trend at {commit.sha[:10]}." in answer.content.decode()
    note = Marker.objects.get()
    assert (note.commit, note.at, note.person) == (commit, commit.committed_at, User.objects.get())
    (mark,) = [mark for mark in drawn(mia) if mark["kind"] == "note"]
    assert (mark["text"], mark["commit"]) == ("Two people joined", commit.sha[:12])
    assert mark["at"] == int(commit.committed_at.timestamp())


def test_a_note_without_a_commit_belongs_to_the_newest(mia: Client, netra: World) -> None:
    mia.post(PAGE, {"text": "Holidays", "commit": ""})

    assert Marker.objects.get().commit == netra.head


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"text": "", "commit": ""}, "This field is required."),
        ({"text": "x" * 501}, "at most 500 characters"),
        ({"text": "x", "commit": "abc"}, "at least the first seven digits"),
        ({"text": "x", "commit": "feedfacefeed"}, "No recorded commit begins with feedfacefeed."),
    ],
)
def test_an_invalid_note_is_explained_and_kept_in_the_form(
    mia: Client, netra: World, sent: dict[str, str], words: str
) -> None:
    answer = mia.post(PAGE, sent)

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Marker.objects.exists()


def test_a_manager_takes_a_note_off_and_nothing_else(mia: Client, netra: World) -> None:
    mia.post(PAGE, {"text": "Holidays"})
    note = Marker.objects.get()
    tag = Marker.objects.create(
        repository=netra.repository, kind="tag", at=netra.head.committed_at, commit=netra.head, text="v1"
    )
    seen = mia.get(CHART).headers["ETag"]

    assert mia.post(f"{PAGE}{tag.pk}/remove/").status_code == 404
    assert mia.get(f"{PAGE}{note.pk}/remove/").status_code == 405
    mia.post(f"{PAGE}{note.pk}/remove/")

    assert [mark.kind for mark in Marker.objects.all()] == ["tag"]
    assert mia.get(CHART, headers={"If-None-Match": seen}).status_code == 200


def test_the_trail_tells_of_notes_and_of_no_other_mark(mia: Client, netra: World) -> None:
    mia.post(PAGE, {"text": "Holidays"})
    mia.post(f"{PAGE}{Marker.objects.get().pk}/remove/")
    tag = {"repository": netra.repository, "kind": "tag", "at": netra.head.committed_at, "text": "v1"}
    Marker.objects.create(**tag).delete()

    told = [deed for deed in mia.get("/activity/").context["deeds"] if deed["kind"] == "note"]
    assert {(deed["deed"], deed["person"], deed["what"], deed["repository"]) for deed in told} == {
        ("made", "mia", "Holidays", "netra"),
        ("taken away", "mia", "Holidays", "netra"),
    }
    assert len(told) == 2


def test_others_see_the_marks_and_write_none(ben: Client, netra: World) -> None:
    note = Marker.objects.create(
        repository=netra.repository, kind="note", at=netra.head.committed_at, commit=netra.head, text="Rest"
    )

    page = ben.get(PAGE).content.decode()
    assert "Rest" in page
    assert "Add note" not in page
    assert ben.post(PAGE, {"text": "mine"}).status_code == 403
    assert ben.post(f"{PAGE}{note.pk}/remove/").status_code == 403
    assert Marker.objects.count() == 1


def test_the_list_has_every_kind_and_is_narrowed_by_the_address(mia: Client, netra: World) -> None:
    at = netra.head.committed_at
    for kind in Marker.Kind.values:
        Marker.objects.create(
            repository=netra.repository, kind=kind, at=at, commit=netra.head, text=f"one {kind}"
        )
    sheet = b"".join(mia.get("/repositories/netra/marks.csv").streaming_content)  # type: ignore[attr-defined]

    rows = list(csv.DictReader(io.StringIO(sheet.decode())))

    assert {row["kind"] for row in rows} == {"regression", *Marker.Kind.values}
    assert {mark["kind"] for mark in drawn(mia)} == {"regression", *Marker.Kind.values}
    assert "one plan changed" in mia.get(f"{PAGE}?kind=plan+changed").content.decode()
    assert "one note" not in mia.get(f"{PAGE}?kind=plan+changed").content.decode()
    assert "No matching events" in mia.get(f"{PAGE}?kind=nonsense").content.decode()


def test_marks_follow_the_range_of_the_line(mia: Client, netra: World) -> None:
    commit = netra.repository.commits.get(position=3)
    mia.post(PAGE, {"text": "Early", "commit": commit.sha})
    next_day = (commit.committed_at + timedelta(days=1)).date()

    assert "Early" not in [mark["text"] for mark in drawn(mia, f"?from={next_day}")]
    assert "Early" in [mark["text"] for mark in drawn(mia, f"?to={next_day}")]
    mia.post(PAGE, {"text": "Late"})
    assert "Late" in [mark["text"] for mark in drawn(mia, f"?from={next_day}")]
    assert "Late" not in [mark["text"] for mark in drawn(mia, f"?to={next_day}")]


def test_words_of_a_note_are_inert_and_light(mia: Client, netra: World) -> None:
    mia.post(PAGE, {"text": "<script>alert(1)</script>" + "y" * 400})

    assert "<script>alert(1)" not in mia.get(PAGE).content.decode()
    assert b"<script>" not in mia.get("/repositories/netra/charts/trend.svg").content
    (mark,) = [mark for mark in drawn(mia) if mark["kind"] == "note"]
    assert len(mark["text"]) == 100


def test_the_list_costs_the_same_queries_for_any_number(mia: Client, netra: World, counted: Counted) -> None:
    mia.post(PAGE, {"text": "one"})
    mia.get(PAGE)  # shows the message of the first note
    with counted() as few:
        mia.get(PAGE)
    Marker.objects.bulk_create(
        Marker(repository=netra.repository, kind="tag", at=netra.head.committed_at, text=f"v{n}")
        for n in range(300)
    )
    with counted() as many:
        mia.get(PAGE)

    assert len(few) == len(many) <= 15
    assert len([mark for mark in drawn(mia) if mark["kind"] == "tag"]) == 100
