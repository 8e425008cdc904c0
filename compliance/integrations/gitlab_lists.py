"""Lists of merge requests in GitLab's API, whose entries have another form than its webhooks."""

from collections.abc import Mapping
from typing import Any

from compliance.integrations.payload import Payload, read_payload
from compliance.integrations.pull_requests import PullNews
from compliance.lib.field_types import Branch, CommitSha, Instant, Number, Person, Title, Url


class _Author(Payload):
    username: Person


class _Listed(Payload):
    """A merge request in a list. `source` is not given: GitLab has the head in the target, also of forks."""

    iid: Number
    title: Title
    target_branch: Branch
    source_branch: Branch | None = None
    sha: CommitSha | None = None
    author: _Author | None = None
    draft: bool | None = None
    updated_at: Instant
    web_url: Url


def read_listed(entry: Mapping[str, Any], project: str) -> PullNews | None:  # noqa: ARG001
    """Return an entry of the list of a project's open merge requests, or None if it has no commit."""
    request = read_payload(_Listed, entry)
    if request.sha is None:
        return None
    return PullNews(
        number=request.iid,
        title=request.title,
        url=request.web_url,
        author=request.author.username if request.author else "",
        state="open",
        head=request.sha,
        base=request.target_branch,
        updated_at=request.updated_at,
        source=request.source_branch or "",
        head_ref=f"refs/merge-requests/{request.iid}/head",
        draft=bool(request.draft),
    )
