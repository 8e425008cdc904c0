"""Helpers that several test modules share."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from compliance.models import CheckFinding, PullRequest, PullRequestCheck, Repository

AT = datetime(2025, 10, 14, 9, tzinfo=UTC)
HEAD, NEXT_HEAD = "a" * 40, "b" * 40


def opened(repository: Repository, number: int = 41, head: str = HEAD, **more: Any) -> PullRequest:
    """An open pull request that nobody has judged yet."""
    values = {
        "title": "Make it",
        "url": f"https://git.example.org/pull/{number}",
        "author": "ben",
        "state": "open",
        "base": "main",
        "forge_state": "open",
        "head_sha": head,
        "updated_at": AT,
    }
    return PullRequest.objects.create(repository=repository, number=number, **{**values, **more})


def checked(
    row: PullRequest, state: str = "failed", findings: tuple[CheckFinding, ...] = (), **more: Any
) -> PullRequestCheck:
    """The check of a pull request's head with these findings, which have not been saved yet."""
    blocking = sum(found.is_blocking for found in findings)
    doubts = sum(found.kind == "doubt" for found in findings)
    values = {"state": state, "blocking": blocking, "doubts": doubts, "judged_at": timezone.now(), **more}
    check = PullRequestCheck.objects.create(
        repository=row.repository, pull_request=row, head_sha=row.head_sha, **values
    )
    for found in findings:
        found.pull_request_check = check
    CheckFinding.objects.bulk_create(findings)
    return check


def finding(path: str = "app/a.py", kind: str = "new", **more: Any) -> CheckFinding:
    """A finding of a check, which blocks unless something else is said."""
    values: dict[str, Any] = {
        "line": 2,
        "rule": "old",
        "risk": "high",
        "fingerprint": "f1",
        "is_blocking": True,
    }
    return CheckFinding(path=path, kind=kind, **{**values, **more})
