"""What many readers ask for at the same time is drawn once, and is the same for each of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from compliance.accounts.roles import Role
from compliance.lib.single_flight import busy_threads, once
from compliance.models import Baseline, Claim
from tests.processes import wait
from tests.views.cast import World, world
from tests.views.conftest import Counted

READERS = 6
BURNUP = "/repositories/netra/charts/burnup.json"
LIVE = "/repositories/netra/live/?seen=-"
WAITING = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND wait_event_type = 'Lock' AND query LIKE %s"""


@contextmanager
def locked(model: type[Baseline]) -> Iterator[psycopg.Connection]:
    """Let nobody read a table, so that whoever draws from it waits."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f"LOCK TABLE {model._meta.db_table} IN ACCESS EXCLUSIVE MODE".encode())
        yield other


def waiting(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [f"%{table}%"])
        return int(cursor.fetchone()[0])


def ask(user: User, address: str) -> tuple[int, bytes]:
    try:
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        response = client.get(address)
        return response.status_code, response.content
    finally:
        connections.close_all()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_readers_of_a_changed_chart_wait_for_one_drawing() -> None:
    world()
    users = [User.objects.create_user(f"reader{number}") for number in range(READERS)]
    cache.clear()

    with ThreadPoolExecutor(READERS) as threads:
        with locked(Baseline):
            answers = [threads.submit(ask, user, BURNUP) for user in users]
            wait(lambda: busy_threads() == READERS)
            assert waiting("compliance_baseline") == 1
        answered = {answer.result() for answer in answers}

    assert [status for status, _ in answered] == [200]
    assert busy_threads() == 0


def test_a_drawing_that_fails_is_tried_again_by_the_next_reader() -> None:
    drawn = []

    def draw() -> str:
        drawn.append(1)
        if len(drawn) == 1:
            raise ConnectionError("Postgres is restarting")
        return "drawn"

    with pytest.raises(ConnectionError):
        once("a-chart", draw, 10)

    assert once("a-chart", draw, 10) == "drawn"
    assert once("a-chart", draw, 10) == "drawn"
    assert len(drawn) == 2
    assert busy_threads() == 0


def test_open_pages_of_readers_with_the_same_role_share_a_drawing(netra: World, counted: Counted) -> None:
    first, second = (reader(name) for name in ("first", "second"))
    with counted() as drawing:
        shown = first.get(LIVE)
    with counted() as shared:
        again = second.get(LIVE)

    assert again.content == shown.content
    assert again["HX-Trigger"] == shown["HX-Trigger"]
    assert again["X-Page-State"] == shown["X-Page-State"]
    assert len(shared) < len(drawing) - 8
    assert "forecast" not in " ".join(query["sql"] for query in shared.captured_queries)


def test_a_shared_drawing_is_left_behind_by_the_next_change(netra: World) -> None:
    before = reader("first").get(LIVE)
    netra.commit("Migrate", fix=1)
    after = reader("second").get(LIVE)

    assert after["X-Page-State"] != before["X-Page-State"]
    assert after.content != before.content


@pytest.mark.parametrize("role", list(Role))
def test_a_shared_drawing_is_what_the_reader_would_have_got_alone(netra: World, role: Role) -> None:
    """Nothing on it may depend on who reads it beyond the role, or somebody would see another one's page."""
    shown = []
    for name in ("first", "second"):
        cache.clear()
        shown.append(reader(name, role).get(LIVE).content)

    assert shown[0] == shown[1]


def test_what_only_one_reader_has_to_do_is_shown_to_nobody_else(netra: World) -> None:
    first, second = (reader(name) for name in ("first", "second"))
    soon = timezone.now() + timedelta(days=1)
    Claim.objects.create(file=netra.files[0], person=User.objects.get(username="first"), until=soon)

    shown, other, again = (client.get(LIVE).content.decode() for client in (first, second, first))

    assert "1 claim of yours ends within 3 days" in shown
    assert "of yours" not in other
    assert again == shown


def reader(name: str, role: Role = Role.VIEWER) -> Client:
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get_or_create(name=role.group)[0])
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client
