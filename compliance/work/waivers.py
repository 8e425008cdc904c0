"""Waivers: violations that are accepted for a reason until a date, and shown separately from the figures.

A violation keeps its waiver when later commits move it. The newest snapshot excludes waived violations and
records the amounts that were subtracted, so that they can be added back when the waiver ends.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from compliance.accounts.roles import Role, may
from compliance.events import figures_changed
from compliance.lib.batches import batches, index_plans, unindexed
from compliance.lib.globs import glob_problem, matches
from compliance.lib.locks import lock_records
from compliance.models import File, PlanVersion, Repository, Snapshot, Violation, Waiver
from compliance.progress.file_status import refresh
from compliance.progress.waiver_figures import FIGURES, Row, lifetimes, take_off, taken_off


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


def settle(sender: Repository, *, files: Iterable[int] | None = None, **_: object) -> None:
    """Subtract waived violations from the figures of the newest commit. Receives three events.

    `files` are those that a commit has changed; a commit changes no other file's waivers.
    """
    _apply(sender, files)


def apply(repository: Repository) -> None:
    """Update violations, files and the newest snapshot according to the active waivers."""
    with transaction.atomic():
        lock_records(repository.pk)
        _apply(Repository.objects.select_related("plan").get(pk=repository.pk))


def _apply(repository: Repository, files: Iterable[int] | None = None) -> None:
    """Do the work of `apply`. `repository` may have a plan and a newest commit that have not been saved to
    its row yet.
    """
    if repository.plan is None:
        return
    lasting = list(Waiver.objects.filter(repository=repository, ended_at=None).order_by("pk"))
    if changed := _match(repository.plan, lasting, files):
        refresh(repository, repository.plan, changed)
    _reckon(repository, lasting)


def _standing(version: PlanVersion) -> QuerySet[Violation]:
    """Return the violations at the newest commit, to be selected by one more condition, which is looked
    up.
    """
    rows = Violation.objects.alias(of=unindexed("plan_id"))
    return rows.filter(of=version.pk, last__isnull=True, suppressed=False)


def _candidates(version: PlanVersion, files: Iterable[int] | None) -> Iterator[QuerySet[Violation]]:
    """Yield the violations at the newest commit: all of them, or those in these files in batches."""
    if files is None:
        yield Violation.objects.filter(plan=version, last__isnull=True, suppressed=False)
    else:
        yield from (_standing(version).filter(file__in=batch) for batch in batches(files))


def _match(version: PlanVersion, lasting: list[Waiver], files: Iterable[int] | None) -> set[int]:
    """Assign each violation its waiver, or the oldest one if several match, and return the files that
    changed.
    """
    columns = ("pk", "file_id", "rule", "fingerprint", "waiver_id")
    kept = {waiver.pk for waiver in lasting}
    rows = []
    for chosen in _candidates(version, files):
        found = chosen if lasting else chosen.filter(waiver__isnull=False)
        with index_plans():
            rows += [row for row in found.values_list(*columns) if row[4] not in kept]
    paths = _paths(row[1] for row in rows) if lasting else {}
    covers = {waiver: _covered(waiver, paths) for waiver in lasting}
    changed: dict[int | None, list[int]] = {}
    affected = set()
    for pk, file, rule, fingerprint, former in rows:
        taking = (w.pk for w, own in covers.items() if file in own and _takes(w, rule, fingerprint))
        waiver = next(taking, None)
        if waiver != former:
            changed.setdefault(waiver, []).append(pk)
            affected.add(file)
    for waiver, violations in changed.items():
        for batch in batches(sorted(violations)):
            with index_plans():
                Violation.objects.filter(pk__in=batch).update(waiver=waiver)
    return affected


def _paths(files: Iterable[int]) -> dict[int, str]:
    """Return the paths of files by their ids."""
    found: dict[int, str] = {}
    for batch in batches(sorted(set(files))):
        with index_plans():
            found.update(File.objects.filter(pk__in=batch).values_list("pk", "path"))
    return found


def _covered(waiver: Waiver, paths: Mapping[int, str]) -> set[int]:
    """Return the files that a waiver covers: the matches of its glob, or the file of its one violation."""
    if waiver.fingerprint:
        return {pk for pk, path in paths.items() if path == waiver.glob}
    return {pk for pk, path in paths.items() if matches(waiver.glob, path)}


def _takes(waiver: Waiver, rule: str, fingerprint: str) -> bool:
    """Return true if a waiver covers a violation in one of its files."""
    return waiver.rule in {"", rule} and waiver.fingerprint in {"", fingerprint}


def _reckon(repository: Repository, lasting: list[Waiver]) -> None:
    """Recalculate the newest snapshot without waived violations, after adding back earlier subtractions."""
    snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=repository.head_id).first()
    if snapshot is None:
        return
    with index_plans():
        chosen = _standing(snapshot.plan).filter(waiver__in=lasting)
        waived = set(chosen.values_list("file_id", flat=True))
    rows: list[tuple[Row, bool]] = []
    doubtful: set[int] = set()
    for files in batches(sorted(waived)):
        found, unread = lifetimes(snapshot.plan_id, files, last__isnull=True)
        rows += ((row, bool(row["waiver_id"])) for row in found)
        doubtful.update(row["file_id"] for row in unread)
    if take_off(snapshot, taken_off(rows, doubtful)):
        snapshot.save(update_fields=FIGURES)
