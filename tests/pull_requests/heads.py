"""Heads of pull requests at an origin, as a forge reports them, and the checks of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from compliance.integrations.pull_requests import PullNews, hear
from compliance.models import PullRequestCheck, Repository
from tests.pull_requests.factories import AT
from tests.scans.upstream import git, push


def branch(folder: Path, name: str, **files: str) -> str:
    """A commit with these files on a ref of the origin; the tip of main stays."""
    main = git(folder, "rev-parse", "main")
    tip = push(folder, f"Head of {name}", **files)
    git(folder, "update-ref", "refs/heads/main", main)
    git(folder, "update-ref", name, tip)
    return tip


def report(repository: Repository, head: str, later: int = 0, **more: Any) -> None:
    """The forge reports the newest head of pull request #41, or of another one."""
    values: dict[str, Any] = {
        "number": 41,
        "title": "Make it",
        "url": "https://git.example.org/pull/41",
        "author": "ben",
        "state": "open",
        "base": "main",
        "head_ref": "refs/pull/41/head",
        **more,
    }
    repository.refresh_from_db()
    hear(repository, PullNews(head=head, updated_at=AT + timedelta(minutes=later), **values))


def check(head: str) -> PullRequestCheck:
    return PullRequestCheck.objects.get(head_sha=head)
