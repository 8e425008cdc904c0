"""Pull requests in GitHub's form, which Gitea and Forgejo have, too."""

from typing import Literal

from compliance.integrations.payload import Payload
from compliance.integrations.pull_requests import PullNews
from compliance.lib.field_types import Branch, CommitSha, Instant, Number, Person, Title, Url


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
