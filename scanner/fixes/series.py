"""Orders fixes as the plan does: each issue's steps, its phases, then the rest, with one commit for each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from scanner.fixes.context import FixContext
from scanner.fixes.guides import GUIDED, names_in_guide
from scanner.fixes.model import Rewrite, Selection, Stage
from scanner.fixes.rounds import selected
from scanner.fixes.workers import Rewriter
from scanner.fixes.workspace import Workspace
from scanner.globs import path_matches
from scanner.model import RepoPath
from scanner.plan import IssueSpec, PhaseSpec, Plan

_PASSES = 6
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Part:
    """A stage whose files have not been fixed yet."""

    title: str
    issue: IssueSpec | None
    phase: PhaseSpec | None
    selection: Selection


def plan_parts(plan: Plan, selection: Selection) -> list[_Part]:
    """Return the plan's stages that a selection includes, in plan order."""
    found: list[_Part] = []
    for issue in plan.issues:
        within = replace(selection, issues=(issue.key,))
        steps = [step for step in issue.steps if step.clean]
        found += [_Part(s.title, issue, None, replace(within, paths=s.clean)) for s in steps]
        for phase in issue.phases:
            found.append(_Part(phase.title, issue, phase, replace(within, phases=(phase.id,))))
        found.append(_Part(issue.title, issue, None, within))
    return [*found, _Part("Remaining findings", None, None, selection)]


def fix_all(
    workspace: Workspace, selection: Selection, watch: OnProgress | None = None
) -> tuple[Rewrite, ...]:
    """Fix every file that a selection includes; files that wait for other files are tried again."""
    rewriter = Rewriter(workspace)
    try:
        return _fix_part(workspace, rewriter, selection, selection.paths, watch)
    finally:
        rewriter.close()


def fix_in_order(
    workspace: Workspace, selection: Selection, watch: OnProgress | None = None
) -> Iterator[Stage]:
    """Yield the plan's stages that fix or refuse at least one finding, in order.

    Each stage builds on those before it.
    """
    stages = plan_parts(workspace.plan, selection)
    workspace.prefetch_mentions(names_to_search(workspace, workspace.notable(), selection))
    rewriter = Rewriter(workspace)
    try:
        for part in stages:
            rewrites = _fix_part(workspace, rewriter, part.selection, selection.paths, watch)
            if rewrites:
                yield Stage(part.title, part.issue, part.phase, rewrites)
    finally:
        rewriter.close()


def _fix_part(
    workspace: Workspace,
    rewriter: Rewriter,
    selection: Selection,
    paths: tuple[str, ...],
    watch: OnProgress | None,
) -> tuple[Rewrite, ...]:
    done: dict[RepoPath, Rewrite] = {}
    workspace.prefetch_mentions(names_to_search(workspace, workspace.notable(), selection))
    waiting = [
        path
        for path in workspace.notable()
        if (not paths or path_matches(paths, path)) and selected(workspace, path, selection)
    ]
    for _ in range(_PASSES):
        moved = False
        total = len(done) + len(waiting)
        for number, result in enumerate(rewriter.rewrite(waiting, selection), start=1):
            moved = moved or result.changed
            done[result.path] = _merge(done.get(result.path), result)
            if watch is not None:
                watch(number, max(total, number))
        waiting = [path for path in sorted(done) if any(refusal.waits for refusal in done[path].refused)]
        if not moved or not waiting:
            break
    return tuple(done[path] for path in sorted(done) if _is_reportable(done[path]))


def names_to_search(workspace: Workspace, paths: Iterable[RepoPath], selection: Selection) -> Iterator[str]:
    """Yield the names for which fixing some files will search the tree, so that one search is enough."""
    kinds = {spec.id: spec.kind for spec in workspace.plan.rules}
    for path in paths:
        findings = selected(workspace, path, selection)
        if any(kinds.get(finding.rule, "") not in GUIDED for finding in findings):
            yield workspace.plan.module_name(path).rpartition(".")[2]  # the proof looks for its users
        for finding in findings:
            kind = kinds.get(finding.rule, "")
            if kind == "deprecated-symbol":
                yield finding.symbol.rpartition(".")[2]
            source = workspace.source(path) if kind in GUIDED else None
            if source is not None:
                yield from names_in_guide(FixContext(workspace, source), finding)


def _merge(first: Rewrite | None, then: Rewrite) -> Rewrite:
    """Combine two successive rewrites of a file into one."""
    if first is None:
        return then
    return replace(then, before=first.before, fixed=(*first.fixed, *then.fixed))


def _is_reportable(rewrite: Rewrite) -> bool:
    return bool(rewrite.changed or rewrite.refused or rewrite.guides)
