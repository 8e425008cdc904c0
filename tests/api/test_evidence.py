"""CI hands in evidence over HTTP, and a person by the command line."""

import gzip
import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from compliance.models import Measurement, TestCase, TestRun, Token
from tests.api.conftest import Send, give
from tests.evidence.conftest import furnish, mission, phase, proofs
from tests.views.cast import World, world

pytestmark = pytest.mark.slow


@pytest.fixture
def netra(transactional_db: None) -> World:
    return furnish(world())


def reports(netra: World, sha: str = "") -> str:
    return f"netra/commits/{sha or netra.head.sha}/test-reports"


def test_a_report_is_kept_and_counted(send: Send, netra: World, person: User) -> None:
    token = give(person, "evidence", netra.repository)

    first = send(
        "POST", reports(netra) + "?name=CI%20run%207", token, mission(), Content_Type="application/xml"
    )

    assert (first.status, first.body["new"], first.body["recorded"]) == (201, True, True)
    assert first.body["tests"] == {"passed": 3}
    assert first.body["suites"] == {"mission": 3, "proofs": 0}
    assert first.body["message"] == "3 tests: 3 of mission."
    run = TestRun.objects.get()
    assert (run.name, run.token, run.commit) == ("CI run 7", Token.objects.get(), netra.head)
    again = send("POST", reports(netra), token, gzip.compress(mission()))
    assert (again.status, again.body["new"]) == (200, False)
    assert TestRun.objects.count() == 1


def test_a_report_before_its_commit_waits(send: Send, netra: World, person: User) -> None:
    answer = send("POST", reports(netra, "e" * 40), give(person, "write"), proofs())

    assert (answer.status, answer.body["recorded"]) == (201, False)
    assert "will count as soon as the commit is recorded" in answer.body["message"]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "words"),
    [
        ("", b"<html/>", {}, 400, "begins with <html>"),
        ("", b"", {}, 400, "empty"),
        ("", b"<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite/>", {}, 400, "document type"),
        ("", b"--x", {"Content_Type": "multipart/form-data; boundary=x"}, 415, "--data-binary"),
        ("netra/commits/abc1234/test-reports", b"<testsuite/>", {}, 422, "full SHA"),
        ("netra/commits/HEAD/test-reports", b"<testsuite/>", {}, 422, "full SHA"),
        ("other/commits/" + "e" * 40 + "/test-reports", b"<testsuite/>", {}, 404, "No repository"),
    ],
)
def test_an_invalid_report_is_rejected_with_a_reason(
    send: Send,
    netra: World,
    person: User,
    path: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
    words: str,
) -> None:
    answer = send("POST", path or reports(netra), give(person, "evidence"), body, **headers)

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert words in answer.body["detail"]
    assert not TestRun.objects.exists()
    assert not TestCase.objects.exists()


def test_a_reading_token_sends_nothing(send: Send, netra: World, person: User) -> None:
    token = give(person, "read")

    for path, body in ((reports(netra), mission()), (f"netra/commits/{netra.head.sha}/measurements", b"{}")):
        assert send("POST", path, token, body).status == 403
    assert not TestRun.objects.exists()


def test_a_measurement_is_kept_and_repeated_ones_count_once(send: Send, netra: World, person: User) -> None:
    path, token = f"netra/commits/{netra.head.sha}/measurements", give(person, "evidence")
    body = {"name": "added_ms", "value": 41.5, "unit": "ms"}

    answers = [send("POST", path, token, body) for _ in range(2)]
    answers.append(send("POST", path, token, {**body, "value": 43}))

    assert [(answer.status, answer.body["new"]) for answer in answers] == [
        (201, True),
        (200, False),
        (201, True),
    ]
    assert answers[0].body == {**body, "new": True, "recorded": True}
    assert list(Measurement.objects.order_by("pk").values_list("value", flat=True)) == [41.5, 43]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"name": "x", "value": "many"}, 422, "measured/value"),
        ({"name": "", "value": 1}, 422, "measured/name"),
        ({"name": "a\0b", "value": 1}, 422, "measured/name"),
        ({"value": 1}, 422, "measured/name: Field required"),
        (b'{"name": "x", "value": NaN}', 422, "finite"),
        (b'{"name": "x", "value": 1e999}', 422, "finite"),
        (b'{"name": "\\ud800", "value": 1}', 422, "name"),
        (b"[" * 100_000, 400, "nested deeper than 50 levels"),
        (b'{"name": "x", "value": ' + b"9" * 5000 + b"}", 400, "Cannot parse"),
        (b"nothing", 400, "Cannot parse"),
    ],
)
def test_a_measurement_that_is_none_is_refused(
    send: Send, netra: World, person: User, body: object, status: int, words: str
) -> None:
    path = f"netra/commits/{netra.head.sha}/measurements"

    answer = send("POST", path, give(person, "evidence"), body, Content_Type="application/json")

    assert (answer.status, words in answer.body["detail"]) == (status, True), answer.body
    assert not Measurement.objects.exists()


def test_the_command_does_the_same(netra: World, tmp_path: Path) -> None:
    netra.commit("Migrate the rest", fix=len(netra.standing))
    file = tmp_path / "junit.xml"
    file.write_bytes(mission())
    out = io.StringIO()

    call_command("import_report", "netra", netra.head.sha[:9], str(file), stdout=out)

    assert out.getvalue() == "junit.xml: 3 tests: 3 of mission.\n"
    assert TestRun.objects.get().name == "junit.xml"
    assert phase("golden-path").closed_by == netra.head


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere", "abcdef1", "x.xml"), "No repository"),
        (("netra", "abcdef1", "x.xml"), "matches no recorded commit"),
        (("netra", "e" * 40, "missing.xml"), "missing.xml: "),
        (("netra", "e" * 40, "x.xml", "--at", "yesterday"), "is not a valid time"),
    ],
)
def test_the_command_explains_errors(netra: World, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("import_report", *arguments)
