"""What is particular to one provider when statuses, comments, notes and issues are published."""

import time
from dataclasses import replace
from functools import partial
from ipaddress import ip_network

import pytest
from django.test import Client
from pytest_django import Settings

from compliance.integrations import api, publishing
from compliance.integrations.apis import APIS
from compliance.integrations.outbound import Comment, NewIssue, Note, Status, StatusState
from compliance.lib import outgoing
from compliance.models import Connection, OutboxItem
from tests.integrations.outbound import (
    CASES,
    COMMIT,
    Case,
    connect,
    outcomes,
    run,
    seconds_to_wait,
    settle,
)
from tests.integrations.tracker_payloads import SECRET, jira, signed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GITHUB, GITLAB, _GITEA, JIRA, JIRA_DC, LINEAR, BITBUCKET, BITBUCKET_DC = CASES
URL = "https://ssot.example.org/shop/"


@pytest.fixture(autouse=True)
def permitted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 is permitted, and a server has less time to answer than usual."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    monkeypatch.setattr(api, "client", partial(outgoing.client, seconds=1.0))


def test_each_provider_publishes_what_it_has() -> None:
    kinds = ("status", "comment", "note", "issue")
    offered = {name: tuple(kind for kind in kinds if publishing.operation_of(name, kind)) for name in APIS}
    assert offered == {case.provider: case.kinds for case in CASES}


def test_a_status_at_gitlab_never_goes_back_from_running_to_pending() -> None:
    with GITLAB.peer() as peer:
        repository = connect(GITLAB, peer.port)
        for state, text in (("running", "1"), ("pending", "2"), ("running", "3"), ("success", "4")):
            assert publishing.publish_status(
                repository, Status(COMMIT, "ssot", StatusState(state), text, URL)
            )
            settle()
            assert outcomes()["status"][0] == "sent"
        assert [(row["status"], row["description"]) for row in peer.store["statuses"]] == [("success", "4")]
        publishing.publish_status(repository, Status(COMMIT, "ssot", StatusState.PENDING, "5", URL * 20))
        settle()
        old, new = peer.store["statuses"]
        assert (old["retried"], new["status"], "target_url" in new) == (True, "pending", False)


def test_a_commit_that_is_only_in_a_fork_gets_its_status_at_gitlab_under_the_source_branch() -> None:
    with GITLAB.peer() as peer:
        peer.put(branches={})
        repository = connect(GITLAB, peer.port)
        status = Status(COMMIT, "ssot", StatusState.PENDING, "1", URL, ref="topic")
        for one in (status, replace(status, state=StatusState.FAILURE, description="2")):
            publishing.publish_status(repository, one)
            settle()
        (row,) = peer.store["statuses"]
        assert (row["status"], row["ref"]) == ("failed", "topic")
        assert [found["ref"] for found in peer.store["pipelines"]] == ["topic"]


@pytest.mark.parametrize("members_of", [["9"], []], ids=["member", "stranger"])
def test_a_merge_request_from_a_fork_gets_its_status_at_gitlab_in_the_fork_as_well(
    members_of: list[str],
) -> None:
    """GitLab shows and requires only the fork's pipelines there."""
    with GITLAB.peer() as peer:
        peer.put(branches={}, sources={"7": "9"}, members_of=members_of)
        repository = connect(GITLAB, peer.port)
        status = Status(COMMIT, "ssot", StatusState.PENDING, "1", URL, ref="topic", pull="7")
        for one in (status, replace(status, state=StatusState.FAILURE, description="2")):
            publishing.publish_status(repository, one)
            settle()
            assert outcomes()["status"][0] == "sent"
        told = [(row["project"], row["status"], row["ref"]) for row in peer.store["statuses"]]
        expected = [("team/back/shop", "failed", "topic"), ("9", "failed", "topic")]
        assert told == expected[: 1 + len(members_of)]


def test_the_status_at_gitlab_in_a_fork_is_repeated_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with GITLAB.peer() as peer:
        peer.put(branches={}, sources={"7": "9"}, members_of=["9"])
        repository = connect(GITLAB, peer.port)
        peer.trouble("status", status=500, path="/projects/9/statuses", times=1)
        status = Status(COMMIT, "ssot", StatusState.SUCCESS, "1", URL, ref="topic", pull="7")
        publishing.publish_status(repository, status)
        settle()
        assert [(row["project"], row["status"]) for row in peer.store["statuses"]] == [
            ("team/back/shop", "success"),
            ("9", "success"),
        ]


