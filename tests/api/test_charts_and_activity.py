"""Reading what stands beside the figures: charts, regressions, evidence, work done, who did what."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.accounts.roles import Role
from compliance.accounts.roles import give as give_role
from compliance.evidence import receive_measurement
from compliance.models import Change, Delivery, FileState, Marker, RejectedDelivery
from compliance.progress.regressions import regressions
from compliance.work import notes
from tests.api.conftest import Send, give
from tests.api.factories import whole
from tests.evidence.conftest import furnish, hand_in, mission
from tests.views.cast import World, world


@pytest.fixture
def netra(transactional_db: None) -> World:
    return furnish(world())


@pytest.fixture
def token(netra: World, person: User) -> str:
    return give(person, "read")


@pytest.mark.parametrize(
    "query", ["", "measure=violations&by=phase", "measure=files&range=30d", "from=2020-01-01&to=2020-02-01"]
)
def test_a_chart_has_the_numbers_of_its_page(send: Send, netra: World, token: str, query: str) -> None:
    client = Client()
    client.force_login(User.objects.get(username="ada"))

    told = send("GET", f"netra/charts/trend?{query}", token).body

    assert told == client.get(f"/repositories/netra/charts/trend.json?{query}").json()
    assert bool(told["points"]) is ("2020" not in query)


def test_a_thinned_chart_says_so_and_can_be_read_whole(
    send: Send, netra: World, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        netra.commit(f"Change {number}")
    monkeypatch.setattr("compliance.charts.trend.MOST", 4)
    some = send("GET", "netra/charts/trend", token).body
    every = send("GET", "netra/charts/trend?whole=true", token).body

    shown, of = len(some["points"]), some["commits"]
    assert shown < of == len(every["points"]) == every["commits"]
    assert f"{shown} of {of} commits are drawn" in some["notes"][0]
    assert not any("commits are drawn" in note for note in every["notes"])
    assert len({commit for *_, commit in every["points"]}) == of
    assert send("GET", "netra/charts/trend?whole=perhaps", token).status == 422


@pytest.mark.parametrize("query", ["measure=beauty", "by=person", "range=2y", "from=yesterday", "ghost=0"])
def test_a_chart_that_is_not_there_is_refused(send: Send, token: str, query: str) -> None:
    assert send("GET", f"netra/charts/trend?{query}", token).status == 422
    assert send("GET", "netra/charts/nothing", token).status == 404
    assert send("GET", "netra/charts/phases", token).body["rows"]


def test_regressions_are_paginated(send: Send, netra: World, token: str) -> None:
    for number in range(2, 5):
        netra.commit(f"Break {number}", breaks=(netra.files[number],))

    found = whole(send, token, "netra/regressions", 2)

    expected = regressions(netra.repository, most=None)
    assert [(row["sha"], row["files"], row["standing"]) for row in found] == [
        (row["sha"], row["files"], row["standing"]) for row in expected
    ]
    assert len(found) == Change.objects.filter(regression=True).values("commit").distinct().count() == 4


def test_a_page_of_what_broke_reads_the_commits_of_that_page_alone(netra: World, token: str) -> None:
    for number in range(2, 8):
        netra.commit(f"Break {number}", breaks=(netra.files[number],))

    with CaptureQueriesContext(connection) as asked:
        told = (
            Client()
            .get(
                "/api/v1/repositories/netra/regressions?limit=2", headers={"Authorization": f"Bearer {token}"}
            )
            .json()
        )

    assert [row["subject"] for row in told["items"]] == ["Break 7", "Break 6"]
    reading = [query["sql"] for query in asked if "compliance_change" in query["sql"]]
    with connection.cursor() as cursor:
        for sql in reading:
            cursor.execute(sql)
            assert len(cursor.fetchall()) <= 3, sql
    assert len(reading) == 1


def test_a_file_tells_how_it_came_here(send: Send, netra: World, token: str) -> None:
    file = netra.standing[0].file

    told = send("GET", f"netra/files/{file.pk}/history", token).body

    assert told["counts"][0]["violations"] == file.violations
    assert (told["claims"], told["owners"], told["pull_requests"]) == ([], [], [])


def test_suppressed_ones_tell_their_age(send: Send, netra: World, token: str) -> None:
    violation = netra.violation(netra.files[5], 3, netra.head)
    violation.suppressed, violation.reason = True, "Only typing"
    violation.save()

    (found,) = send("GET", "netra/findings?state=suppressed", token).body["items"]

    assert (found["reason"], found["introduced_by"]) == ("Only typing", netra.head.author_name)
    assert found["introduced_at"].startswith(f"{netra.head.committed_at:%Y-%m-%d}")


def test_evidence_that_came_in_is_listed(send: Send, netra: World, token: str) -> None:
    hand_in(netra, mission(3, test_x="failure"))
    receive_measurement(netra.repository, netra.head.sha, "added_ms", 41.5, "ms")

    suites = send("GET", "netra/suite-results?name=mission", token).body["items"]
    (value,) = send("GET", "netra/measurements", token).body["items"]

    assert [(row["passed"], row["failed"], row["recorded"]) for row in suites] == [(3, 1, True)]
    assert suites[0]["failing"]
    assert value["recorded"]
    assert (value["name"], value["value"], value["unit"]) == ("added_ms", 41.5, "ms")
    assert send("GET", "netra/measurements?name=other", token).body["items"] == []


def test_evidence_for_a_commit_that_is_not_recorded_yet_says_so(send: Send, netra: World, token: str) -> None:
    hand_in(netra, mission(3), "f" * 40)
    receive_measurement(netra.repository, "f" * 40, "added_ms", 41.5, "ms")

    for place in ("suite-results", "measurements"):
        (row,) = send("GET", f"netra/{place}", token).body["items"]
        assert row["recorded"] is False


def test_deliveries_and_unread_files(send: Send, netra: World, token: str) -> None:
    Delivery.objects.create(
        repository=netra.repository, source="github", delivery_id="7", event="push", payload={"key": "secret"}
    )

    (delivery,) = send("GET", "netra/deliveries", token).body["items"]
    RejectedDelivery.objects.create(
        repository=netra.repository, provider="gitlab", address="/x/", status=401, reason="no token"
    )
    (rejected,) = send("GET", "netra/rejected-deliveries", token).body["items"]
    (unread,) = send("GET", "netra/unread", token).body["items"]

    assert (rejected["provider"], rejected["status"], rejected["reason"]) == ("gitlab", 401, "no token")
    assert (delivery["event"], "payload" in delivery) == ("push", False)
    state = FileState.objects.exclude(unparsed="").get()
    assert (unread["path"], unread["line"]) == (state.file.path, 41)
    assert send("GET", f"netra/commits/{netra.head.sha}/unread", token).body["items"] == [unread]


def deeds(send: Send, token: str, query: str = "") -> list[dict[str, Any]]:
    """The trail to its end, three deeds a page."""
    found, address = [], f"/activity?limit=3{query}"
    while address:
        answer = send("GET", address, token)
        assert answer.status == 200, answer.body
        found += answer.body["items"]
        address = (answer.body["next"] or "").removeprefix("/api/v1")
    return found


def test_the_trail_is_read_to_its_end_while_more_is_done(
    send: Send, netra: World, person: User, token: str
) -> None:
    for number in range(7):
        notes.write(netra.head, person, f"Note {number}")
    before = deeds(send, token, "&kind=note")
    first = send("GET", "/activity?limit=3&kind=note", token).body
    notes.write(netra.head, person, "One more")
    rest = send("GET", first["next"].removeprefix("/api/v1"), token).body

    assert [row["what"] for row in before] == [f"Note {number}" for number in reversed(range(7))]
    assert [row["what"] for row in first["items"] + rest["items"]] == [row["what"] for row in before[:6]]
    assert deeds(send, token, "&person=nobody") == []
    assert deeds(send, token, "&until=2020-01-01") == []
    today = timezone.localdate()
    noted = deeds(send, token, f"&kind=note&since={today - timedelta(days=1)}&until={today}")
    assert len(noted) == len(deeds(send, token, "&kind=note"))
    assert send("GET", "/activity?cursor=zz", token).status == 422


def test_the_trail_of_accounts_is_for_administrators(send: Send, netra: World, token: str) -> None:
    mia = User.objects.create_user("mia")
    give_role(mia, Role.MANAGER)
    Marker.objects.create(repository=netra.repository, kind="note", at=netra.head.committed_at, text="x")

    kinds = {row["kind"] for row in deeds(send, give(mia, "read"))}

    assert "note" in kinds
    assert not kinds & {"account", "role", "invitation", "way in"}
    assert "account" in {row["kind"] for row in deeds(send, token)}
    assert send("GET", "/activity", give(mia, "read", netra.repository)).status == 403
