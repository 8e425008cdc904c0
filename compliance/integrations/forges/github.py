"""GitHub webhooks: https://docs.github.com/webhooks/webhook-events-and-payloads."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from compliance.integrations import github_payloads
from compliance.integrations.check_results import CheckNews, State
from compliance.integrations.github_payloads import (
    NO_COMMIT,
    About,
    Issue,
    PullPayload,
    Repository,
    issue_event,
    name_of,
    pull_event,
)
from compliance.integrations.payload import Payload, read_payload
from compliance.integrations.proofs import is_signed
from compliance.integrations.provider import Event, MergeGroup, Push, Signed, ignored_ref
from compliance.lib.field_types import (
    Body,
    Branch,
    CommitSha,
    Instant,
    Title,
    Url,
    Whole,
    Word,
    as_url,
)

LABEL = "GitHub"
INSTRUCTIONS = (
    "In GitHub, open Settings > Webhooks and add a webhook with this payload URL and secret, the content "
    "type application/json, and the events Pushes, Issues, Pull requests, Check suites, Statuses and Merge "
    "groups."
)
SENDS_ONCE = True

read_listed = github_payloads.read_listed

_PINS = {"pinned", "unpinned"}
"""Actions that change no issue. Their payloads may lack its state."""

_GONE = {"deleted": "deleted", "transferred": "transferred"}


def verify(request: Signed, secrets: Sequence[str]) -> bool:
    """Return true if `X-Hub-Signature-256` is the HMAC of the body. The older SHA-1 header is not
    accepted.
    """
    algorithm, _, signature = request.headers.get("X-Hub-Signature-256", "").partition("=")
    return is_signed(signature, request.body, secrets) and algorithm == "sha256"


def name(request: Signed, _payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the delivery's id, which stays the same if it is redelivered, and the event."""
    return request.headers.get("X-GitHub-Delivery", ""), request.headers.get("X-GitHub-Event", "")


def parse(event: str, payload: Mapping[str, Any]) -> Event:
    """Return pings, pushes, issues, pull requests, merge groups and CI results in the common format. Other
    events are ignored.
    """
    if event == "ping":
        return Event("ping", reason="The webhook works.")
    readers = {
        "push": _push,
        "issues": _issue,
        "pull_request": _pull,
        "merge_group": _merge_group,
        "check_suite": _check_suite,
        "status": _status,
    }
    read = readers.get(event)
    return read(payload) if read else Event("ignored", reason=f"The event {event!r} is ignored.")


class _Repository(Repository):
    html_url: Url | None = None


class _Pushed(Payload):
    default_branch: Branch | None = None


class _PushPayload(Payload):
    ref: Branch
    after: CommitSha
    deleted: bool | None = None
    forced: bool | None = None
    repository: _Pushed | None = None


class _Issue(Issue):
    body: Body | None = None
    html_url: Url


class _IssuePayload(About):
    issue: _Issue


class _Changes(Payload):
    """What an edited pull request was before. `base` is given if its target branch has changed."""

    base: dict[str, Any] | None = None


class _PullPayload(PullPayload):
    changes: _Changes | None = None


class _MergeGroup(Payload):
    head_sha: CommitSha
    head_ref: Branch
    base_sha: CommitSha | None = None
    base_ref: Branch


class _MergeGroupPayload(About):
    merge_group: _MergeGroup


class _App(Payload):
    id: Whole | None = None
    name: Title


class _CheckSuite(Payload):
    """The checks that one app has run for a commit. `conclusion` is null until they have ended."""

    id: Whole
    head_sha: CommitSha
    status: Word | None = None
    conclusion: Word | None = None
    app: _App | None = None
    updated_at: Instant


class _CheckSuitePayload(About):
    repository: _Repository | None = None
    check_suite: _CheckSuite


class _StatusPayload(Payload):
    sha: CommitSha
    context: Title
    state: Literal["pending", "success", "failure", "error"]
    target_url: str | None = None
    updated_at: Instant
    repository: Repository | None = None


_CONCLUSIONS = {
    "success": State.PASSED,
    "neutral": State.PASSED,
    "skipped": State.PASSED,
    "cancelled": State.CANCELLED,
    "stale": State.CANCELLED,
}
_STATES = {"pending": State.PENDING, "success": State.PASSED}


def _push(payload: Mapping[str, Any]) -> Event:
    push = read_payload(_PushPayload, payload)
    ref = push.ref
    if ignored := ignored_ref(ref):
        return ignored
    deleted = bool(push.deleted) or bool(NO_COMMIT.fullmatch(push.after))
    branch = ref.removeprefix("refs/heads/")
    is_default = push.repository is not None and push.repository.default_branch == branch
    return Event("push", pushes=(Push(branch, push.after, deleted, bool(push.forced), is_default),))


def _issue(payload: Mapping[str, Any]) -> Event:
    if str(payload.get("action")) in _PINS:
        return Event("ignored", reason="Pinning changes nothing about an issue.")
    read = read_payload(_IssuePayload, payload)
    return issue_event(read.issue, read.repository, _GONE.get(read.action, ""))


def _pull(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_PullPayload, payload)
    return pull_event(read, retargeted=read.changes is not None and read.changes.base is not None)


def _merge_group(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_MergeGroupPayload, payload)
    group = read.merge_group
    branch = group.base_ref.removeprefix("refs/heads/")
    is_gone = read.action != "checks_requested"
    made = MergeGroup(group.head_sha, group.head_ref, branch, group.base_sha or "", is_gone)
    return Event("merge group", merge_group=made, about=name_of(read.repository))


def _check_suite(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_CheckSuitePayload, payload)
    suite, repository = read.check_suite, read.repository
    state = _CONCLUSIONS.get(suite.conclusion, State.FAILED) if suite.conclusion else State.PENDING
    url = (
        f"{repository.html_url}/commit/{suite.head_sha}/checks" if repository and repository.html_url else ""
    )
    name = suite.app.name if suite.app else "Checks"
    key, app = f"check suite {suite.id}", str(suite.app.id or "") if suite.app else ""
    news = CheckNews(suite.head_sha, key, name, state, as_url(url), suite.updated_at, app)
    return Event("results", results=(news,), about=name_of(repository))


def _status(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_StatusPayload, payload)
    state = _STATES.get(read.state, State.FAILED)
    key, url = f"status {read.context}", as_url(read.target_url)
    news = CheckNews(read.sha, key, read.context, state, url, read.updated_at)
    return Event("results", results=(news,), about=name_of(read.repository))
