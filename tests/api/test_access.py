"""Who gets in: tokens of every kind over HTTP, and errors as problem details."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from compliance.models import Token
from tests.api.conftest import Send, give
from tests.views.cast import World, world


def test_a_token_reads_its_repository(send: Send, netra: World, person: User) -> None:
    answer = send("GET", "netra", give(person, "read", netra.repository))

    assert answer.status == 200
    assert answer.body["head"] == netra.head.sha
    used = Token.objects.get().used_at
    assert used is not None
    assert timezone.now() - used < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("words", "header"),
    [
        ("Send a token", ""),
        ("must be “Bearer", "Basic YWRhOmFkYQ=="),
        ("Unknown token", "Bearer ssot_guessed"),
        ("Unknown token", "Bearer"),
        ("Unknown token", "Bearer \xff\xfe"),
    ],
)
def test_without_a_token_nothing_is_said(
    send: Send, netra: World, person: User, words: str, header: str
) -> None:
    answer = send("GET", "netra", **({"Authorization": header} if header else {}))

    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert (answer.body["title"], answer.body["status"]) == ("Unauthorized", 401)
    assert words in answer.body["detail"]


def test_a_token_ends(send: Send, netra: World, person: User) -> None:
    past = timezone.now() - timedelta(seconds=1)
    expired = send("GET", "netra", give(person, "read", expires_at=past))
    revoked = send("GET", "netra", give(person, "read", revoked_at=past))
    good = give(person, "read")
    User.objects.filter(pk=person.pk).update(is_active=False)
    left = send("GET", "netra", good)

    assert [answer.status for answer in (expired, revoked, left)] == [401] * 3
    assert "expired at" in expired.body["detail"]
    assert "revoked" in revoked.body["detail"]
    assert "is closed" in left.body["detail"]


def test_a_token_of_one_repository_sees_no_other(send: Send, netra: World, person: User) -> None:
    other = world("other", files=4, commits=3)
    token = give(person, "write", other.repository)

    theirs, none = send("GET", "netra", token), send("GET", "nowhere", token)

    assert (theirs.status, none.status) == (404, 404)
    assert theirs.body["detail"].replace("netra", "nowhere") == none.body["detail"]
    assert send("GET", "other", token).status == 200


def test_a_token_does_what_its_scope_says(send: Send, netra: World, person: User) -> None:
    assert send("GET", "netra", give(person, "write")).status == 200
    refused = send("GET", "netra", give(person, "evidence"))

    assert refused.status == 403
    assert "scope “read”" in refused.body["detail"]


def test_every_error_is_a_problem(send: Send, netra: World, person: User) -> None:
    token = give(person, "write")

    answers = [send("DELETE", "netra", token)]
    answers += [send("GET", path, token) for path in ("netra/nothing/here", "a%0Ab/waivers/x")]

    assert [answer.status for answer in answers] == [405, 404, 404]
    assert all(answer.headers["Content-Type"] == "application/problem+json" for answer in answers)
    assert answers[0].headers["Allow"] == "GET"


def test_a_body_is_bounded_before_it_is_read(send: Send, netra: World, person: User) -> None:
    token = give(person, "write")

    chunked = send("POST", "netra", token, b"", Transfer_Encoding="chunked")
    huge = send("POST", "netra", token, b"x", Content_Length=str(26 * 1024 * 1024))
    large = send("POST", "netra", token, b"x" * (1024 * 1024 + 1), Content_Type="application/json")

    assert [answer.status for answer in (chunked, huge, large)] == [411, 413, 413]
    assert "25 MB" in huge.body["detail"]


def test_the_audit_trail_records_tokens_without_secrets(send: Send, netra: World, person: User) -> None:
    secret = give(person, "read")
    send("GET", "netra", secret)
    Token.objects.update(revoked_at=timezone.now())

    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_label FROM compliance_tokenevent ORDER BY pgh_id")
        assert [label for (label,) in cursor.fetchall()] == ["insert", "used", "update"]
        for table in ("compliance_token", "compliance_tokenevent"):
            cursor.execute(f"SELECT t::text FROM {table} AS t")
            assert not any(secret[12:] in row for (row,) in cursor.fetchall())
