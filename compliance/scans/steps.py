"""Steps of a fixed order: which commit did each."""

from django.db.models import Max

from compliance.models import Commit, FileState, PlanVersion, Repository, Step
from scanner import Plan, defined_since, path_matches
from scanner import Repository as GitRepository


def settle(repository: Repository, git: GitRepository, version: PlanVersion, plan: Plan) -> None:
    """Find the commit that did each step of the plan in force, from what is recorded so far."""
    chosen = Step.objects.filter(issue__repository=repository, issue__in_plan=True)
    steps = list(chosen.select_related("done_by"))
    if not steps:
        return
    ends = _ends(version)
    for step in steps:
        if step.clean:
            commit = _cleaned(repository, ends, tuple(step.clean))
        else:
            commit = _defined(repository, git, plan, step.defines)
        if commit != step.done_by:
            step.done_by = commit
            step.save(update_fields=("done_by",))


def _ends(version: PlanVersion) -> dict[str, tuple[bool, int]]:
    """Path -> whether it has violations now, and the last position at which it had some."""
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
    """The first commit from which on nothing under these globs has violations; None while something has."""
    chosen = [end for path, end in ends.items() if path_matches(globs, path)]
    if not chosen or any(alive for alive, _ in chosen):
        return None
    return Commit.objects.filter(repository=repository, position=max(end for _, end in chosen) + 1).first()


def _defined(repository: Repository, git: GitRepository, plan: Plan, name: str) -> Commit | None:
    """The commit from which on a name has been defined; None while it is not, or is not recorded."""
    if not name or repository.head is None:
        return None
    sha = defined_since(git, plan, repository.head.sha, name)
    return (
        Commit.objects.filter(repository=repository, sha=sha, position__isnull=False).first() if sha else None
    )
