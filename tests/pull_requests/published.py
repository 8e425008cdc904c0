"""Checks, and what is published about them, as it would be sent."""

from typing import Any

from django.utils import timezone

from compliance.integrations.outbound import Comment, Status
from compliance.models import CheckFinding, OutboxItem, PullRequest, PullRequestCheck, Repository
from compliance.pull_requests import report

HEAD, BASE = "a" * 40, "b" * 40


def pull(repository: Repository, number: int = 7, head: str = HEAD, **values: Any) -> PullRequest:
    """Store a pull request."""
    known = {"title": "T", "url": "", "author": "ada", "state": "open", "base": "main", "source": "topic"}
    return PullRequest.objects.create(
        repository=repository, number=number, head_sha=head, updated_at=timezone.now(), **(known | values)
    )


def judged(of: PullRequest, state: str = "failed", head: str = "", **values: Any) -> PullRequestCheck:
    """Store a verdict on the head of a pull request."""
    known: dict[str, Any] = {"base_sha": BASE, "base_reason": "It is the merge base with main."}
    known["judged_at"] = None if state == "pending" else timezone.now()
    return PullRequestCheck.objects.create(
        repository=of.repository,
        pull_request=of,
        head_sha=head or of.head_sha,
        state=state,
        **(known | values),
    )


def finding(check: PullRequestCheck, kind: str = "new", **values: Any) -> CheckFinding:
    """Store a finding."""
    known = {
        "path": "shop/jobs.py",
        "line": 12,
        "rule": "sites",
        "message": "Uses the old API.",
        "risk": "high",
    }
    return CheckFinding.objects.create(pull_request_check=check, kind=kind, **(known | values))


def status() -> Status:
    """Return the status as it would be sent."""
    found = report.write_status(OutboxItem.objects.get(kind="status"))
    assert isinstance(found, Status)
    return found


def comment() -> Comment:
    """Return the comment as it would be sent."""
    found = report.write_pull_comment(OutboxItem.objects.get(kind="comment"))
    assert isinstance(found, Comment)
    return found


def kinds() -> list[str]:
    return sorted(OutboxItem.objects.values_list("kind", flat=True))
