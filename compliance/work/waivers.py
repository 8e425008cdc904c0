"""Waivers: violations accepted for a reason until a date, shown next to the figures while active.

A violation keeps its waiver when later commits move it. The newest snapshot excludes waived violations and
records the subtracted figures, so that they count again when the waiver ends.
"""

from datetime import date

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from compliance.accounts.roles import Role, may
from compliance.events import figures_changed
from compliance.lib.globs import glob_problem, matching_rows
from compliance.models import File, Repository, Snapshot, Violation, Waiver
from compliance.progress.file_status import refresh
from compliance.progress.waiver_figures import COLUMNS, FIGURES, doubts, take_off, taken_off


class WaiverError(Exception):
    """Explains to the person why something cannot be waived."""


def waive(
    repository: Repository,
    person: User,
    reason: str,
    until: date | None,
    *,
    violation: Violation | None = None,
    glob: str = "",
    rule: str = "",
) -> Waiver:
    """Waive one violation, or those of a rule (of all rules, if empty) that match a glob, through the day
    `until`.

    Raises:
        WaiverError: no reason, a past date, or nothing selected.
    """
    if not reason.strip():
        raise WaiverError("Give a reason: a waiver needs one.")
    if until is not None and until < timezone.localdate():
        raise WaiverError(f"{until} is in the past; choose today or a later day.")
    if violation is None and not glob.strip():
        raise WaiverError("Name the files to waive, for example tools/*.py.")
    if violation is None and (problem := glob_problem(glob.strip())):
        raise WaiverError(f"The glob “{glob.strip()}” {problem}.")
    with transaction.atomic():
        waiver = Waiver.objects.create(
            repository=repository,
            person=person,
            reason=reason.strip(),
            until=until,
            rule=violation.rule if violation else rule,
            glob=violation.file.path if violation else glob.strip(),
            fingerprint=violation.fingerprint if violation else "",
        )
        apply(repository)
        figures_changed.send(repository)
    return waiver


def check_scope(person: User, violation: Violation | None) -> None:
    """Raise PermissionDenied if the person may only waive single violations and selected none."""
    if violation is None and not may(person, Role.MANAGER):
        raise PermissionDenied("Only managers waive whole files; on a file's page you waive one violation.")


def check_end(waiver: Waiver, person: User) -> None:
    """Raise PermissionDenied unless the person is this waiver's author or a manager."""
    if waiver.person_id != person.pk and not may(person, Role.MANAGER):
        raise PermissionDenied(f"This waiver is {waiver.person}'s; only they or a manager can end it.")


def end(waiver: Waiver) -> None:
    """End a waiver now; its violations count again."""
    with transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk, ended_at=None).update(ended_at=timezone.now())
        apply(waiver.repository)
        figures_changed.send(waiver.repository)


def end_overdue() -> int:
    """End the waivers whose last day has passed; return how many."""
    overdue = Waiver.objects.filter(ended_at=None, until__lt=timezone.localdate()).select_related(
        "repository"
    )
    rows = list(overdue)
    for waiver in rows:
        end(waiver)
    return len(rows)


def settle(sender: Repository, **_: object) -> None:
    """Subtract waived violations from a recorded commit's figures; receives both events."""
    apply(sender)


def apply(repository: Repository) -> None:
    """Update violations, files and the newest snapshot according to the active waivers."""
    with transaction.atomic():
        locked = Repository.objects.select_for_update(no_key=True).get(pk=repository.pk)
        if locked.plan is None:
            return
        standing = Violation.objects.filter(plan=locked.plan, last__isnull=True, suppressed=False)
        if changed := _match(locked, standing):
            refresh(locked, locked.plan, sorted(changed))
        _reckon(locked, standing)


def _match(repository: Repository, standing: QuerySet[Violation]) -> set[int]:
    """Assign each violation its waiver, the oldest if several match; return the files that changed."""
    lasting = Waiver.objects.filter(repository=repository, ended_at=None)
    freed = standing.filter(waiver__isnull=False).exclude(waiver__in=lasting)
    changed = set(freed.values_list("file_id", flat=True))
    freed.update(waiver=None)
    for waiver in lasting.order_by("pk"):
        free = standing.filter(waiver=None)
        if waiver.rule:
            free = free.filter(rule=waiver.rule)
        if waiver.fingerprint:
            free = free.filter(fingerprint=waiver.fingerprint, file__path=waiver.glob)
        else:
            files = File.objects.filter(pk__in=free.values("file"))
            free = free.filter(file__in=matching_rows(files, waiver.glob))
        changed.update(free.values_list("file_id", flat=True))
        free.update(waiver=waiver)
    return changed


def _reckon(repository: Repository, standing: QuerySet[Violation]) -> None:
    """Recalculate the newest snapshot without waived violations, after adding back what was subtracted
    before.
    """
    snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=repository.head_id).first()
    if snapshot is None:
        return
    touched = standing.filter(waiver__isnull=False).values("file")
    rows = standing.filter(file__in=touched).values("file_id", "waiver_id", *COLUMNS)
    doubtful = doubts(repository.plan_id).filter(file__in=touched, last__isnull=True)
    off = taken_off(((row, bool(row["waiver_id"])) for row in rows), {row.file_id for row in doubtful})
    if take_off(snapshot, off):
        snapshot.save(update_fields=FIGURES)
