"""Teams: found in CODEOWNERS whatever the forge, given members by managers, and everything leaves a trail."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.models import Handle, Team
from compliance.people.codeowners import Owners
from compliance.people.identities import identity_of
from compliance.people.teams import TeamError, TeamHandle, change_team, record_teams, team_handles
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.upstream import OLD, again, push, tracked
from tests.views.furnished import token_for

pytestmark = pytest.mark.django_db(transaction=True)

GITHUB, GITLAB, GITEA = "https://github.com/a/b", "git@gitlab.com:a/b.git", "https://codeberg.org/a/b"
WEB = TeamHandle("github", "acme/web")


def named(text: str, url: str) -> list[str]:
    return [handle.name for handle in team_handles(Owners({"CODEOWNERS": text}.get, url))]


@pytest.mark.parametrize(
    ("url", "text", "expected"),
    [
        (GITHUB, "* @ann @acme/web\n/app @Acme/Web @acme/api a@b.example # @acme/no\n", "acme/web acme/api"),
        (
            GITLAB,
            "[Docs] @group/writers\n*.md\n*.py @ann @group/a/b @@maintainers\n",
            "group/writers group/a/b",
        ),
        (GITLAB, "^[Docs][2] @group/writers\n*.md\n", "group/writers"),
        (GITEA, ".*\\.go @acme/go\n!docs/.* @acme/code\n", "acme/go acme/code"),
        (GITHUB, f"* @acme/ @/web @acme//web @acme/we\0b @acme/{'x' * 300}\n", ""),
        (GITHUB, "", ""),
    ],
)
def test_the_teams_that_a_file_names(url: str, text: str, expected: str) -> None:
    assert " ".join(named(text, url)).lower() == expected


def test_a_hostile_file_creates_no_more_than_the_limit() -> None:
    text = "* " + " ".join(f"@acme/team{number}" for number in range(5000))
    assert len(named(text, GITHUB)) == 500


def test_scans_create_them_once_and_leave_members_alone(tmp_path: Path) -> None:
    owners = "* @acme/web\n/app @acme/api\n"
    write_history(tmp_path / "r.git", [Written({".github/CODEOWNERS": owners, "app/a.py": OLD})])
    repository = tracked(tmp_path / "r.git")
    assert sorted(Team.objects.values_list("name", flat=True)) == ["acme/api", "acme/web"]
    ann = User.objects.create_user("ann")
    change_team(Team.objects.get(name="acme/web"), name="Web", members=["ann"])
    assert identity_of(ann).owns(("@acme/web",))
    push(tmp_path / "r.git", "More", app__b=OLD)
    again(repository)
    assert sorted(Team.objects.values_list("name", flat=True)) == ["Web", "acme/api"]
    assert [str(person) for person in Team.objects.get(name="Web").members.all()] == ["ann"]


def test_equal_names_on_two_forges_are_two_teams() -> None:
    assert record_teams([WEB]) == 1
    assert record_teams([TeamHandle("gitlab", "Acme/Web"), TeamHandle("gitlab", "acme/web")]) == 1
    assert record_teams([TeamHandle("github", "ACME/web")]) == 0
    assert sorted(Team.objects.values_list("name", flat=True)) == ["acme/web", "acme/web (GitLab)"]
    Team.objects.create(name="acme/go")
    Team.objects.create(name="acme/go (GitHub)")
    assert record_teams([TeamHandle("github", "acme/go")]) == 0, "no name is left, and the scan goes on"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "WEB"}, "already a team"),
        ({"name": " \n "}, "Give the team a name"),
        ({"name": "x" * 201}, "Give the team a name"),
        ({"handles": [WEB]}, "belongs to Web"),
        ({"handles": [TeamHandle("github", "@Acme/WEB")]}, "belongs to Web"),
        ({"handles": [TeamHandle("svn", "x")]}, "not a forge"),
        ({"handles": [TeamHandle("github", "a b")]}, "not a handle"),
        ({"members": ["nobody"]}, "no account"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_nothing_changes(change: dict[str, Any], words: str) -> None:
    change_team(Team(), name="Web", handles=[WEB])
    other = change_team(Team(), name="Api", handles=[TeamHandle("github", "acme/api")])
    with pytest.raises(TeamError, match=words):
        change_team(other, **change)
    assert sorted(Team.objects.values_list("name", flat=True)) == ["Api", "Web"]
    assert sorted(Handle.objects.values_list("name", flat=True)) == ["acme/api", "acme/web"]


def call(person: User, method: str, path: str, body: object = None) -> tuple[int, Any]:
    header = {"Authorization": f"Bearer {token_for(person, 'write')}"}
    data = b"" if body is None else json.dumps(body).encode()
    answer = Client().generic(method, f"/api/v1/teams{path}", data, "application/json", headers=header)
    return answer.status_code, answer.json()


def test_managers_keep_teams_through_the_api() -> None:
    boss, ann = User.objects.create_user("boss"), User.objects.create_user("ann")
    give(boss, Role.MANAGER)
    handles = [{"forge": "github", "name": "@acme/web"}]
    status, made = call(boss, "POST", "", {"name": "Web", "handles": handles, "members": ["ann"]})
    assert status == 201
    own = f"/{made.pop('id')}"
    assert made == {"name": "Web", "handles": [{"forge": "github", "name": "acme/web"}], "members": ["ann"]}
    assert call(boss, "POST", "", {"name": "web"})[0] == 409
    assert call(boss, "POST", own, {"members": []})[1]["members"] == []
    assert call(boss, "POST", own, {"name": "x", "surprise": 1})[0] == 422
    assert call(ann, "POST", own, {"name": "x"})[0] == 403
    (seen,) = call(ann, "GET", "")[1]["items"]
    assert (seen["name"], seen["handles"], seen["members"]) == ("Web", made["handles"], [])
    assert call(boss, "POST", "/999/remove")[0] == 404
    assert call(boss, "POST", f"{own}/remove")[0] == 200
    assert not Handle.objects.exists()


def test_every_change_is_in_the_activity() -> None:
    boss, ann = User.objects.create_user("boss"), User.objects.create_user("ann")
    give(boss, Role.MANAGER)
    own = f"/{call(boss, 'POST', '', {'name': 'Web', 'members': ['ann']})[1]['id']}"
    call(boss, "POST", own, {"members": [], "handles": [{"forge": "github", "name": "acme/web"}]})
    call(boss, "POST", f"{own}/remove")
    client = Client()
    client.force_login(boss)
    page = client.get("/activity/").content.decode()
    for words in ("team: created", "team member: removed", "Web: ann", "team: removed"):
        assert words in page, words
    assert "acme/web" not in client.get("/activity/?kind=handle").content.decode(), "for administrators alone"
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    client.force_login(ann)
    page = client.get("/activity/?kind=handle").content.decode()
    assert "Web: github @acme/web" in page
    assert page.count("boss") >= 2, "by whom"