def test_a_status_at_gitlab_belongs_to_the_pipeline_that_there_is() -> None:
    with GITLAB.peer() as peer:
        peer.put(pipelines=[{"id": 5, "sha": COMMIT, "ref": "refs/merge-requests/7/head"}])
        repository = connect(GITLAB, peer.port)
        publishing.publish_status(
            repository, Status(COMMIT, "ssot", StatusState.SUCCESS, "1", URL, ref="topic")
        )
        settle()
        assert [row["ref"] for row in peer.store["statuses"]] == ["refs/merge-requests/7/head"]
        peer.trouble("status", status=403, path="/pipelines")  # CI is turned off, or only members may see it
        other = Status(COMMIT, "other", StatusState.SUCCESS, "1", URL, ref="topic")
        publishing.publish_status(repository, other)
        settle()
        assert len(peer.store["statuses"]) == 2


@pytest.mark.parametrize("case", [BITBUCKET, BITBUCKET_DC], ids=str)
def test_nothing_in_a_comment_at_bitbucket_is_a_mention(case: Case) -> None:
    with case.peer() as peer:
        repository = connect(case, peer.port)
        publishing.publish_comment(repository, 7, Comment("```diff\n+@property\n```\nbe@\u200bn"))
        settle()
        (row,) = peer.store["comments"]
        text = row["text"] if case is BITBUCKET_DC else row["content"]["raw"]
        assert text.startswith("```diff\n+@\u200bproperty\n```\nbe@\u200bn")


LINES = {
    "github": "blob/abc/a%20b/x.py#L7",
    "gitlab": "-/blob/abc/a%20b/x.py#L7",
    "gitea": "src/commit/abc/a%20b/x.py#L7",
    "bitbucket": "src/abc/a%20b/x.py#lines-7",
    "bitbucket-dc": "browse/a%20b/x.py?at=abc#7",
}


@pytest.mark.parametrize("case", [case for case in CASES if case.provider in LINES], ids=str)
def test_a_line_has_an_address_at_each_forge(case: Case) -> None:
    repository = connect(case, 9)
    own = publishing.line_urls(repository, "abc")
    assert own
    assert own("x.py", 7).startswith("http://127.0.0.1:9/")
    repository.web_url = "https://forge.example.org/team/shop/"
    expected = f"https://forge.example.org/team/shop/{LINES[case.provider]}"
    line_url = publishing.line_urls(repository, "abc")
    assert line_url
    assert line_url("a b/x.py", 7) == expected


def test_a_text_at_gitlab_contains_no_quick_actions() -> None:
    with GITLAB.peer() as peer:
        repository = connect(GITLAB, peer.port)
        body = "Rule:\n/close\n  /label ~done\n/src/shop.py:3\n```\n/merge\n```"
        publishing.publish_comment(repository, 7, Comment(body))
        settle()
        (row,) = peer.store["comments"]
        assert "\\/close\n  \\/label ~done\n\\/src/shop.py:3\n```\n/merge\n```" in row["body"]


def test_a_comment_that_changed_meanwhile_is_read_again_at_bitbucket() -> None:
    with BITBUCKET_DC.peer() as peer:
        repository = connect(BITBUCKET_DC, peer.port)
        publishing.publish_comment(repository, 7, Comment("One."))
        settle()
        peer.trouble("status", status=409, method="PUT", body={"errors": [{"message": "has been updated"}]})
        publishing.publish_comment(repository, 7, Comment("Two."))
        run()
        (row,) = peer.store["comments"]
        assert (row["text"].startswith("Two."), row["version"], outcomes()["comment"][0]) == (True, 1, "sent")
        peer.trouble("status", status=409, method="PUT", times=2)
        publishing.publish_comment(repository, 7, Comment("Three."))
        run()
        assert outcomes()["comment"][0] == "waiting"
        settle()
        (row,) = peer.store["comments"]
        assert row["text"].startswith("Three.")


