"""Submits the demonstration's evidence through the same code as the API, once its history has been
recorded.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from compliance import evidence
from compliance.accounts.roles import Role, give
from compliance.management.demo.evidence import AFTER, ROLE, report
from compliance.management.demo.history import WEEK, commits
from compliance.models import Commit, Phase, Repository, TestRun

MANAGER = "maria.keller"
"""The demonstration's approver. Nobody can sign in with this account."""


def furnish(repository: Repository) -> bool:
    """Submit the reports, measurements and approvals of the demonstration. Return false if this was already
    done.
    """
    if TestRun.objects.filter(repository=repository).exists():
        return False
    with transaction.atomic():
        repository = Repository.objects.select_related("plan", "head").get(pk=repository.pk)
        rows = Commit.objects.filter(repository=repository, position__isnull=False)
        by_subject = {row.subject: row for row in rows}
        first = commits(0)[0]
        weeks = (by_subject[first.subject].committed_at - first.at) // WEEK
        recorded = [(c, by_subject[c.subject]) for c in commits(weeks) if c.subject in by_subject]
        for commit, row in recorded:
            if "tested" in commit.story:
                name = f"CI of {row.sha[:10]}"
                evidence.receive_report(repository, row.sha, report(commit), name=name, at=_when(row))
        for commit, row in recorded:
            for name, measured in commit.story.get("measured", {}).items():
                value, unit = measured.split()
                evidence.receive_measurement(repository, row.sha, name, float(value), unit, at=_when(row))
        for commit, row in recorded:
            if "approved" in commit.story:
                _approve(repository, row, commit.story["approved"])
    return True


def _when(row: Commit) -> datetime:
    """Return the time at which a commit's CI run ended, which is never in the future."""
    return min(row.committed_at + AFTER, timezone.now())


def _approve(repository: Repository, row: Commit, approval: Mapping[str, Any]) -> None:
    phase = Phase.objects.get(issue__repository=repository, key=approval["phase"], in_plan=True)
    head, repository.head = repository.head, row  # the commit that was newest at the time of the approval
    evidence.approve(repository, phase, _manager(), ROLE, approval["comment"], at=_when(row))
    repository.head = head


def _manager() -> User:
    person, new = User.objects.get_or_create(
        username=MANAGER, defaults={"first_name": "Maria", "last_name": "Keller"}
    )
    if new:
        person.set_unusable_password()
        person.save()
        give(person, Role.MANAGER)
    return person
