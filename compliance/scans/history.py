"""The recorded history of the branch: how far back it goes under a plan version, and which version is
charted.
"""

from django.db.models import QuerySet

from compliance.events import history_evaluated
from compliance.models import Commit, PlanVersion, Repository
from compliance.progress import baseline
from compliance.progress.file_status import refresh
from compliance.scans import steps, tags
from compliance.scans.commit_dates import PLAUSIBLE_SINCE, latest_plausible
from compliance.scans.recording import recording
from compliance.scans.scan import Scan


def recorded(version: PlanVersion) -> QuerySet[Commit]:
    """Return the branch's commits that have been recorded under a plan version."""
    line = Commit.objects.filter(repository=version.repository_id, position__isnull=False)
    return line.filter(snapshots__plan=version)


def newest(version: PlanVersion) -> Commit | None:
    """Return the newest commit that has been recorded under a plan version."""
    return recorded(version).order_by("-position").first()


def lowest(version: PlanVersion) -> int | None:
    """Return the position of the oldest commit that has been recorded under a plan version, or None without
    any.
    """
    return recorded(version).order_by("position").values_list("position", flat=True).first()


def is_complete(repository: Repository, version: PlanVersion) -> bool:
    """Return true if all commits that are to be read have been recorded under a plan version."""
    reached = lowest(version)
    return reached is not None and reached <= repository.history_floor


def depth_to_reach(repository: Repository, version: PlanVersion) -> int | None:
    """Return the position that history must reach before this version's trend is charted.

    Return None if it already is, or if no trend is charted.
    """
    shown = PlanVersion.objects.filter(pk=repository.line_plan_id or 0).exclude(pk=version.pk).first()
    return lowest(shown) if shown else None


def show_trend(repository: Repository, version: PlanVersion) -> None:
    """Chart the active version's trend once it reaches as far back as the trend charted so far."""
    same = Repository.objects.filter(pk=repository.pk, plan=version)
    repository.line_plan_id = same.values_list("line_plan", flat=True).first()
    reached, deep = lowest(version), depth_to_reach(repository, version)
    if reached is not None and (deep is None or reached <= deep) and same.update(line_plan=version):
        repository.line_plan = version


def finish(scan: Scan) -> bool:
    """Update everything that is derived from the whole history, and return true if all of it that is to be
    read has been recorded.
    """
    repository, version = scan.repository, scan.version
    show_trend(repository, version)
    done = is_complete(repository, version)
    if done:
        _choose_baseline(scan)
    # Meanwhile, somebody may have decided to read further back.
    same_floor = Repository.objects.filter(pk=repository.pk, history_floor=repository.history_floor)
    done = bool(same_floor.update(history_done=done)) and done
    _believe_dates(repository)
    steps.record(scan)
    tags.record(scan)
    return done


def _believe_dates(repository: Repository) -> None:
    """Use a commit's own date again once it is in the past, or once this machine's clock has been
    corrected.
    """
    placed = Commit.objects.filter(repository=repository, placed_at__isnull=False)
    placed.filter(committed_at__range=(PLAUSIBLE_SINCE, latest_plausible())).update(placed_at=None)


def _choose_baseline(scan: Scan) -> None:
    """Store the baseline of a complete history where none is stored; derive anew what depends on it."""
    repository, version = scan.repository, scan.version
    with recording(scan):
        if baseline.choose(repository, version):
            refresh(repository, version)
            history_evaluated.send(repository)
