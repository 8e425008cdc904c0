"""Generated values through every address and every kind of file: no list, page, chart or CSV breaks."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import quoteattr

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from compliance.api.router import api
from compliance.models import Issue, Repository
from compliance.people.codeowners import Owners
from tests.generated import JSON, TEXTS, examples, replaced
from tests.integrations.sender import payload, send
from tests.views.furnished import Furnished, furnished, somebody, token_for
from tests.views.permissions import operations, rules

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

PAGES, CALLS = rules(), sorted(operations())
NAMES = (
    *("page", "sort", "kind", "at", "person", "since", "until", "state", "q", "folder", "owner", "path"),
    *(
        "status",
        "category",
        "rule",
        "risk",
        "phase",
        "issue",
        "who",
        "line",
        "measure",
        "by",
        "range",
        "from",
    ),
    *("to", "ghost", "draft", "version", "change", "seen", "cursor", "limit", "name", "next", "note", "text"),
)
HOOKS = ("issues__opened", "pull_request__synchronize", "push__one_commit", "issues__transferred")
PLAN_VALUES = ("Agent instance factory", "95.0", "production", "#1274", "2025-09-15", "critical", "manager")


@pytest.fixture
def world(settings: LazySettings) -> Furnished:
    settings.API_CALLS_AT_ONCE = settings.HOOKS_AT_ONCE = 1_000_000
    made = furnished(somebody("administrator"), files=4)
    Issue.objects.create(repository=made.netra.repository, key="#183", title="From the plan", order=9)
    return made


@pytest.fixture
def client(world: Furnished) -> Client:
    made = Client(raise_request_exception=False)
    made.force_login(User.objects.get(username="administrator"))
    return made


@pytest.fixture
def token(world: Furnished) -> str:
    return token_for(User.objects.get(username="administrator"), "write")


@pytest.fixture(autouse=True)
def _afterwards(world: Furnished, client: Client, token: str) -> Iterator[None]:
    """Every list, page, chart, CSV and call that reads answers, whatever the test has sent."""
    yield
    client.force_login(User.objects.get(username="administrator"))
    broken = [rule.name for rule in PAGES if rule.method == "GET" and breaks(client, world.address(rule))]
    for method, name, path in CALLS:
        if method == "GET" and breaks(client, address(world, path), token):
            broken.append(name)
    assert broken == []


def breaks(client: Client, address: str, token: str = "") -> bool:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client.get(address, headers=headers)
    if answer.streaming:
        answer.getvalue()
    return answer.status_code == 500


def address(world: Furnished, path: str, places: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return an address of the API, filled in with objects of the world or with other values."""
    known = {"pk": "1", "key": "cleanup", **world.places, **places}
    for place, value in known.items():
        path = path.replace(f"<{place}>", value)
    return path if path.startswith("/api/") else f"/api/v1{path}"


@given(
    rule=st.sampled_from(PAGES),
    values=st.dictionaries(st.one_of(st.sampled_from(NAMES), TEXTS), TEXTS, max_size=6),
    place=st.one_of(st.none(), TEXTS),
)
@examples(120)
def test_pages(
    world: Furnished, client: Client, rule: Any, values: dict[str, str], place: str | None
) -> None:
    client.force_login(User.objects.get(username="administrator"))
    where = world.address(rule)
    if place is not None and "<key>" in rule.address:
        where = rule.address.replace("<slug>", "netra").replace("<key>", quote(place, safe="") or "x")
    sent = {**world.sent.get(rule.name, {}), **values}
    if rule.method == "GET":
        answer = client.get(f"{where}?{urlencode(sent)}")
    else:
        answer = client.post(f"{where}?{urlencode(values)}", sent)
    assert answer.status_code != 500, (rule.name, sent)
    if answer.streaming:
        answer.getvalue()


@given(
    call=st.sampled_from(CALLS),
    query=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=3),
    place=st.one_of(st.none(), TEXTS),
    data=st.data(),
)
@examples(150)
def test_calls(
    world: Furnished,
    client: Client,
    token: str,
    call: Any,
    query: dict[str, str],
    place: str | None,
    data: Any,
) -> None:
    method, name, path = call
    other = (
        {} if place is None else dict.fromkeys(("key", "name", "sha", "number"), quote(place, safe="") or "x")
    )
    where = address(world, path, other)
    operation = api.get_openapi_schema()["paths"][
        "/api/v1" + path.removeprefix("/api/v1").replace("<", "{").replace(">", "}")
    ]
    known = [one["name"] for one in operation[method.lower()].get("parameters", ()) if one["in"] == "query"]
    asked = {**dict.fromkeys(known, data.draw(TEXTS)), **query} if data.draw(st.booleans()) else {}
    body = json.dumps(data.draw(JSON)) if method != "GET" else ""
    answer = client.generic(
        method,
        f"{where}?{urlencode(asked)}",
        body,
        "application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code != 500, (name, asked, body)


@given(hook=st.sampled_from(HOOKS), place=st.integers(1, 60), value=JSON, number=st.integers(0, 2**30))
@examples(100)
def test_webhooks(world: Furnished, hook: str, place: int, value: Any, number: int) -> None:
    body = json.dumps(replaced(json.loads(payload(hook)), place, value)).encode()
    answer = send(Repository.objects.get(slug="netra"), hook, f"{hook}-{number}", body=body)
    assert answer.status_code in (200, 202, 400), (hook, body)


@given(old=st.sampled_from(PLAN_VALUES), new=TEXTS, quoted=st.booleans())
@examples(40)
def test_plans(world: Furnished, client: Client, old: str, new: str, quoted: bool) -> None:
    text = world.netra.plan.text.replace(old, json.dumps(new) if quoted else new)
    answer = client.post("/repositories/netra/plan/preview/", {"text": text})
    assert answer.status_code in (302, 422), text


@given(
    tests=st.lists(
        st.tuples(TEXTS, TEXTS, TEXTS, st.sampled_from(("", "<failure/>", "<error/>"))), max_size=4
    ),
    name=TEXTS,
    raw=st.one_of(st.none(), st.binary(max_size=60)),
)
@examples(40)
def test_reports(
    world: Furnished, client: Client, token: str, tests: list[tuple[str, ...]], name: str, raw: bytes | None
) -> None:
    cases = "".join(
        f"<testcase name={quoteattr(a)} classname={quoteattr(b)} time={quoteattr(c)}>{inner}</testcase>"
        for a, b, c, inner in tests
    )
    body = raw if raw is not None else f"<testsuite>{cases}</testsuite>".encode("utf-8", "surrogatepass")
    where = (
        f"/api/v1/repositories/netra/commits/{world.netra.head.sha}/test-reports?{urlencode({'name': name})}"
    )
    answer = client.post(where, body, "application/xml", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 201, 400, 422), body


@given(text=st.lists(st.tuples(TEXTS, TEXTS), max_size=5).map(lambda rows: "\n".join(map(" ".join, rows))))
@examples(60)
def test_owners(world: Furnished, text: str) -> None:
    owners = Owners({"CODEOWNERS": text}.get)
    assert all(isinstance(owner, str) for path in ("a.py", "b/c.py", "é") for owner in owners.of(path))
