"""Approvals: a person approves a phase in a role, with a comment, and may withdraw the approval later."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from compliance.accounts.roles import Role, may
from compliance.evidence.criteria import criteria_of
from compliance.evidence.intake import received_at
from compliance.evidence.timeline import reevaluate_since
from compliance.lib.locks import lock_records
from compliance.models import Approval, Phase, Repository


class ApprovalError(Exception):
    """Raised if an approval cannot be given. The message gives the reason."""


def roles_wanted(phase: Phase) -> list[str]:
    """Return the roles from which the phase requires an approval, in plan order."""
    return [str(criterion["role"]) for criterion in criteria_of(phase) if criterion["kind"] == "approval"]


def may_approve(person: User | AnonymousUser, role: str) -> bool:
    """Return true if the person may approve in this role. Approving in an unknown role requires a manager."""
    return may(person, Role.__members__.get(role.upper(), Role.MANAGER))


def approve(
    repository: Repository, phase: Phase, person: User, role: str, comment: str, *, at: datetime | None = None
) -> Approval:
    """Approve a phase at the newest recorded commit and re-evaluate all phases.

    Raises:
        PermissionDenied: if the person lacks the role.
        ApprovalError: if the phase doesn't require this approval or already has it, or without a comment.
    """
    if not may_approve(person, role):
        raise PermissionDenied(
            f"This approval requires the role of a {role[:40]}. An administrator can give it to you."
        )
    if role not in roles_wanted(phase):
        raise ApprovalError(f"The phase “{phase.title}” doesn't require an approval by a {role}.")
    if not comment.strip():
        raise ApprovalError(
            "The comment is empty. Describe what you reviewed, so that others can understand the "
            "approval later."
        )
    with transaction.atomic():
        lock_records(repository.pk)
        given = Approval.objects.filter(phase=phase, role__iexact=role, withdrawn_at__isnull=True)
        if any(approval.commit_id == repository.head_id for approval in given):
            raise ApprovalError("The phase is already approved at the latest commit.")
        approval = Approval.objects.create(
            phase=phase,
            commit=repository.head,
            person=person,
            role=role,
            comment=comment.strip()[:4000],
            created_at=received_at(at),
        )
        reevaluate_since(repository, at)
    return approval


def withdraw(repository: Repository, approval: Approval, person: User) -> bool:
    """Withdraw an approval and re-evaluate the phases. Return false if it has already been withdrawn.

    Raises:
        PermissionDenied: if the person is neither the one who gave it nor a manager.
    """
    if approval.person_id != person.pk and not may(person, Role.MANAGER):
        raise PermissionDenied("Only a manager or the person who gave this approval can withdraw it.")
    with transaction.atomic():
        lock_records(repository.pk)
        now = timezone.now()
        ended = Approval.objects.filter(pk=approval.pk, withdrawn_at__isnull=True).update(
            withdrawn_at=now, withdrawn_by=person
        )
        if ended:
            reevaluate_since(repository)
    return bool(ended)
