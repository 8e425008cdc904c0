"""What the API checks before it reads a value: first who asks, then the address, then the body's size."""

import json

import pytest

from tests.api.conftest import Send, give
from tests.views.cast import World
from tests.views.furnished import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "netra/waivers?colour=red", {"glob": "a", "reason": "b"}),
        ("POST", "netra/marks?x=%00", {"text": "a"}),
        ("POST", "netra/marks", {"text": ["not a text"]}),
        ("POST", "netra/claims", {"paths": "a\0b"}),
        ("POST", "netra/claims", "not an object"),
        ("POST", f"netra/commits/{'a' * 40}/measurements?x=1", {"name": 1}),
    ],
)
def test_a_missing_scope_is_reported_before_other_errors(
    send: Send, netra: World, method: str, path: str, body: object
) -> None:
    manager = somebody("manager")
    refused = send(method, path, give(manager, "read"), body)
    assert refused.status == 403, refused.body
    assert "scope" in refused.body["detail"]
    assert send(method, path, give(manager), body).status == 422
    assert send(method, path, "", body).status == 401


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" * 200_000, "deeper than 50 levels"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "deeper than 50 levels"),
        (b'{"text": "x", "a": [' + b"[]," * 260_000 + b"[]]}", "more than 500,000 values"),
    ],
)
def test_a_body_of_many_or_deep_values_is_refused(send: Send, netra: World, body: bytes, words: str) -> None:
    answer = send("POST", "netra/marks", give(somebody("manager")), body, Content_Type="application/json")
    assert answer.status == 400, answer.body
    assert words in json.dumps(answer.body)


def test_the_number_of_a_draft_is_bounded_by_what_the_database_can_hold(send: Send, netra: World) -> None:
    address, token = "netra/plans/compare?from=1&draft=", give(somebody("manager"))
    assert send("GET", f"{address}{2**63 - 1}", token).status == 404
    assert send("GET", f"{address}{2**63}", token).status == 422
