"""GitLab webhooks: https://docs.gitlab.com/user/project/integrations/webhook_events/."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from compliance.integrations import gitlab_lists
from compliance.integrations.check_results import CheckNews, State
from compliance.integrations.issues import IssueNews
from compliance.integrations.payload import LongBody, Payload, read_payload
from compliance.integrations.proofs import digest, is_one_of
from compliance.integrations.provider import Event, Push, Signed
from compliance.integrations.pull_requests import PullNews
from compliance.integrations.task_lists import checklist
from compliance.lib.field_types import (
    Branch,
    CommitSha,
    Instant,
    Label,
    Number,
    Person,
    Title,
    Url,
    Whole,
    Word,
    as_url,
    one_line,
)
from compliance.lib.secret_keys import is_key
from compliance.lib.standard_webhooks import PREFIX, sign

LABEL = "GitLab"
INSTRUCTIONS = (
    "In GitLab, open Settings > Webhooks and add a webhook with this URL, the secret as its secret token (or "
    "the signing token below as its signing token), and the triggers Push events, Issues events, Merge "
    "request events and Pipeline events."
)

_NO_COMMIT = re.compile(r"0{40}(0{24})?")
_MOST_SIGNATURES = 10
"""Maximum number of signatures that are compared. While a signing token is being replaced, there are two."""

_OFFSET = re.compile(r" ([+-]\d\d):?(\d\d)$")


def verify(request: Signed, secrets: Sequence[str]) -> bool:
    """Return true if `X-Gitlab-Token` is a secret, or if `webhook-signature` was computed with a signing
    token that is made of a secret.

    The signature follows the Standard Webhooks specification. Its timestamp is not compared with the clock: a
    replay has the same id, and the id is signed, so that it counts as a repetition.
    """
    keys = [key for key in secrets if key]
    is_token = is_one_of(request.headers.get("X-Gitlab-Token", ""), keys)
    names = ("webhook-id", "webhook-timestamp")
    known, at = (request.headers.get(name, "").encode("utf-8", "surrogateescape") for name in names)
    expected = [sign(_raw(key), known, at, request.body) for key in keys if signing_token(key)]
    given = request.headers.get("webhook-signature", "").split(" ")
    matches = [is_one_of(signature, expected) for signature in given[:_MOST_SIGNATURES]]
    return is_token or any(matches)


def signing_token(secret: str) -> str:
    """Return a secret in the format that GitLab requires for signing tokens: `whsec_` and 32 bytes in
    base64. It is empty if the secret is not such a key.
    """
    return f"{PREFIX}{base64.b64encode(_raw(secret)).decode()}" if is_key(secret) else ""


def _raw(secret: str) -> bytes:
    return base64.urlsafe_b64decode(f"{secret}=")


def name(request: Signed, _payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the delivery's id, which stays the same if GitLab tries again, and the event. GitLab before 17.4
    sends no id. Of the two headers with the id, only `webhook-id` is signed.
    """
    event = request.headers.get("X-Gitlab-Event", "")
    headers = (request.headers.get(header, "") for header in ("webhook-id", "Idempotency-Key"))
    return next(filter(None, headers), "") or digest(event, request.body), event


def parse(event: str, payload: Mapping[str, Any]) -> Event:
    """Return pushes, issues, merge requests and pipelines in the common format. Others are ignored."""
    readers = {
        "Push Hook": _push,
        "Issue Hook": _issue,
        "Confidential Issue Hook": _issue,
        "Merge Request Hook": _merge_request,
        "Pipeline Hook": _pipeline,
    }
    if read := readers.get(event):
        return read(payload)
    reasons = {
        "Tag Push Hook": "Tags do not affect the tracked branch.",
        "System Hook": "System hooks are ignored. Add a webhook to the project or its group.",
    }
    return Event("ignored", reason=reasons.get(event, f"The event {event!r} is ignored."))


def _to_iso(value: Any) -> Any:
    """Return a time such as `2017-12-10 12:40:11 -0400` without the blank before its offset."""
    return _OFFSET.sub(r"\1:\2", value) if isinstance(value, str) else value


_Time = Annotated[Instant, BeforeValidator(_to_iso)]


class _Project(Payload):
    path_with_namespace: Title
    default_branch: Branch | None = None


class _PushPayload(Payload):
    """A push. `after` consists of zeros if the branch was deleted. Forced pushes are not marked."""

    ref: Branch
    after: CommitSha
    project: _Project | None = None


class _Titled(Payload):
    title: Label


class _Person(Payload):
    id: Whole | None = None
    username: Person


class _Issue(Payload):
    """An issue. `moved_to_id` is given if it was moved to another project."""

    iid: Number
    title: Title
    state: Literal["opened", "closed"]
    description: LongBody | None = None
    moved_to_id: Whole | None = None
    updated_at: _Time
    url: Url


