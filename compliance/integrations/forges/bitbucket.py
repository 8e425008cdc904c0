"""Bitbucket Cloud webhooks: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from compliance.integrations.check_results import CheckNews, State
from compliance.integrations.payload import Payload, read_payload
from compliance.integrations.proofs import digest, is_signed
from compliance.integrations.provider import Event, PayloadError, Push, Signed
from compliance.integrations.pull_requests import PullNews
from compliance.lib.field_types import Branch, Instant, Number, Person, Title, Url, Word, as_url

LABEL = "Bitbucket Cloud"
INSTRUCTIONS = (
    "In Bitbucket Cloud, open Repository settings > Webhooks and add a webhook with this URL and secret, and "
    "the triggers Repository push, Build status created and updated, and Pull request created, updated, "
    "merged and declined."
)

_PULL_REQUESTS = {
    "pullrequest:created",
    "pullrequest:updated",
    "pullrequest:fulfilled",
    "pullrequest:rejected",
}
_STATUSES = {"repo:commit_status_created", "repo:commit_status_updated"}
_MOST_CHANGES = 1000
_ZEROS = "0" * 40

_Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12,64}$")]
"""A commit. Pull requests have only the first 12 digits of its SHA."""


def verify(request: Signed, secrets: Sequence[str]) -> bool:
    """Return true if `X-Hub-Signature` is the HMAC-SHA256 of the body."""
    algorithm, _, signature = request.headers.get("X-Hub-Signature", "").partition("=")
    return is_signed(signature, request.body, secrets) and algorithm == "sha256"


def name(request: Signed, _payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the delivery's id, which stays the same if Bitbucket tries again, and the event."""
    event = request.headers.get("X-Event-Key", "")
    return request.headers.get("X-Request-UUID") or digest(event, request.body), event


def parse(event: str, payload: Mapping[str, Any]) -> Event:
    """Return pushes, pull requests and build statuses in the common format. Other events are ignored."""
    if event == "repo:push":
        return _push(payload)
    if event in _PULL_REQUESTS:
        return _pull(payload)
    if event in _STATUSES:
        return _status(payload)
    return Event("ignored", reason=f"The event {event!r} is ignored.")


class _Repository(Payload):
    full_name: Title


class _Target(Payload):
    hash: _Hash


class _Ref(Payload):
    """A branch, or a tag, or a bookmark. An annotated tag has no target of its own."""

    type: Word
    name: Branch
    target: _Target | None = None


class _Change(Payload):
    """A ref that has moved. `new` is null if it was deleted, and `old` if it was created."""

    new: _Ref | None = None
    old: _Ref | None = None
    forced: bool | None = None


class _Changes(Payload):
    changes: Annotated[tuple[_Change, ...], Field(strict=False, max_length=_MOST_CHANGES)]


class _PushPayload(Payload):
    push: _Changes
    repository: _Repository | None = None


class _Person(Payload):
    """An account. Since 2019, only `nickname` and `display_name` are given."""

    nickname: Person | None = None
    username: Person | None = None
    display_name: Person | None = None


class _Branch(Payload):
    name: Branch


class _Link(Payload):
    href: Url


class _Links(Payload):
    html: _Link


class _Source(Payload):
    full_name: Title
    links: _Links | None = None


class _Head(Payload):
    commit: _Target | None = None
    branch: _Branch | None = None
    repository: _Source | None = None


class _Base(Payload):
    branch: _Branch


class _Pull(Payload):
    """A pull request. The source's commit is null if its fork no longer exists."""

    id: Number
    title: Title
    state: Literal["OPEN", "MERGED", "DECLINED", "SUPERSEDED"]
    author: _Person | None = None
    source: _Head
    destination: _Base
    updated_on: Instant
    draft: bool | None = None
    links: _Links


class _PullPayload(Payload):
    pullrequest: _Pull
    repository: _Repository | None = None


class _CommitLinks(Payload):
    commit: _Link


class _Status(Payload):
    """A build status. Only a link in the API names its commit."""

    key: Title
    name: Title | None = None
    state: Literal["SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED"]
    url: str | None = None
    updated_on: Instant
    links: _CommitLinks


class _StatusPayload(Payload):
    commit_status: _Status
    repository: _Repository | None = None


_BUILDS = {
    "SUCCESSFUL": State.PASSED,
    "FAILED": State.FAILED,
    "INPROGRESS": State.PENDING,
    "STOPPED": State.CANCELLED,
}
_COMMIT = re.compile(r"/commit/([0-9a-f]{12,64})$")


def _push(payload: Mapping[str, Any]) -> Event:
    changes = read_payload(_PushPayload, payload).push.changes
    pushes = tuple(push for push in map(_moved, changes) if push)
    if pushes:
        return Event("push", pushes=pushes)
    return Event("ignored", reason="Tags do not affect the tracked branch.")


def _moved(change: _Change) -> Push | None:
    """Return a branch that has moved, or None for a tag."""
    ref = change.new or change.old
    if ref is None or not ref.type.endswith("branch"):
        return None
    after = change.new.target.hash if change.new and change.new.target else _ZEROS
    return Push(ref.name, after, change.new is None, bool(change.forced))


def _status(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_StatusPayload, payload)
    status = read.commit_status
    commit = _COMMIT.search(status.links.commit.href)
    if commit is None:
        raise PayloadError("'commit_status.links.commit.href' names no commit")
    news = CheckNews(
        sha=commit[1],
        key=f"build {status.key}",
        name=status.name or status.key,
        state=_BUILDS[status.state],
        url=as_url(status.url),
        updated_at=status.updated_on,
    )
    return Event("results", results=(news,), about=read.repository.full_name if read.repository else "")


_STATES = {"OPEN": "open", "MERGED": "merged"}


def _pull(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_PullPayload, payload)
    pull = read.pullrequest
    about = read.repository.full_name if read.repository else ""
    if (news := _news_of(pull, about)) is None:
        return Event("ignored", reason=f"Pull request #{pull.id} has no source commit.")
    return Event("pull", pull=news, about=about)


def read_listed(entry: Mapping[str, Any], project: str) -> PullNews | None:
    """Return an entry of the list of a repository's pull requests, or None if it has no source commit."""
    return _news_of(read_payload(_Pull, entry), project)


def _news_of(pull: _Pull, project: str) -> PullNews | None:
    if pull.source.commit is None:
        return None
    author, branch = pull.author or _Person(), pull.source.branch
    repo = pull.source.repository
    fork = repo if repo and repo.full_name != project else None
    return PullNews(
        number=pull.id,
        title=pull.title,
        url=pull.links.html.href,
        author=author.nickname or author.username or author.display_name or "",
        state=_STATES.get(pull.state, "closed"),
        head=pull.source.commit.hash,
        base=pull.destination.branch.name,
        updated_at=pull.updated_on,
        source=branch.name if branch else "",
        source_url=fork.links.html.href if fork and fork.links else "",
        head_ref=f"refs/heads/{branch.name}" if branch else "",
        draft=bool(pull.draft),
    )
