"""The order of a plan: each issue's steps, then its phases, then what is left, each a commit of its own."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from scanner.fixes.context import Sheet
from scanner.fixes.guides import GUIDED, names
from scanner.fixes.model import Rewrite, Selection, Stage
from scanner.fixes.rounds import selected
from scanner.fixes.workers import Rewriter
from scanner.fixes.workspace import Draft
from scanner.globs import path_matches
from scanner.model import RepoPath
from scanner.plan import IssueSpec, PhaseSpec, Plan

_PASSES = 6
Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Part:
    """A stage before it is worked on."""

    title: str
    issue: IssueSpec | None
    phase: PhaseSpec | None
    selection: Selection


def parts(plan: Plan, selection: Selection) -> list[_Part]:
    """The stages of a plan that a selection leaves something of, in the plan's order."""
    found: list[_Part] = []
    for issue in plan.issues:
        within = replace(selection, issues=(issue.key,))
        steps = [step for step in issue.steps if step.clean]
        found += [_Part(s.title, issue, None, replace(within, paths=s.clean)) for s in steps]
        for phase in issue.phases:
            found.append(_Part(phase.title, issue, phase, replace(within, phases=(phase.id,))))
        found.append(_Part(issue.title, issue, None, within))
    return [*found, _Part("What is left", None, None, selection)]


def whole(draft: Draft, selection: Selection, watch: Watch | None = None) -> tuple[Rewrite, ...]:
    """Every file that a selection takes, rewritten; those that wait for others are tried again."""
    rewriter = Rewriter(draft, [selection])
    try:
        return _worked(draft, rewriter, selection, selection.paths, watch)
    finally:
        rewriter.close()


def series(draft: Draft, selection: Selection, watch: Watch | None = None) -> Iterator[Stage]:
    """The stages of the draft's plan that change something or refuse something, in order.

    Each is worked on top of those before it.
    """
    stages = parts(draft.plan, selection)
    draft.expect(asked_names(draft, draft.notable(), selection))
    rewriter = Rewriter(draft, [part.selection for part in stages])
    try:
        for part in stages:
            rewrites = _worked(draft, rewriter, part.selection, selection.paths, watch)
            if rewrites:
                yield Stage(part.title, part.issue, part.phase, rewrites)
    finally:
        rewriter.close()


def _worked(
    draft: Draft, rewriter: Rewriter, selection: Selection, paths: tuple[str, ...], watch: Watch | None
) -> tuple[Rewrite, ...]:
    done: dict[RepoPath, Rewrite] = {}
    draft.expect(asked_names(draft, draft.notable(), selection))
    waiting = [
        path
        for path in draft.notable()
        if (not paths or path_matches(paths, path)) and selected(draft, path, selection)
    ]
    for _ in range(_PASSES):
        moved = False
        total = len(done) + len(waiting)
        for number, result in enumerate(rewriter.rewrite(waiting, selection), start=1):
            moved = moved or result.changed
            done[result.path] = _followed(done.get(result.path), result)
            if watch is not None:
                watch(number, max(total, number))
        waiting = [path for path in sorted(done) if any(refusal.waits for refusal in done[path].refused)]
        if not moved or not waiting:
            break
    return tuple(done[path] for path in sorted(done) if _says_something(done[path]))


def asked_names(draft: Draft, paths: Iterable[RepoPath], selection: Selection) -> Iterator[str]:
    """What the whole tree will be asked about by some files, so that it is searched once."""
    kinds = {spec.id: spec.kind for spec in draft.plan.rules}
    for path in paths:
        for finding in selected(draft, path, selection):
            kind = kinds.get(finding.rule, "")
            if kind == "deprecated-symbol":
                yield finding.symbol.rpartition(".")[2]
            source = draft.source(path) if kind in GUIDED else None
            if source is not None:
                yield from names(Sheet(draft, source), finding)


def _followed(first: Rewrite | None, then: Rewrite) -> Rewrite:
    """Two rewrites of a file, one after the other, as one."""
    if first is None:
        return then
    return replace(then, before=first.before, fixed=(*first.fixed, *then.fixed))


def _says_something(rewrite: Rewrite) -> bool:
    return bool(rewrite.changed or rewrite.refused or rewrite.guides)
