"""Waivers: violations that are accepted for a reason until a date. They are shown beside the figures, which
include the waived violations.

A waiver is requested by one person and approved or rejected by another. If nobody else could decide, a
request by somebody who may decide is approved at once. An approved waiver lasts through its last day in the
installation's time zone, unless somebody ends it earlier.
"""

from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from compliance.accounts.roles import Role, holders, may
from compliance.events import figures_changed
from compliance.lib.batches import batches
from compliance.lib.dates import today, written
from compliance.lib.globs import glob_problem
from compliance.lib.locks import lock_records
from compliance.lib.wording import count_of
from compliance.models import Marker, Repository, Violation, Waiver
from compliance.work import waiver_events
from compliance.work.waiver_matching import apply, covered_by

WARN_BEFORE = timedelta(days=7)
"""How long before a waiver expires a mail says so."""
TOGETHER = 50
"""Maximum number of a repository's waivers that one transaction ends, so that one message tells of them."""
ALONE = "Approved at once, because nobody else could decide."
OWN = "Approved by the person who requested it, because nobody else could decide."

State = Waiver.State


class WaiverError(Exception):
    """Raised if something cannot be waived or decided. The message tells the user why."""


def approver_role() -> Role:
    """Return the role that may approve waivers, which is a setting."""
    return Role[settings.ENVIRONMENT.waiver_approvers.upper()]


def request_waiver(
    repository: Repository,
    person: User,
    reason: str,
    until: date | None,
    *,
    violation: Violation | None = None,
    glob: str = "",
    rule: str = "",
) -> Waiver:
    """Request a waiver for one violation, or for those of a rule (any rule if empty) in files that match a
    glob, through the date `until`.

    Raises:
        WaiverError: if there is no reason, the date is in the past, nothing is selected, or the same is
            already waiting.
    """
    if not reason.strip():
        raise WaiverError("Give a reason for the waiver.")
    if until is not None and until < today():
        raise WaiverError(f"{until} is in the past. Choose today or a later date.")
    if violation is None and not glob.strip():
        raise WaiverError("Enter a glob for the files to waive, for example tools/*.py.")
    if violation is None and (problem := glob_problem(glob.strip())):
        raise WaiverError(f"The glob “{glob.strip()}” {problem}.")
    if violation is not None and violation.suppressed:
        raise WaiverError(
            "A code comment suppresses this violation, so it doesn't count and can't be waived."
        )
    scope = {
        "rule": violation.rule if violation else rule,
        "glob": violation.file.path if violation else glob.strip(),
        "fingerprint": violation.fingerprint if violation else "",
    }
    with transaction.atomic():
        waiting = Waiver.objects.filter(repository=repository, state=State.REQUESTED, **scope).first()
        if waiting:
            raise WaiverError(f"{waiting.person} has already requested this waiver; it waits for a decision.")
        waiver = Waiver.objects.create(
            repository=repository, person=person, reason=reason.strip(), until=until, **scope
        )
        if may(person, approver_role()) and not approvers(waiver):
            _approve(waiver, person, ALONE)
        else:
            waiver_events.waiver_requested(waiver, approvers(waiver))
    waiver.refresh_from_db()
    return waiver


def approvers(waiver: Waiver) -> list[User]:
    """Return the people other than the one who requested a waiver who may approve or reject it."""
    return list(holders(approver_role()).exclude(pk=waiver.person_id or 0).order_by("username"))


def obstacle(waiver: Waiver, person: User) -> str:
    """Return why the person may not approve or reject a waiver, or an empty string."""
    role = approver_role()
    if not may(person, role):
        return f"Only {role.group}s and higher roles can decide on waivers."
    if waiver.person_id == person.pk and (others := approvers(waiver)):
        names = ", ".join(other.get_username() for other in others[:3])
        return f"You requested this waiver, so somebody else must decide: {names}."
    return ""


def approve(waiver: Waiver, person: User, comment: str = "") -> None:
    """Approve a requested waiver.

    Raises:
        WaiverError: if it isn't waiting any more, its last day is over, or its single violation is gone.
        PermissionDenied: if the person may not decide.
    """
    _check_decision(waiver, person)
    if waiver.until is not None and waiver.until < today():
        raise WaiverError(
            f"The last day of this waiver, {written(waiver.until)}, is over. Reject it instead."
        )
    own = OWN if waiver.person_id == person.pk else ""
    with transaction.atomic():
        _approve(waiver, person, f"{comment.strip()} {own}".strip())
        waiver_events.waiver_decided(waiver)


def reject(waiver: Waiver, person: User, comment: str) -> None:
    """Reject a requested waiver, with a comment that says why. Raises the same errors as `approve`."""
    _check_decision(waiver, person)
    if not comment.strip():
        raise WaiverError("Say in the comment why you reject the waiver.")
    with transaction.atomic():
        _decide(waiver, person, State.REJECTED, comment.strip())
        waiver_events.waiver_decided(waiver)


