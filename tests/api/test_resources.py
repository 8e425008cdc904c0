"""Reading everything that the pages show: resources, filters, pages, conditions, limits."""

from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from compliance.models import Allowance, Change, File, Job, Patch, Token, Violation
from compliance.progress.summary import summaries
from tests.api.conftest import Send, give
from tests.api.factories import whole
from tests.views.cast import World


@pytest.fixture
def token(netra: World, person: User) -> str:
    return give(person, "read")


def test_the_status_of_a_repository(send: Send, netra: World, token: str) -> None:
    told = send("GET", "netra/verdict", token).body
    expected = summaries([netra.repository])[netra.repository.pk]

    assert (told["percent"], told["headline"]) == (expected.percent, expected.headline)
    assert told["commit"] == netra.head.sha
    ahead = send("GET", "netra/forecast", token).body
    assert ahead["target"]["left"] == expected.missing
    assert ahead["sentence"]


def test_commits_and_their_changes(send: Send, netra: World, token: str) -> None:
    line = whole(send, token, "netra/commits", 5)

    assert [row["position"] for row in line] == list(range(netra.position, 0, -1))
    newest = send("GET", f"netra/commits/{netra.head.sha}", token).body
    assert newest == line[0]
    changes = whole(send, token, f"netra/commits/{netra.head.sha}/changes", 1)
    assert [row["kind"] for row in changes] == ["new"]
    assert changes[0]["regression"]
    assert Change.objects.filter(commit=netra.head).count() == 1
    assert send("GET", f"netra/commits/{'0' * 40}", token).status == 404
    assert send("GET", "netra/commits/HEAD", token).status == 422


def test_findings_with_the_filters_of_the_page(send: Send, netra: World, token: str) -> None:
    standing = Violation.objects.filter(last=None)
    found = whole(send, token, "netra/findings", 7)

    assert {row["id"] for row in found} == set(standing.values_list("pk", flat=True))
    assert {row["state"] for row in found} == {"standing"}
    risk = whole(send, token, "netra/findings?risk=high&phase=cleanup", 2)
    expected = standing.filter(risk="high", phases__contains=["cleanup"])
    assert {row["id"] for row in risk} == set(expected.values_list("pk", flat=True))
    resolved = whole(send, token, "netra/findings?state=resolved", 50)
    assert {row["id"] for row in resolved} == set(
        Violation.objects.exclude(last=None).values_list("pk", flat=True)
    )
    assert all(row["resolved"] for row in resolved)
    assert send("GET", f"netra/findings/{found[0]['id']}", token).body == found[0]


def test_files_and_one_of_them(send: Send, netra: World, token: str) -> None:
    found = whole(send, token, "netra/files?status=open&status=regressed", 3)
    expected = File.objects.filter(status__in=("open", "regressed"))
    assert {row["id"] for row in found} == set(expected.values_list("pk", flat=True))

    file = send("GET", f"netra/files/{found[0]['id']}", token).body

    assert len(file["findings"]) == file["violations"]
    assert file["claimed_by"] is None


def test_a_patch_is_created_at_the_first_request(send: Send, netra: World, token: str) -> None:
    file = netra.standing[0].file
    path = f"netra/files/{file.pk}/patch"

    assert send("GET", path, token).body["state"] == "in the making"
    assert send("GET", path, token).body["state"] == "in the making"
    assert Job.objects.get(kind="patch").key == str(file.pk)
    text = b"--- a/x\n+++ b/x\n"
    Patch.objects.create(
        file=file, commit=netra.head, plan=netra.plan, text=text, fixed=1, refused=[], guides=[]
    )
    made = send("GET", path, token).body
    assert (made["state"], made["text"], made["fixed"]) == ("made", text.decode(), 1)


def test_a_viewer_has_no_patch_made(send: Send, netra: World) -> None:
    token, file = give(User.objects.create_user("vic"), "read"), netra.standing[0].file

    assert send("GET", f"netra/files/{file.pk}/patch", token).body["state"] == "not asked for"
    assert not Job.objects.exists()


