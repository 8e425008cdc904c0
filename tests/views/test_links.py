"""Public links: made and revoked by managers, opening one overview to anyone and nothing else."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from compliance.accounts import public_links
from compliance.accounts.roles import Role, give
from compliance.models import Commit, Marker, PublicLink
from tests.views.cast import World, world
from tests.views.conftest import Counted

PAGE = "/repositories/netra/share/"


@pytest.fixture
def mia(db: None) -> Client:
    """A manager."""
    person = User.objects.create_user("mia", email="mia@example.org")
    give(person, Role.MANAGER)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def link(netra: World) -> PublicLink:
    return public_links.make(netra.repository, None, name="the board")


def test_a_manager_makes_a_link_that_anyone_can_read(mia: Client, client: Client, netra: World) -> None:
    until = timezone.localdate() + timedelta(days=3)
    assert mia.post(f"{PAGE}links/", {"name": "Wiki", "until": until.isoformat()}).status_code == 302

    made = PublicLink.objects.get()
    assert (made.name, made.until, made.person) == ("Wiki", until, User.objects.get(username="mia"))
    page = mia.get(PAGE).content.decode()
    assert f"http://testserver/shared/{made.key}/" in page
    answer = client.get(f"/shared/{made.key}/")
    assert answer.status_code == 200
    assert "Agent factory of netra" in answer.content.decode()


def test_the_key_is_not_in_the_database(link: PublicLink) -> None:
    public_links.revoke(link)
    with connection.cursor() as cursor:
        for table in ("compliance_publiclink", "compliance_publiclinkevent"):
            cursor.execute(f"SELECT t::text FROM {table} AS t")
            told = "\n".join(row for (row,) in cursor.fetchall())
            assert told
            assert link.key not in told
        assert link.digest not in told, "the trail"


def test_making_and_revoking_are_in_the_trail_and_looking_is_not(client: Client, link: PublicLink) -> None:
    client.get(f"/shared/{link.key}/")
    public_links.revoke(link)

    trail = PublicLink.pgh_event_model.objects.order_by("pgh_id")  # type: ignore[attr-defined]
    assert [row.pgh_label for row in trail] == ["insert", "update"]
    with pytest.raises(DatabaseError), transaction.atomic():
        trail.all().delete()


def test_a_link_that_is_revoked_over_or_unknown_opens_nothing(client: Client, link: PublicLink) -> None:
    over = public_links.make(link.repository, None, until=timezone.localdate() - timedelta(days=1))
    today = public_links.make(link.repository, None, until=timezone.localdate())
    assert client.get(f"/shared/{today.key}/").status_code == 200
    assert client.get(f"/shared/{link.key}/").status_code == 200
    public_links.revoke(link)

    answers = [
        client.get(f"/shared/{key}/{part}")
        for key in (link.key, over.key, "A" * 43, "short", "x" * 5000)
        for part in ("", "trend.json", "badge.svg", "shields.json")
    ]
    assert client.get("/shared/%00/").status_code == 404, "no address holds a NUL"
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1, "they must not tell why"
    assert "This link is not valid" in answers[0].content.decode()
    assert answers[0].headers["Cache-Control"] == "no-store"
    assert "netra" not in answers[0].content.decode().lower()


def test_the_page_has_no_personal_data_no_form_and_no_way_in(client: Client, link: PublicLink) -> None:
    answer = client.get(f"/shared/{link.key}/")
    page = answer.content.decode()

    assert "@" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not any(name in page for name in ("Ada", "Ben", "by Cy"))
    assert "<form" not in page
    assert "/repositories/" not in page
    assert link.repository.url not in page
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert not answer.cookies


def test_it_shows_the_figures_of_the_overview(ada: Client, client: Client, link: PublicLink) -> None:
    inside = ada.get("/repositories/netra/").content.decode()
    outside = client.get(f"/shared/{link.key}/").content.decode()

    figure = re.search(r"summary-figure.*?([\d.]+%)", inside, re.DOTALL)
    assert figure
    assert f'<p class="summary-figure">{figure[1]}</p>' in outside
    for title in ("Phase 1: Golden Path", "Phase 3: Validation and cleanup", "#1274"):
        assert title in outside
    for title in ("Current pace", "Required pace"):
        assert title in inside
        assert title in outside


def test_subjects_and_authors_are_shown_only_if_the_link_says_so(
    mia: Client, client: Client, netra: World, link: PublicLink
) -> None:
    Marker.objects.create(
        repository=netra.repository,
        kind="note",
        at=netra.head.committed_at,
        commit=netra.head,
        text="Two joined the team",
    )
    mia.post(f"{PAGE}links/", {"name": "The team", "show_commits": "on"})
    open_link = PublicLink.objects.get(name="The team")
    assert open_link.show_commits
    assert "shows commit subjects and authors" in mia.get(PAGE).content.decode()

    (closed, closed_trend), (opened, opened_trend) = (
        [client.get(f"/shared/{key}/{part}").content.decode() for part in ("", "trend.json")]
        for key in (link.key, open_link.key)
    )
    for subject in Commit.objects.values_list("subject", flat=True):
        assert subject not in closed
        assert subject not in closed_trend
    assert "Bring the cache back" in opened
    assert "by Cy" in opened
    assert netra.head.subject in opened
    assert "introduced in 1 file" in closed_trend
    assert "Bring the cache back" in opened_trend
    assert "Two joined" not in closed + closed_trend + opened + opened_trend


def test_the_trend_of_a_link_has_the_points_target_forecast_and_events_of_the_overview(
    ada: Client, client: Client, link: PublicLink
) -> None:
    inside = ada.get("/repositories/netra/charts/trend.json").json()
    answer = client.get(f"/shared/{link.key}/trend.json")
    outside = answer.json()

    same = ("points", "target", "target_label", "forecast", "lines", "steps", "mark_counts")
    assert {name: outside[name] for name in same} == {name: inside[name] for name in same}
    assert [mark["kind"] for mark in outside["marks"]] == [mark["kind"] for mark in inside["marks"]]
    assert "open" not in outside["texts"]["commit"] + outside["texts"]["enter_opens"]
    etag = answer.headers["ETag"]
    again = client.get(f"/shared/{link.key}/trend.json", headers={"If-None-Match": etag})
    assert again.status_code == 304


def test_a_public_page_hides_the_problem(client: Client, link: PublicLink) -> None:
    link.repository.trouble = "cannot read https://user:hunter2@git.internal/x"
    link.repository.save()

    page = client.get(f"/shared/{link.key}/").content.decode()
    assert "scanned at the moment" in page
    assert "git.internal" not in page


def test_unchanged_figures_are_answered_with_304(client: Client, netra: World, link: PublicLink) -> None:
    address = f"/shared/{link.key}/"
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    netra.commit("Fix one", fix=1)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_the_badge_is_under_the_same_key(client: Client, link: PublicLink) -> None:
    answer = client.get(f"/shared/{link.key}/badge.svg")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert b"<title>SSOT compliance: " in answer.content
    assert client.get(f"/shared/{link.key}/shields.json").json()["schemaVersion"] == 1


def test_a_key_opens_its_own_repository_alone(client: Client, link: PublicLink) -> None:
    world("second")
    page = client.get(f"/shared/{link.key}/").content.decode()
    assert "Agent factory of second" not in page
    assert client.get("/repositories/netra/").status_code == 302


def test_the_last_use_is_noted_and_not_at_every_look(
    client: Client, link: PublicLink, counted: Counted
) -> None:
    client.get(f"/shared/{link.key}/badge.svg")
    first = PublicLink.objects.get().last_used_at
    assert first
    client.get(f"/shared/{link.key}/badge.svg")
    assert PublicLink.objects.get().last_used_at == first


def test_the_page_costs_a_fixed_number_of_queries(client: Client, link: PublicLink, counted: Counted) -> None:
    with counted() as queries:
        client.get(f"/shared/{link.key}/")
    assert len(queries) <= 15


def test_only_managers_see_make_and_revoke(ben: Client, link: PublicLink) -> None:
    give(User.objects.get(username="ben"), Role.ENGINEER)

    assert link.key not in ben.get(PAGE).content.decode()
    assert ben.post(f"{PAGE}links/").status_code == 403
    assert ben.post(f"{PAGE}links/{link.pk}/revoke/").status_code == 403
    assert ben.get(f"{PAGE}links.csv").status_code == 403
    assert PublicLink.objects.get().revoked_at is None


def test_a_revoked_link_leaves_the_page_and_stays_in_the_spreadsheet(mia: Client, link: PublicLink) -> None:
    mia.post(f"{PAGE}links/{link.pk}/revoke/")

    assert link.key not in mia.get(PAGE).content.decode()
    text = b"".join(mia.get(f"{PAGE}links.csv").streaming_content).decode()  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["name"] == "the board"
    assert row["revoked_at"]
    assert link.key not in text
    assert mia.post(f"/repositories/nowhere/share/links/{link.pk}/revoke/").status_code == 404


def test_a_day_that_is_over_is_said_beside_its_field_and_nothing_is_lost(mia: Client, netra: World) -> None:
    answer = mia.post(f"{PAGE}links/", {"name": "The wiki", "until": "2020-02-02"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This date is in the past" in page
    assert 'value="The wiki"' in page
    assert mia.post(f"{PAGE}links/", {"until": "soon"}).status_code == 422
    assert mia.post(f"{PAGE}links/", {"name": "x" * 101}).status_code == 422
    assert not PublicLink.objects.exists()
