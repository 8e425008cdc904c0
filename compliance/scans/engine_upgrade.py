"""Handles records made by an earlier release's engine: keeps them if the current engine agrees, else replaces
them.
"""

from django.db import transaction
from django.utils import timezone

from compliance.jobs.machine import matching_of, number_of, release, release_number
from compliance.models import Commit, FileState, PlanVersion, Repository, Violation
from compliance.scans import history, rows
from compliance.scans.rows import State
from compliance.scans.scan import Scan
from scanner import MATCHING, engine_version


def is_dated(version: PlanVersion) -> bool:
    """Return true if a version's history was recorded by an engine older than this process's."""
    return version.engine != engine_version() and number_of(version.engine) < _own_number()


def is_newer(version: PlanVersion) -> bool:
    """Return true if a version's history was recorded by an engine newer than this process's."""
    return version.engine != engine_version() and number_of(version.engine) > _own_number()


def reserve(repository: Repository, version: PlanVersion | None = None) -> None:
    """Leave the repository's jobs to workers of this process's release and of newer ones, or to those of the
    release that has recorded `version`.
    """
    number = number_of(version.engine) if version else _own_number()
    if number > repository.engine_release:
        rows = Repository.objects.filter(pk=repository.pk, engine_release__lt=number)
        rows.update(engine_release=number)
        repository.engine_release = number


def declare_release() -> None:
    """Declare which release this process runs. Its number is read when it is needed first."""
    release.engine, release.matching = engine_version(), MATCHING


def _own_number() -> int:
    declare_release()
    return release_number()


def renew(scan: Scan) -> None:
    """Replace a scan's version that another engine recorded with an existing or new version of the same
    content.

    The version is kept if nothing has ever been recorded under it (of a pruned version, the lifetimes of
    violations are left), or if its history reaches the root and this engine matches violations by the same
    rules and has the same findings in the newest commit. A history that is recorded partly by each of two
    engines would be inconsistent.
    """
    version = scan.version
    reserve(scan.repository)
    if not is_dated(version):
        return
    made = _of_current_engine(version)
    newest, lowest = history.newest(version), history.lowest(version)
    fresh = newest is None and not Violation.objects.filter(plan=version).exists()
    is_consistent = lowest == 1 and matching_of(version.engine) == MATCHING
    if made is None and (fresh or (newest is not None and is_consistent and _agrees(scan, newest))):
        version.engine = engine_version()
        version.save(update_fields=("engine",))
        return
    scan.version = made or _copy(version)
    Repository.objects.filter(pk=scan.repository.pk, chosen_plan=version).update(chosen_plan=scan.version)


def _of_current_engine(version: PlanVersion) -> PlanVersion | None:
    """Return the version with the same content that the current engine has recorded, if there is one."""
    same = PlanVersion.objects.filter(repository=version.repository_id, digest=version.digest)
    return same.filter(engine=engine_version()).first()


def _copy(version: PlanVersion) -> PlanVersion:
    """Return a new version with the same content for the current engine."""
    with transaction.atomic():
        repository = (
            Repository.objects.select_for_update(no_key=True).only("pk").get(pk=version.repository_id)
        )
        made = PlanVersion.objects.get(pk=version.pk)
        made.pk, made.number, made.engine = None, repository.next_plan_number(), engine_version()
        made.created_at = timezone.now()
        made.save(force_insert=True)
    return made


def _agrees(scan: Scan, newest: Commit) -> bool:
    """Return true if this engine's findings in the newest commit match the version's rows."""
    files = dict(next(scan.walker.walk([newest.sha])).files.items())
    findings = {rows.key_of(f): (f.role, f.risk) for result in files.values() for f in result.findings}
    open_rows = Violation.objects.filter(plan=scan.version, last__isnull=True)
    places = open_rows.values_list("file__path", "fingerprint", "role", "risk")
    if findings != {(path, fingerprint): (role, risk) for path, fingerprint, role, risk in places}:
        return False
    states = FileState.objects.filter(plan=scan.version, last__isnull=True).select_related("file")
    found = {path: State.of(result) for path, result in files.items()}
    return found == {row.file.path: State.of_row(row) for row in states.iterator()}
