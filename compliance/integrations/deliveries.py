"""Stores verified deliveries, each with what it changes and the job that it causes, in one transaction."""

from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from compliance.integrations import (
    check_results,
    issues,
    known_issues,
    merge_groups,
    pull_requests,
    tracker_events,
)
from compliance.integrations.origin import is_about, names
from compliance.integrations.proofs import DIGEST
from compliance.integrations.provider import Event, Push
from compliance.jobs import Priority, enqueue
from compliance.lib.field_types import one_line
from compliance.models import Delivery, Job, Repository

_SHOWN = 255
"""Maximum number of characters of a branch's name in an outcome."""

_MOST_PUSHES = 5
"""Maximum number of untracked branches that an outcome names."""


def store(row: Delivery, event: Event) -> tuple[HTTPStatus, str]:
    """Store a delivery and act on it. Return the status and the text of the answer.

    A delivery that was stored before only counts as a repetition.
    """
    known: dict[str, Any] = {
        "repository": row.repository,
        "connection": row.connection,
        "source": row.source,
        "delivery_id": row.delivery_id,
    }
    try:
        with transaction.atomic():
            row.save()
            row.job, row.outcome = _act(row, event)
            row.save(update_fields=("job", "outcome"))
            if row.repository and any(
                _is_tracked(row.repository, push) and not push.deleted for push in event.pushes
            ):
                Repository.objects.filter(pk=row.repository.pk).update(hooked_at=Now())
    except IntegrityError:
        if not Delivery.objects.filter(**known).update(repeats=F("repeats") + 1):
            raise
        if row.repository and event.pushes and row.delivery_id.startswith(DIGEST):
            # A branch that goes back and forth is pushed twice with the same body.
            _look(row.repository, event.pushes)
        return HTTPStatus.OK, "This delivery was already received."
    return HTTPStatus.ACCEPTED, row.outcome


def _is_tracked(repository: Repository, push: Push) -> bool:
    return push.branch == repository.branch


def _act(row: Delivery, event: Event) -> tuple[Job | None, str]:
    if row.repository and row.repository.archived_at:
        return None, "Ignored: the repository is archived."
    if row.repository:
        return _act_on(row.repository, event)
    if row.connection and event.issue:
        return None, tracker_events.hear(row.connection, event.issue)
    return None, event.reason


def _act_on(repository: Repository, event: Event) -> tuple[Job | None, str]:
    if event.pushes:
        return _look(repository, event.pushes)
    if not is_about(repository, event.about):
        known = " or ".join(sorted(names(repository)))
        return None, f"Ignored: the webhook is about {event.about}, but this repository is {known}."
    if event.pull:
        return pull_requests.hear(repository, event.pull)
    if event.merge_group:
        return merge_groups.hear(repository, event.merge_group)
    if event.issue:
        known_issues.remember(repository, event.issue)
        return None, issues.hear(repository, event.issue)
    results = " ".join(check_results.hear(repository, news) for news in event.results)
    return None, results or event.reason


def _look(repository: Repository, pushes: tuple[Push, ...]) -> tuple[Job | None, str]:
    """Queue one job for all branches that are tracked, and name the others."""
    tracked = [push for push in pushes if not repository.branch or _is_tracked(repository, push)]
    others = [push for push in pushes if repository.branch and not _is_tracked(repository, push)]
    job, outcomes = None, []
    for push in tracked[:1]:
        branch = one_line(push.branch, _SHOWN)
        what = "deleted" if push.deleted else f"{'forced to' if push.forced else 'now at'} {push.after[:10]}"
        job = enqueue("update", repository, priority=Priority.HIGH, cause=f"push: {branch} {what}")
        outcomes.append(f"The branch {branch} is {what}: queued job {job.pk}.")
    outcomes += [_untracked(repository, push) for push in others[:_MOST_PUSHES]]
    if (more := len(others) - _MOST_PUSHES) > 0:
        outcomes.append(f"{more} other branches are not tracked either.")
    if any(push.default for push in others) and not tracked:
        # The default branch may just have been renamed, which polling notices.
        Repository.objects.filter(pk=repository.pk).update(polled_at=None)
        outcomes.append("The repository is polled soon, in case the default branch has been renamed.")
    return job, " ".join(outcomes)


def _untracked(repository: Repository, push: Push) -> str:
    branch, tracked = one_line(push.branch, _SHOWN), one_line(repository.branch, _SHOWN)
    return f"The branch {branch} is not tracked; the tracked branch is {tracked}."