def _check_decision(waiver: Waiver, person: User) -> None:
    if problem := obstacle(waiver, person):
        raise PermissionDenied(problem)


def _approve(waiver: Waiver, person: User, comment: str) -> None:
    """Approve a waiver in the caller's transaction, and update the figures."""
    lock_records(waiver.repository_id)
    place = _place(waiver)
    _decide(waiver, person, State.APPROVED, comment, **place)
    _update_figures(waiver)
    until = f" until {written(waiver.until)}" if waiver.until else ""
    count = covered_by(waiver).count()
    _mark(waiver, Marker.Kind.WAIVED, f"{count_of(count, 'violation')} in {waiver.glob} waived{until}")


def _place(waiver: Waiver) -> dict[str, str]:
    """Return where the violation of a request is now. There is none if the request is for files.

    Raises:
        WaiverError: if the violation isn't open any more. A waiver would otherwise cover another violation
            that is in the same place later and hasn't been reviewed.
    """
    if not waiver.fingerprint or waiver.state != State.REQUESTED:
        return {}
    violation = covered_by(waiver).select_related("file").first()
    if violation is None:
        raise WaiverError(
            f"The violation in {waiver.glob} isn't open any more, so there is nothing to waive. Reject the "
            "request instead."
        )
    return {"glob": violation.file.path, "fingerprint": violation.fingerprint}


def _decide(waiver: Waiver, person: User, state: str, comment: str, **place: str) -> None:
    """Record the decision and, for an approval, where the violation is by then."""
    decided = {
        "state": state,
        "decided_by": person,
        "decided_at": timezone.now(),
        "comment": comment,
        **place,
    }
    if not Waiver.objects.filter(pk=waiver.pk, state=State.REQUESTED).update(**decided):
        waiver.refresh_from_db()
        raise WaiverError(f"This waiver isn't waiting for a decision: it is {waiver.state}.")
    waiver.refresh_from_db()


def check_end(waiver: Waiver, person: User) -> None:
    """Raise PermissionDenied unless the person requested this waiver or is a manager."""
    if waiver.person_id != person.pk and not may(person, Role.MANAGER):
        raise PermissionDenied(f"This waiver belongs to {waiver.person}. Only they or a manager can end it.")


def end(waiver: Waiver) -> bool:
    """End a waiver now, or withdraw one that is waiting. Return false if it was rejected or over already."""
    return _finish(waiver, State.ENDED, timezone.now())


def end_overdue() -> int:
    """Expire the waivers whose last day has passed, and return how many there were."""
    rows = list(_open().filter(until__lt=today()).select_related("repository").order_by("repository", "pk"))
    for _, waivers in groupby(rows, key=attrgetter("repository_id")):
        for some in batches(waivers, TOGETHER):
            with transaction.atomic():
                for waiver in some:
                    if _finish(waiver, State.EXPIRED, _midnight_after(waiver.until)):
                        waiver_events.waiver_expired(waiver)
    return len(rows)


def warn() -> None:
    """Emit an event for each waiver that expires soon, once."""
    soon = today() + WARN_BEFORE
    rows = Waiver.objects.filter(state=State.APPROVED, until__lte=soon, until__gte=today())
    with transaction.atomic():
        waiver_events.waivers_expire(rows.select_related("repository", "person", "decided_by"))


def _open() -> QuerySet[Waiver]:
    return Waiver.objects.filter(state__in=(State.REQUESTED, State.APPROVED))


def _midnight_after(day: date | None) -> datetime:
    following = (day or today()) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(following, time()), timezone.get_default_timezone())


def _finish(waiver: Waiver, state: str, at: datetime) -> bool:
    """End a waiver that is waiting or approved. Return false if it was neither."""
    with transaction.atomic(savepoint=False):
        lock_records(waiver.repository_id)
        waiver.refresh_from_db()
        lasted = waiver.state == State.APPROVED
        if not _open().filter(pk=waiver.pk).update(state=state, ended_at=at):
            return False
        waiver.refresh_from_db()
        if lasted:
            _update_figures(waiver)
            _mark(waiver, Marker.Kind.WAIVER_OVER, f"The waiver for {waiver.glob} {state}")
    return True


def _update_figures(waiver: Waiver) -> None:
    apply(waiver.repository)
    figures_changed.send(waiver.repository)


def _mark(waiver: Waiver, kind: Marker.Kind, text: str) -> None:
    """Mark the trend at the newest commit, from which on the waiver changes what is shown beside it."""
    repository = Repository.objects.select_related("head").get(pk=waiver.repository_id)
    person = waiver.decided_by if kind == Marker.Kind.WAIVED else None
    Marker.objects.create(
        repository=repository,
        kind=kind,
        at=max(timezone.now(), repository.head.dated_at) if repository.head else timezone.now(),
        commit=repository.head,
        text=f"{text}: {waiver.reason}",
        person=person,
    )
