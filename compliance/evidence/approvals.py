"""Approvals: a person's word for a phase, given in a role, with a comment; it can be taken back."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from compliance.accounts.roles import Role, may
from compliance.evidence.criteria import criteria_of
from compliance.evidence.intake import received_at
from compliance.evidence.timeline import reevaluate_since
from compliance.models import Approval, Phase, Repository


class ApprovalError(Exception):
    """An approval that cannot be given; the message says why."""


def roles_wanted(phase: Phase) -> list[str]:
    """The roles whose approval the phase asks for, in the plan's order."""
    return [str(criterion["role"]) for criterion in criteria_of(phase) if criterion["kind"] == "approval"]


def may_approve(person: User | AnonymousUser, role: str) -> bool:
    """Whether a person may give an approval asked of this role; of one that is not known managers do."""
    return may(person, Role.__members__.get(role.upper(), Role.MANAGER))


def approve(
    repository: Repository, phase: Phase, person: User, role: str, comment: str, *, at: datetime | None = None
) -> Approval:
    """Give a person's approval for a phase at the newest recorded commit, and evaluate the phases anew.

    Raises PermissionDenied where the person may not, ApprovalError where the phase asks for no such approval,
    has one already, or the comment is empty.
    """
    if not may_approve(person, role):
        raise PermissionDenied(
            f"This approval needs the role of a {role[:40]}. An administrator can give it to you."
        )
    if role not in roles_wanted(phase):
        raise ApprovalError(f"The phase “{phase.title}” asks for no approval by a {role}.")
    if not comment.strip():
        raise ApprovalError("Say in the comment what you looked at: the approval is read later by others.")
    with transaction.atomic():
        Repository.objects.select_for_update(no_key=True).only("pk").get(pk=repository.pk)
        given = Approval.objects.filter(phase=phase, role__iexact=role, withdrawn_at__isnull=True)
        if any(approval.commit_id == repository.head_id for approval in given):
            raise ApprovalError("It is already approved at the latest commit.")
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
    """Take an approval back, and evaluate the phases anew; False where it was taken back before.

    Raises PermissionDenied for whoever neither gave it nor is a manager.
    """
    if approval.person_id != person.pk and not may(person, Role.MANAGER):
        raise PermissionDenied("Only a manager, or whoever gave it, takes an approval back.")
    with transaction.atomic():
        Repository.objects.select_for_update(no_key=True).only("pk").get(pk=repository.pk)
        now = timezone.now()
        ended = Approval.objects.filter(pk=approval.pk, withdrawn_at__isnull=True).update(
            withdrawn_at=now, withdrawn_by=person
        )
        if ended:
            reevaluate_since(repository)
    return bool(ended)
