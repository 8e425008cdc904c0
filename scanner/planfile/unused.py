"""Finds parts of a plan that have no effect on a revision, by mistake or because the work is done."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from scanner.git.repository import Repository
from scanner.git.sampling import sampled_commits
from scanner.globs import path_matches
from scanner.model import Finding, RepoPath, decode_path
from scanner.plan import Plan

_SAMPLES = 8


def earlier_paths(repository: Repository, sha: str) -> set[RepoPath]:
    """Return the paths in some commits of a history, at equal distances."""
    commits = sampled_commits(repository, sha, _SAMPLES)
    return {decode_path(path) for each in commits for path, _ in repository.files(each.sha)}


def idle_parts(
    plan: Plan,
    findings: Sequence[Finding],
    paths: Sequence[str],
    earlier_paths: Callable[[], Iterable[str]] = tuple,
) -> Iterator[str]:
    """Describe the parts that match nothing, given all findings and paths in a revision.

    A category that contains files of earlier revisions is not idle; their paths are asked for only if a
    category contains none of the given ones.
    """
    scope = [path for path in paths if plan.in_scope(path)]
    yield from _rules(plan, findings, scope)
    yield from _overrides(plan, findings)
    yield from _categories(plan, scope, earlier_paths)
    yield from _work(plan, findings)
    yield from _globs(plan, paths)


def _rules(plan: Plan, findings: Iterable[Finding], scope: Sequence[str]) -> Iterator[str]:
    found = {finding.rule for finding in findings}
    for rule in plan.rules:
        if not any(rule.covers(path) for path in scope):
            yield f"rule `{rule.id}`: its paths match no file in scope"
        elif rule.id not in found:
            yield f"rule `{rule.id}` matches nothing"


def _overrides(plan: Plan, findings: Iterable[Finding]) -> Iterator[str]:
    used = set()
    for finding in findings:
        what = (finding.rule, finding.role, finding.path, finding.category)
        used.add(next((n for n, override in enumerate(plan.risk_overrides) if override.matches(*what)), None))
    for number in range(len(plan.risk_overrides)):
        if number not in used:
            yield f"risk_overrides[{number}] does not change the risk of any finding"


def _categories(
    plan: Plan, scope: Iterable[str], earlier_paths: Callable[[], Iterable[str]]
) -> Iterator[str]:
    seen = {plan.category_of(path) for path in scope}
    if not seen.issuperset((*plan.categories, *plan.compliance_counts)):
        seen.update(plan.category_of(path) for path in earlier_paths() if plan.in_scope(path))
    for name in plan.categories:
        if name not in seen:
            yield f"category `{name}` contains no files: none match it, or earlier categories include them"
    for name in plan.compliance_counts:
        if name not in plan.categories and name not in seen:
            yield f"the counted category `{name}` contains no files"


def _work(plan: Plan, findings: Sequence[Finding]) -> Iterator[str]:
    issues = {issue for finding in findings for issue in finding.issues}
    phases = {phase for finding in findings for phase in finding.phases}
    for issue in plan.issues:
        if issue.key not in issues:
            yield f"issue `{issue.key}` includes no findings"
            continue
        for phase in issue.phases:
            if phase.id not in phases:
                yield f"phase `{phase.id}` of issue `{issue.key}` includes no findings"


def _globs(plan: Plan, paths: Sequence[str]) -> Iterator[str]:
    for name, globs in plan.suites.items():
        if not any(path_matches(globs, path) for path in paths):
            yield f"suite `{name}` matches no file"
    for root in plan.scope.source_roots:
        if root != "." and not any(path.startswith(root + "/") for path in paths):
            yield f"source root `{root}` is not a folder in this revision"
    for issue in plan.issues:
        for step in issue.steps:
            if step.clean and not any(path_matches(step.clean, path) for path in paths):
                yield f"step `{step.title}` of issue `{issue.key}`: `clean` matches no file"
