"""Finds the violations that approved waivers cover, and records them beside the newest commit's figures.

A violation belongs to the waiver that was approved first, as long as that one lasts. A waiver for a single
violation follows it when commits move it to other lines or files, and to another plan version. One for files
covers what is in the files whose paths match its glob, so a rename may end or begin it. A file that could not
be read completely isn't clean even if all violations found in it are waived.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from compliance.lib.batches import batches, index_plans, unindexed
from compliance.lib.globs import matches
from compliance.lib.locks import lock_records
from compliance.models import Change, Commit, File, PlanVersion, Repository, Snapshot, Violation, Waiver
from compliance.progress.file_status import refresh
from compliance.progress.waiver_figures import Row, annotate, covered_amounts, lasting, lifetimes, places_of
from compliance.work.claims import release_finished


def settle(sender: Repository, *, files: Iterable[int] | None = None, **_: object) -> None:
    """Record what waivers cover at the newest commit. Receives three events.

    `files` are those that a commit has changed; a commit changes no other file's waivers.
    """
    _apply(sender, files)


def apply(repository: Repository) -> None:
    """Update violations, files, claims and the newest snapshot according to the active waivers."""
    with transaction.atomic():
        lock_records(repository.pk)
        _apply(Repository.objects.select_related("plan").get(pk=repository.pk))


def _apply(repository: Repository, files: Iterable[int] | None = None) -> None:
    """Do the work of `apply`. `repository` may have a plan and a newest commit that have not been saved to
    its row yet.
    """
    if repository.plan is None:
        return
    waivers = list(lasting(repository))
    if changed := _match(repository.plan, waivers, files):
        refresh(repository, repository.plan, changed)
        release_finished(changed)
    _annotate(repository, waivers)


def violating_paths(repository: Repository) -> dict[int, str]:
    """Return the paths of the files with violations, by their ids."""
    rows = File.objects.filter(repository=repository, violations__gt=0)
    return dict(rows.values_list("pk", "path"))


def covered_by(waiver: Waiver, paths: Mapping[int, str] | None = None) -> QuerySet[Violation]:
    """Return the violations at the newest commit that a waiver covers or, while it is waiting for a decision,
    those that match it. `paths` are those of the files with violations, if they are known already.
    """
    now = Violation.objects.filter(plan=waiver.repository.plan_id, last__isnull=True, suppressed=False)
    if waiver.state != Waiver.State.REQUESTED:
        return now.filter(waiver=waiver)
    if waiver.fingerprint:
        moved = now.filter(pk__in=_moved_since(waiver))
        return moved or now.filter(file__path=waiver.glob, fingerprint=waiver.fingerprint)
    paths = violating_paths(waiver.repository) if paths is None else paths
    found = now.filter(file__in=[pk for pk, path in paths.items() if matches(waiver.glob, path)])
    return found.filter(rule=waiver.rule) if waiver.rule else found


def _moved_since(waiver: Waiver) -> QuerySet[Any]:
    """Return the key of the violation that was where a request says, if commits have moved it since then."""
    commits = Commit.objects.filter(
        repository=waiver.repository_id, position__isnull=False, recorded_at__gte=waiver.created_at
    )
    moves = Change.objects.filter(plan=waiver.repository.plan_id, kind=Change.Kind.MOVED, commit__in=commits)
    return moves.filter(old_path=waiver.glob, old_fingerprint=waiver.fingerprint).values("violation")


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


def _match(version: PlanVersion, waivers: Sequence[Waiver], files: Iterable[int] | None) -> set[int]:
    """Assign each violation the first waiver that covers it, and return the files that changed."""
    columns = ("pk", "file_id", "rule", "fingerprint", "waiver_id")
    rows = []
    for chosen in _candidates(version, files):
        found = chosen if waivers else chosen.filter(waiver__isnull=False)
        with index_plans():
            rows += list(found.values_list(*columns))
    covers = [_Cover(waiver, _places(version, waiver)) for waiver in waivers]
    for pk, path in _paths(row[1] for row in rows).items() if covers else ():
        for cover in covers:
            cover.add(pk, path)
    changed: dict[int | None, list[int]] = {}
    affected = set()
    for pk, file, rule, fingerprint, former in rows:
        taking = (c.waiver.pk for c in covers if c.takes(file, rule, fingerprint, former))
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


def _places(version: PlanVersion, waiver: Waiver) -> Mapping[str, set[str]]:
    """Return the places at which a waiver for a single violation would cover one. There are none while it
    covers a violation.
    """
    now = waiver.violations.filter(plan=version, last__isnull=True, suppressed=False)
    return {} if not waiver.fingerprint or now.exists() else places_of(waiver)


@dataclass(slots=True)
class _Cover:
    """A waiver with the files that it covers. For a single violation, `places` has its fingerprints by path
    and `files` those by the file's id.
    """

    waiver: Waiver
    places: Mapping[str, set[str]]
    files: dict[int, set[str]] = field(default_factory=dict)

    def add(self, pk: int, path: str) -> None:
        """Add a file if the waiver may cover something in it."""
        if self.waiver.fingerprint:
            if path in self.places:
                self.files[pk] = self.places[path]
        elif matches(self.waiver.glob, path):
            self.files[pk] = set()

    def takes(self, file: int, rule: str, fingerprint: str, former: int | None) -> bool:
        """Return true if the waiver covers a violation, which had the waiver `former` before."""
        if self.waiver.fingerprint:
            found = fingerprint in self.files.get(file, ())
            if found:
                self.files.clear()
            return found or former == self.waiver.pk
        return file in self.files and self.waiver.rule in {"", rule}


def _annotate(repository: Repository, waivers: Sequence[Waiver]) -> None:
    """Record in the newest snapshot what these waivers cover."""
    snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=repository.head_id).first()
    if snapshot is None:
        return
    with index_plans():
        chosen = _standing(snapshot.plan).filter(waiver__in=waivers)
        waived = set(chosen.values_list("file_id", flat=True))
    rows: list[tuple[Row, bool]] = []
    doubtful: set[int] = set()
    for files in batches(sorted(waived)):
        found, unread = lifetimes(snapshot.plan_id, files, last__isnull=True)
        rows += ((row, bool(row["waiver_id"])) for row in found)
        doubtful.update(row["file_id"] for row in unread)
    if annotate(snapshot, covered_amounts(rows, doubtful)):
        snapshot.save(update_fields=["waived"])
