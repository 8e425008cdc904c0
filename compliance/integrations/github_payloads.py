"""Repositories, issues and pull requests in GitHub's form, which Gitea and Forgejo have, too."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from compliance.integrations.issues import IssueNews
from compliance.integrations.payload import LongBody, Payload, read_payload
from compliance.integrations.provider import Event
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
    Word,
)

NO_COMMIT = re.compile(r"0{40}(0{24})?")
"""The SHA that stands for no commit: a branch was created or deleted."""


class Named(Payload):
    name: Label


class Repository(Payload):
    full_name: Title
    default_branch: Branch | None = None


class About(Payload):
    """The repository data in every event. Old or handwritten payloads may omit the repository."""

    action: Word
    repository: Repository | None = None


class Issue(Payload):
    number: Number
    state: Literal["open", "closed"]
    title: Title
    labels: Annotated[tuple[Named, ...], Field(strict=False, max_length=200)] | None = None
    body: LongBody | None = None
    html_url: Url | None = None
    updated_at: Instant


class _Person(Payload):
    login: Person


class _Source(Payload):
    full_name: Title
    clone_url: Url | None = None


class _Head(Payload):
    """The newest commit, and where it is. `repo` is null if its fork no longer exists."""

    sha: CommitSha
    ref: Branch | None = None
    repo: _Source | None = None


class _Base(Payload):
    ref: Branch


class Pull(Payload):
    """A pull request. `user` is null if the author's account no longer exists."""

    number: Number
    state: Literal["open", "closed"]
    merged: bool | None = None
    title: Title
    html_url: Url
    user: _Person | None = None
    head: _Head
    base: _Base
    draft: bool | None = None
    updated_at: Instant


class PullPayload(About):
    pull_request: Pull


def name_of(repository: Repository | None) -> str:
    """Return the full name of an event's repository, or an empty string if the event omits it."""
    return repository.full_name if repository else ""


def is_default(branch: str, repository: Repository | None) -> bool:
    """Return true if an event says that a branch is the repository's default branch."""
    return repository is not None and repository.default_branch == branch


def issue_event(issue: Issue, repository: Repository | None, state: str = "") -> Event:
    """Return an issue in the common format, with another state than its own if one is given."""
    news = IssueNews(
        key=f"#{issue.number}",
        state=state or issue.state,
        title=issue.title,
        labels=tuple(label.name for label in issue.labels or ()),
        checklist=checklist(issue.body or ""),
        url=issue.html_url or "",
        updated_at=issue.updated_at,
    )
    return Event("issue", issue=news, about=name_of(repository))


def pull_event(read: PullPayload, *, retargeted: bool) -> Event:
    """Return a pull request in the common format."""
    about = name_of(read.repository)
    news = news_of(
        read.pull_request,
        about,
        reopened=read.action == "reopened",
        retargeted=retargeted,
        to_default=is_default(read.pull_request.base.ref, read.repository),
    )
    return Event("pull", pull=news, about=about)


def read_listed(entry: Mapping[str, Any], project: str) -> PullNews:
    """Return an entry of the list of a repository's pull requests."""
    return news_of(read_payload(Pull, entry), project)


def news_of(pull: Pull, project: str, **more: bool) -> PullNews:
    """Return the news about a pull request to the repository with this full name, which may be unknown."""
    repo = pull.head.repo
    fork = repo if repo and project and repo.full_name != project else None
    return PullNews(
        number=pull.number,
        title=pull.title,
        url=pull.html_url,
        author=pull.user.login if pull.user else "",
        state="merged" if pull.merged else pull.state,
        head=pull.head.sha,
        base=pull.base.ref,
        updated_at=pull.updated_at,
        source=pull.head.ref or "",
        source_url=(fork.clone_url or "") if fork else "",
        head_ref=f"refs/pull/{pull.number}/head",
        draft=bool(pull.draft),
        **more,
    )
