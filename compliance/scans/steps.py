"""Determines which commit completed each step of an issue."""

from django.db.models import Max

from compliance.models import Commit, FileState, PlanVersion, Repository, Step
from compliance.scans.scan import Scan
from scanner import defined_since, path_matches


def record(scan: Scan) -> None:
    """Record which commit completed each step of the active plan, according to the history recorded so
    far.
    """
    repository, version = scan.repository, scan.version
    chosen = Step.objects.filter(issue__repository=repository, issue__in_plan=True)
    steps = list(chosen.select_related("done_by"))
    if not steps:
        return
    ends = _ends(version)
    for step in steps:
        globs = tuple(step.clean)
        commit = _cleaned(repository, ends, globs) if globs else _defined(scan, step.defines)
        if commit != step.done_by:
            step.done_by = commit
            step.save(update_fields=("done_by",))


def _ends(version: PlanVersion) -> dict[str, tuple[bool, int]]:
    """Return, for each path, whether it has violations now, and the last position at which it had any."""
    bad = FileState.objects.filter(plan=version, violations__gt=0)
    alive = set(bad.filter(last__isnull=True).values_list("file__path", flat=True))
    ended = dict(
        bad.filter(last__isnull=False)
        .values_list("file__path")
        .annotate(end=Max("last"))
        .values_list("file__path", "end")
    )
    return {path: (path in alive, ended.get(path, 0)) for path in alive | ended.keys()}


def _cleaned(
    repository: Repository, ends: dict[str, tuple[bool, int]], globs: tuple[str, ...]
) -> Commit | None:
    """Return the commit since which no file that these globs match has had violations, or None if any still
    has some.
    """
    chosen = [end for path, end in ends.items() if path_matches(globs, path)]
    if not chosen or any(alive for alive, _ in chosen):
        return None
    return Commit.objects.filter(repository=repository, position=max(end for _, end in chosen) + 1).first()


def _defined(scan: Scan, name: str) -> Commit | None:
    """Return the commit since which a name has been defined, or None if it isn't defined or the commit isn't
    recorded.
    """
    repository = scan.repository
    if not name or repository.head is None:
        return None
    sha = defined_since(scan.git, scan.plan, repository.head.sha, name)
    return (
        Commit.objects.filter(repository=repository, sha=sha, position__isnull=False).first() if sha else None
    )
