"""Waivers: violations that are accepted for a reason until a date, and shown separately from the figures.

A violation keeps its waiver when later commits move it. The newest snapshot excludes waived violations and
records the amounts that were subtracted, so that they can be added back when the waiver ends.
"""

from datetime import date

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from compliance.accounts.roles import Role, may
from compliance.events import figures_changed
from compliance.lib.batches import batches
from compliance.lib.globs import glob_problem, matches
from compliance.lib.locks import lock_records
from compliance.models import Repository, Snapshot, Violation, Waiver
from compliance.progress.file_status import refresh
from compliance.progress.waiver_figures import COLUMNS, FIGURES, Row, doubts, take_off, taken_off


class WaiverError(Exception):
    """Raised if something cannot be waived. The message tells the user why."""


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
    """Waive one violation, or those of a rule (any rule if empty) in files that match a glob, through the
    date `until`.

    Raises:
        WaiverError: if there is no reason, the date is in the past, or nothing is selected.
    """
    if not reason.strip():
        raise WaiverError("Give a reason for the waiver.")
    if until is not None and until < timezone.localdate():
        raise WaiverError(f"{until} is in the past. Choose today or a later date.")
    if violation is None and not glob.strip():
        raise WaiverError("Enter a glob for the files to waive, for example tools/*.py.")
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
    """Raise PermissionDenied if the person may only waive single violations but selected none."""
    if violation is None and not may(person, Role.MANAGER):
        raise PermissionDenied(
            "Only managers can waive whole files. You can waive a single violation on the file's page."
        )


def check_end(waiver: Waiver, person: User) -> None:
    """Raise PermissionDenied unless the person is the author of this waiver or a manager."""
    if waiver.person_id != person.pk and not may(person, Role.MANAGER):
        raise PermissionDenied(f"This waiver belongs to {waiver.person}. Only they or a manager can end it.")


def end(waiver: Waiver) -> None:
    """End a waiver now, so that its violations count again."""
    with transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk, ended_at=None).update(ended_at=timezone.now())
        apply(waiver.repository)
        figures_changed.send(waiver.repository)


def end_overdue() -> int:
    """End the waivers whose last day has passed, and return how many there were."""
    overdue = Waiver.objects.filter(ended_at=None, until__lt=timezone.localdate()).select_related(
        "repository"
    )
    rows = list(overdue)
    for waiver in rows:
        end(waiver)
    return len(rows)


def settle(sender: Repository, **_: object) -> None:
    """Subtract waived violations from the figures of the newest commit. Receives three events."""
    _apply(sender)


def apply(repository: Repository) -> None:
    """Update violations, files and the newest snapshot according to the active waivers."""
    with transaction.atomic():
        lock_records(repository.pk)
        _apply(Repository.objects.select_related("plan").get(pk=repository.pk))


def _apply(repository: Repository) -> None:
    """Do the work of `apply`. `repository` may have a plan and a newest commit that have not been saved to
    its row yet.
    """
    if repository.plan is None:
        return
    standing = Violation.objects.filter(plan=repository.plan, last__isnull=True, suppressed=False)
    if changed := _match(repository, standing):
        refresh(repository, repository.plan, changed)
    _reckon(repository, standing)


def _match(repository: Repository, standing: QuerySet[Violation]) -> set[int]:
    """Assign each violation its waiver, or the oldest one if several match, and return the files that
    changed.
    """
    lasting = list(Waiver.objects.filter(repository=repository, ended_at=None).order_by("pk"))
    changed = _assign(None, standing.filter(waiver__isnull=False).exclude(waiver__in=lasting))
    for waiver in lasting:
        free = standing.filter(waiver=None)
        if waiver.rule:
            free = free.filter(rule=waiver.rule)
        if waiver.fingerprint:
            free = free.filter(fingerprint=waiver.fingerprint, file__path=waiver.glob)
        changed |= _assign(waiver, free)
    return changed


def _assign(waiver: Waiver | None, chosen: QuerySet[Violation]) -> set[int]:
    """Assign a waiver to the selected violations, and return their files. A waiver with a glob covers its
    matches.

    The rows are selected first. In a subquery of the update, they would be joined again for each row whenever
    the planner has no statistics yet.
    """
    rows = list(chosen.values_list("pk", "file_id", "file__path"))
    if waiver and not waiver.fingerprint:
        paths = {path for _, _, path in rows}
        matching = {path for path in paths if matches(waiver.glob, path)}
        rows = [row for row in rows if row[2] in matching]
    for batch in batches(pk for pk, _, _ in rows):
        Violation.objects.filter(pk__in=batch).update(waiver=waiver)
    return {file for _, file, _ in rows}


def _reckon(repository: Repository, standing: QuerySet[Violation]) -> None:
    """Recalculate the newest snapshot without waived violations, after adding back earlier subtractions."""
    snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=repository.head_id).first()
    if snapshot is None:
        return
    waived = set(standing.filter(waiver__isnull=False).values_list("file_id", flat=True))
    rows: list[tuple[Row, bool]] = []
    doubtful: set[int] = set()
    for files in batches(sorted(waived)):
        found = standing.filter(file__in=files).values("file_id", "waiver_id", *COLUMNS)
        rows += ((row, bool(row["waiver_id"])) for row in found)
        unread = doubts(repository.plan_id).filter(file__in=files, last__isnull=True)
        doubtful.update(unread.values_list("file_id", flat=True))
    if take_off(snapshot, taken_off(rows, doubtful)):
        snapshot.save(update_fields=FIGURES)