@pytest.mark.parametrize("case", [GITHUB, GITLAB, BITBUCKET, BITBUCKET_DC], ids=str)
def test_a_comment_on_the_second_page_is_found(case: Case) -> None:
    with case.peer() as peer:
        repository = connect(case, peer.port)
        publishing.publish_comment(repository, 7, Comment("One."))
        settle()
        (row,) = peer.store["comments"]
        text = {"body": "Talk", "text": "Talk", "content": {"raw": "Talk"}}
        others = [{**row, **text, "id": 1000 + number} for number in range(120)]
        # Bitbucket Data Center lists the newest first, and the others the oldest.
        peer.put(comments=[row, *others] if case is BITBUCKET_DC else [*others, row])
        OutboxItem.objects.all().delete()
        publishing.publish_comment(repository, 7, Comment("Two."))
        settle()
        rows = peer.store["comments"]
        assert len(rows) == 121
        assert ["Two." in str(one) for one in rows].count(True) == 1
        assert OutboxItem.objects.get().remote_id == str(row["id"])


def test_jira_names_the_field_that_is_wrong() -> None:
    with JIRA.peer() as peer:
        repository = connect(JIRA, peer.port)
        assert publishing.publish_issue(repository, "phase 1", NewIssue("Phase 1", "Text", "SHOP", "Saga"))
        settle()
        state, outcome = outcomes()["issue"]
        assert state == "given up"
        assert "400 Bad Request: project: valid project is required; issuetype: Specify a valid" in outcome


def test_a_link_in_jira_is_resolved_when_the_issue_is_done() -> None:
    with JIRA.peer() as peer:
        repository = connect(JIRA, peer.port)
        for is_resolved in (False, True):
            note = Note("Phase 1", "3 of 4 rules", URL, "", is_resolved=is_resolved)
            assert publishing.publish_note(repository, "SHOP-12", note)
            settle()
        (row,) = peer.store["notes"]
        assert row["object"]["status"] == {"resolved": True}


def test_a_limit_of_requests_at_linear_is_waited_for() -> None:
    with LINEAR.peer() as peer:
        error = {"errors": [{"message": "Rate limit exceeded", "extensions": {"code": "RATELIMITED"}}]}
        until = str(int(time.time() + 900) * 1000)
        headers = {"X-RateLimit-Requests-Remaining": "0", "X-RateLimit-Requests-Reset": until}
        peer.trouble("status", status=400, body=error)
        peer.trouble("status", status=400, body=error, headers=headers)
        repository = connect(LINEAR, peer.port)
        publishing.publish_note(repository, "SHOP-12", Note("Phase 1", "3 of 4 rules", URL, ""))
        run()
        assert seconds_to_wait() < 20
        OutboxItem.objects.update(next_at="2000-01-01T00:00:00Z")
        run()
        assert 880 < seconds_to_wait() <= 900
        settle()
        assert len(peer.store["notes"]) == 1
        assert outcomes()["note"][0] == "sent"


def test_an_issue_belongs_to_the_tracker_that_has_its_prefix() -> None:
    with LINEAR.peer() as peer:
        repository = connect(LINEAR, peer.port)
        note = Note("Phase 1", "3 of 4 rules", URL, "")
        assert not publishing.publish_note(repository, "OPS-12", note)
        assert not publishing.publish_note(repository, "#12", note), "there is no forge"
        assert not publishing.publish_issue(repository, "phase 1", NewIssue("Phase 1", ""))
        assert publishing.publish_note(repository, "shop-12", note)
        assert publishing.publish_note(repository, "SHOP-12", note)
        assert [item.target for item in OutboxItem.objects.all()] == ["SHOP-12"]


@pytest.mark.parametrize("case", [JIRA, JIRA_DC], ids=str)
def test_an_issue_that_jira_does_not_find_yet_is_not_created_twice(case: Case) -> None:
    with case.peer() as peer:
        peer.put(lag=True)
        repository = connect(case, peer.port)
        peer.trouble("cut", acted=True, method="POST", path="/issue$")
        publishing.publish_issue(repository, "phase 1", NewIssue("One", "Text", case.prefix))
        run()
        assert 118 < seconds_to_wait() < 150, "Jira's search needs some time"
        (made,) = peer.store["issues"]
        found = Connection.objects.get()
        found.webhook_secret = SECRET
        found.save()
        hook = signed(jira("created", made["key"], 0, labels=made["labels"]))
        address = f"/webhooks/jira/{found.slug}/"
        answer = Client().post(address, hook.body, "application/json", headers=hook.headers)
        assert answer.status_code == 202
        settle()
        assert [row["key"] for row in peer.store["issues"]] == [made["key"]]
        assert OutboxItem.objects.get().remote_id == made["key"]
