"""Requests judgements: of a head that a forge reports, and of all open heads if what decides about them has
changed.
"""

from typing import Any

from django.contrib.auth.models import User

from compliance import jobs
from compliance.models import Job, PullRequest, PullRequestCheck, Repository
from compliance.pull_requests import report

TARGET = "target"
"""The key of the job that judges only the heads whose base has changed, because their target has moved."""


def request_recheck(
    repository: Repository, cause: str, person: User | None = None, *, key: str = ""
) -> Job | None:
    """Queue a judgement of all open heads, or of those whose base has changed (`TARGET`). Return None if no
    pull request is open.
    """
    if not PullRequest.objects.filter(repository=repository, state="open").exists():
        return None
    return jobs.enqueue("recheck", repository, key=key, cause=cause, person=person)


def on_check_requested(check: PullRequestCheck, **_: Any) -> None:
    """Publish that a head is going to be judged."""
    report.publish_pending(check)


def on_pull_request_left(pull: PullRequest, **_: Any) -> None:
    """Let the comment say that the pull request is no longer judged."""
    report.publish_left(pull)


def on_commit_recorded(sender: Repository, **_: Any) -> None:
    """Judge the heads whose base has changed because their target has moved."""
    request_recheck(sender, f"{sender.branch} has moved", key=TARGET)


def on_plan_activated(sender: Repository, **_: Any) -> None:
    """Judge all heads under the plan that is active now."""
    number = sender.plan.number if sender.plan else 0
    request_recheck(sender, f"plan version {number} is active")


def on_history_evaluated(sender: Repository, **_: Any) -> None:
    """Judge the heads whose base has changed because commits were removed from the target."""
    request_recheck(sender, f"the history of {sender.branch} has changed", key=TARGET)


def on_figures_changed(sender: Repository, **_: Any) -> None:
    """Judge all heads again, because the verdicts depend on the approved waivers."""
    request_recheck(sender, "a waiver has started or ended")
