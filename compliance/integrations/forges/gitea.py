"""Webhooks of Gitea (https://docs.gitea.com/usage/webhooks) and of Forgejo, which sends the same payloads."""

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.integrations import github_payloads
from compliance.integrations.check_results import CheckNews, State
from compliance.integrations.github_payloads import (
    NO_COMMIT,
    About,
    Issue,
    PullPayload,
    Repository,
    is_default,
    issue_event,
    name_of,
    pull_event,
)
from compliance.integrations.payload import Payload, read_payload
from compliance.integrations.proofs import digest, is_signed
from compliance.integrations.provider import Event, Push, Signed, ignored_ref
from compliance.lib.field_types import (
    Branch,
    CommitSha,
    Instant,
    Title,
    Word,
    as_url,
)

LABEL = "Gitea or Forgejo"
INSTRUCTIONS = (
    "In Gitea or Forgejo, open Settings > Webhooks and add a webhook of the type Gitea or Forgejo with this "
    "target URL and secret, the content type application/json, and custom events: Push, Create, Delete, "
    "Issues, Pull Request with its label and synchronization events, and Status."
)
SENDS_ONCE = True

read_listed = github_payloads.read_listed

_ZEROS = "0" * 40
_ISSUES = {"issues", "issue_assign", "issue_label", "issue_milestone"}
_PULL_REQUESTS = {
    "pull_request",
    "pull_request_assign",
    "pull_request_label",
    "pull_request_milestone",
    "pull_request_sync",
}


def verify(request: Signed, secrets: Sequence[str]) -> bool:
    """Return true if the HMAC of the body is in Forgejo's header or, if there is none, in Gitea's."""
    headers = request.headers
    given = headers.get("X-Forgejo-Signature") or headers.get("X-Gitea-Signature") or ""
    return is_signed(given, request.body, secrets)


def name(request: Signed, _payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the delivery's id and the event. Both forges send the header with the event."""
    headers = request.headers
    event = headers.get("X-Forgejo-Event") or headers.get("X-Gitea-Event") or ""
    delivery = headers.get("X-Forgejo-Delivery") or headers.get("X-Gitea-Delivery")
    return delivery or digest(event, request.body), event


def parse(event: str, payload: Mapping[str, Any]) -> Event:
    """Return pushes, created and deleted branches, issues, pull requests and statuses of commits in the
    common format. Other events are ignored.
    """
    if event in _ISSUES:
        return _issue(payload)
    if event in _PULL_REQUESTS:
        return _pull(payload)
    match event:
        case "push":
            return _push(payload)
        case "create" | "delete":
            return _branch(event, payload)
        case "status":
            return _status(payload)
    return Event("ignored", reason=f"The event {event!r} is ignored.")


class _PushPayload(Payload):
    ref: Branch
    after: CommitSha
    repository: Repository | None = None


class _BranchPayload(Payload):
    """A created or deleted branch or tag, whose `ref` is only its name. Old versions omit `sha`."""

    ref: Branch
    ref_type: Word
    sha: CommitSha | None = None
    repository: Repository | None = None


class _Issue(Issue):
    """An issue. `pull_request` is given if it is a pull request, which has events of its own."""

    pull_request: dict[str, Any] | None = None


class _IssuePayload(About):
    issue: _Issue


class _Changes(Payload):
    """What an edited pull request was before. `ref` is given if its target branch has changed."""

    ref: dict[str, Any] | None = None


class _PullPayload(PullPayload):
    changes: _Changes | None = None


class _StatusPayload(Payload):
    """The state of a commit in a CI system. `warning` is a result that doesn't prevent a merge."""

    sha: CommitSha
    context: Title
    state: Word
    target_url: str | None = None
    created_at: Instant
    updated_at: Instant | None = None
    repository: Repository | None = None


_STATES = {
    "pending": State.PENDING,
    "success": State.PASSED,
    "warning": State.PASSED,
    "skipped": State.PASSED,
}


def _push(payload: Mapping[str, Any]) -> Event:
    push = read_payload(_PushPayload, payload)
    if ignored := ignored_ref(push.ref):
        return ignored
    return _moved(push.ref.removeprefix("refs/heads/"), push.after, push.repository)


def _branch(event: str, payload: Mapping[str, Any]) -> Event:
    told = read_payload(_BranchPayload, payload)
    if told.ref_type != "branch":
        return Event("ignored", reason="Tags do not affect the tracked branch.")
    if event == "create" and told.sha is None:
        return Event("ignored", reason="The push to the new branch is a delivery of its own.")
    after = told.sha if event == "create" and told.sha else _ZEROS
    return _moved(told.ref.removeprefix("refs/heads/"), after, told.repository)


def _moved(branch: str, after: str, repository: Repository | None) -> Event:
    is_gone, to_default = bool(NO_COMMIT.fullmatch(after)), is_default(branch, repository)
    return Event("push", pushes=(Push(branch, after, is_gone, default=to_default),))


def _issue(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_IssuePayload, payload)
    issue = read.issue
    if issue.pull_request is not None:
        return Event("ignored", reason=f"#{issue.number} is a pull request, which has events of its own.")
    return issue_event(issue, read.repository, "deleted" if read.action == "deleted" else "")


def _pull(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_PullPayload, payload)
    return pull_event(read, retargeted=read.changes is not None and read.changes.ref is not None)


def _status(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_StatusPayload, payload)
    news = CheckNews(
        sha=read.sha,
        key=f"status {read.context}",
        name=read.context,
        state=_STATES.get(read.state, State.FAILED),
        url=as_url(read.target_url),
        updated_at=read.updated_at or read.created_at,
    )
    return Event("results", results=(news,), about=name_of(read.repository))