def test_phases_issues_and_plans(send: Send, netra: World, token: str) -> None:
    phases = send("GET", "netra/phases", token).body["items"]

    assert [row["key"] for row in phases] == ["golden-path", "cleanup"]
    assert phases[0]["criteria"][0]["state"] == "fails"
    assert send("GET", "netra/phases/golden-path", token).body == phases[0]
    issue = send("GET", "netra/issues/%231274", token).body
    assert issue["issue"] == send("GET", "netra/issues", token).body["items"][0]
    assert [step["title"] for step in issue["steps"]] == ["Add the new function", "SupervisorAgent"]
    assert [row["key"] for row in issue["phases"]] == ["golden-path", "cleanup"]
    plans = send("GET", "netra/plans", token).body["items"]
    assert (plans[0]["number"], plans[0]["in_force"]) == (netra.plan.number, True)
    assert send("GET", f"netra/plans/{netra.plan.number}", token).body["text"] == netra.plan.text


def test_pages_are_not_shifted_by_new_rows(send: Send, netra: World, token: str) -> None:
    first = send("GET", "netra/commits?limit=3", token).body
    netra.commit("One more")
    second = send("GET", first["next"].removeprefix("/api/v1/repositories/"), token).body

    positions = [row["position"] for row in first["items"] + second["items"]]
    assert positions[:6] == list(range(netra.position - 1, netra.position - 7, -1))


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=201", "colour=red", "risk=huge", "path=%00"])
def test_unknown_parameters_are_rejected(send: Send, token: str, query: str) -> None:
    answer = send("GET", f"netra/findings?{query}", token)

    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    if query.startswith("colour"):
        assert "colour" in answer.body["detail"]
        assert "phase" in answer.body["detail"]


def test_an_answer_is_given_again_only_when_it_changed(send: Send, netra: World, token: str) -> None:
    first = send("GET", "netra/files", token)
    again = send("GET", "netra/files", token, If_None_Match=first.headers["ETag"])
    netra.commit("Fix one", fix=1)
    changed = send("GET", "netra/files", token, If_None_Match=first.headers["ETag"])

    assert (again.status, again.body) == (304, b"")
    assert changed.status == 200
    assert changed.headers["Cache-Control"] == "private, no-cache"


def test_many_requests_are_throttled(send: Send, netra: World, person: User, settings: LazySettings) -> None:
    settings.API_CALLS_AT_ONCE, settings.API_CALLS_PER_MINUTE = 3, 6
    token, other = give(person, "read"), give(person, "read")

    answers = [send("GET", "netra", token) for _ in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert 8 <= int(answers[3].headers["Retry-After"]) <= 10
    assert "seconds" in answers[3].body["detail"]
    assert send("GET", "netra", other).status == 200
    # Ten seconds later one more call is free.
    bucket = Allowance.objects.get(name=f"token {Token.objects.order_by('pk')[0].pk}")
    bucket.full_at -= timedelta(seconds=10)
    bucket.save()
    assert [send("GET", "netra", token).status for _ in range(2)] == [200, 429]


def test_a_session_can_read_but_not_write(live_server: LiveServer, netra: World, client: Client) -> None:
    client.force_login(User.objects.create_user("ben", is_staff=True))
    cookie = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}

    def ask(method: str, path: str) -> int:
        connection = HTTPConnection(urlsplit(live_server.url).netloc, timeout=30)
        connection.request(method, f"/api/v1/{path}", body=b"" if method == "POST" else None, headers=cookie)
        status = connection.getresponse().status
        connection.close()
        return status

    assert ask("GET", "repositories/netra/findings") == 200
    assert ask("GET", "openapi.json") == 200
    assert ask("POST", "repositories/netra/claims") == 401
    assert ask("POST", f"repositories/netra/commits/{netra.head.sha}/measurements") == 401


def test_the_schema_requires_authentication(send: Send, netra: World, person: User) -> None:
    assert send("GET", "/openapi.json").status == 401
    past = timezone.now() - timedelta(days=1)
    assert send("GET", "/openapi.json", give(person, "read", expires_at=past)).status == 401
    schema = send("GET", "/openapi.json", give(person, "evidence")).body
    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/repositories/{slug}/claims/{pk}/release" in schema["paths"]