class _IssuePayload(Payload):
    object_attributes: _Issue
    labels: Annotated[tuple[_Titled, ...], Field(strict=False, max_length=200)] | None = None
    project: _Project | None = None


class _Commit(Payload):
    id: CommitSha


class _Source(Payload):
    git_http_url: Url | None = None


class _MergeRequest(Payload):
    """A merge request. `locked` is its state while it is being merged."""

    iid: Number
    title: Title
    state: Literal["opened", "closed", "locked", "merged"]
    action: Word | None = None
    author_id: Whole | None = None
    target_branch: Branch
    source_branch: Branch | None = None
    source_project_id: Whole | None = None
    target_project_id: Whole | None = None
    source: _Source | None = None
    draft: bool | None = None
    last_commit: _Commit | None = None
    updated_at: _Time
    url: Url


class _Changes(Payload):
    target_branch: dict[str, Any] | None = None


class _MergeRequestPayload(Payload):
    """`user` is who caused the event."""

    object_attributes: _MergeRequest
    changes: _Changes | None = None
    user: _Person | None = None
    project: _Project | None = None


class _Pipeline(Payload):
    """A pipeline. `source` is what started it, and `finished_at` is null until it has ended."""

    sha: CommitSha
    name: Title | None = None
    source: Word | None = None
    status: Word
    created_at: _Time
    finished_at: _Time | None = None
    url: str | None = None


class _PipelinePayload(Payload):
    object_attributes: _Pipeline
    project: _Project | None = None


read_listed = gitlab_lists.read_listed

_ENDS = {
    "success": State.PASSED,
    "skipped": State.PASSED,
    "failed": State.FAILED,
    "canceled": State.CANCELLED,
}


def _push(payload: Mapping[str, Any]) -> Event:
    push = read_payload(_PushPayload, payload)
    if not push.ref.startswith("refs/heads/"):
        return Event("ignored", reason=f"{one_line(push.ref, 255)} is not a branch.")
    branch = push.ref.removeprefix("refs/heads/")
    is_default = push.project is not None and push.project.default_branch == branch
    is_deleted = bool(_NO_COMMIT.fullmatch(push.after))
    return Event("push", pushes=(Push(branch, push.after, is_deleted, default=is_default),))


def _issue(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_IssuePayload, payload)
    issue = read.object_attributes
    state = "closed" if issue.state == "closed" else "open"
    news = IssueNews(
        key=f"#{issue.iid}",
        state="transferred" if issue.moved_to_id else state,
        title=issue.title,
        labels=tuple(label.title for label in read.labels or ()),
        checklist=checklist(issue.description or ""),
        url=issue.url,
        updated_at=issue.updated_at,
    )
    return Event("issue", issue=news, about=_path(read.project))


def _merge_request(payload: Mapping[str, Any]) -> Event:
    read = read_payload(_MergeRequestPayload, payload)
    request, user = read.object_attributes, read.user
    if request.last_commit is None:
        return Event("ignored", reason=f"Merge request !{request.iid} has no commit.")
    fork = request.source if request.source_project_id != request.target_project_id else None
    is_author = user is not None and user.id is not None and user.id == request.author_id
    news = PullNews(
        number=request.iid,
        title=request.title,
        url=request.url,
        author=user.username if user and (is_author or request.action == "open") else "",
        state=request.state if request.state in {"closed", "merged"} else "open",
        head=request.last_commit.id,
        base=request.target_branch,
        updated_at=request.updated_at,
        reopened=request.action == "reopen",
        retargeted=read.changes is not None and read.changes.target_branch is not None,
        to_default=read.project is not None and read.project.default_branch == request.target_branch,
        source=request.source_branch or "",
        source_url=(fork.git_http_url or "") if fork else "",
        head_ref=f"refs/merge-requests/{request.iid}/head",
        draft=bool(request.draft),
    )
    return Event("pull", pull=news, about=_path(read.project))


def _pipeline(payload: Mapping[str, Any]) -> Event:
    """Return a pipeline. One that the same source starts later for the same commit replaces it."""
    read = read_payload(_PipelinePayload, payload)
    pipeline = read.object_attributes
    source = pipeline.source or "push"
    news = CheckNews(
        sha=pipeline.sha,
        key=f"pipeline {source}",
        name=pipeline.name or f"Pipeline ({source})",
        state=_ENDS.get(pipeline.status, State.PENDING),
        url=as_url(pipeline.url),
        updated_at=pipeline.finished_at or pipeline.created_at,
    )
    return Event("results", results=(news,), about=_path(read.project))


def _path(project: _Project | None) -> str:
    return project.path_with_namespace if project else ""
