"""Entry points for the dashboard and the command line: fix one file, or a whole revision."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.engine.cache import ReportStore
from scanner.fixes.mailbox import mailbox
from scanner.fixes.model import Guide, Refusal, Rewrite, Selection, Stage
from scanner.fixes.revision_workspace import open_workspace
from scanner.fixes.series import OnProgress, fix_all, fix_in_order, names_to_search
from scanner.fixes.workers import Rewriter
from scanner.git.repository import Repository
from scanner.model import RepoPath, Revision
from scanner.plan import Plan

_EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Series:
    """The fixes for a revision, in plan order; `mailbox` is for `git am`, `patch` for `git apply`."""

    revision: Revision
    stages: tuple[Stage, ...]

    @property
    def files(self) -> tuple[Rewrite, ...]:
        """Return every changed file once: its content in the revision and after the last stage."""
        merged: dict[RepoPath, Rewrite] = {}
        for rewrite in (rewrite for stage in self.stages for rewrite in stage.rewrites):
            first = merged.get(rewrite.path)
            before, fixed = (rewrite.before, ()) if first is None else (first.before, first.fixed)
            merged[rewrite.path] = Rewrite(rewrite.path, before, rewrite.after, (*fixed, *rewrite.fixed))
        return tuple(merged[path] for path in sorted(merged) if merged[path].changed)

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Return the findings that are still not fixed, by path; line numbers refer to the changed files."""
        return tuple(refusal for rewrite in self._last for refusal in rewrite.refused)

    @property
    def guides(self) -> tuple[Guide, ...]:
        """Return the guides, by path and line; line numbers refer to the changed files."""
        every = (guide for rewrite in self._last for guide in rewrite.guides)
        return tuple(sorted(every, key=lambda guide: (guide.path, guide.line, guide.rule)))

    @property
    def _last(self) -> tuple[Rewrite, ...]:
        """Return the results of the last stage, which tries every file once more."""
        return self.stages[-1].rewrites if self.stages and self.stages[-1].issue is None else ()

    @property
    def patch(self) -> bytes:
        """Return all changes as one patch."""
        return b"".join(rewrite.patch for rewrite in self.files)

    def mailbox(self, author: tuple[str, str]) -> bytes:
        """Return one message per commit.

        `author` is a name and an e-mail address; the date is that of the revision.
        """
        return mailbox(self.stages, author, self.revision.committed_at)


def rewrite_file(
    repository: Repository,
    revision: str,
    path: RepoPath,
    plan: Plan,
    store: ReportStore | None = None,
    *,
    selection: Selection = _EVERYTHING,
) -> Rewrite:
    """Fix one file in a revision as far as possible; all other files stay unchanged.

    This requires a scan of the revision, which is fast if the store has its reports. Raises `GitError` if the
    repository cannot be read.
    """
    workspace = open_workspace(repository, repository.revision(revision), plan, store)
    workspace.prefetch_mentions(names_to_search(workspace, [path], selection))
    rewriter = Rewriter(workspace)
    try:
        return next(rewriter.rewrite([path], selection))
    finally:
        rewriter.close()


def rewrite_revision(
    repository: Repository,
    revision: str,
    plan: Plan,
    store: ReportStore | None = None,
    *,
    selection: Selection = _EVERYTHING,
    in_order: bool = False,
    processes: int = 1,
    watch: OnProgress | None = None,
) -> Series:
    """Fix a whole revision as far as possible.

    With `in_order`, each step and phase becomes a stage of its own. Raises `GitError` if the repository
    cannot be read.
    """
    commit = repository.revision(revision)
    workspace = open_workspace(repository, commit, plan, store, processes)
    if in_order:
        return Series(commit, tuple(fix_in_order(workspace, selection, watch)))
    stage = Stage(_title(selection), None, None, fix_all(workspace, selection, watch))
    return Series(commit, (stage,))


def _title(selection: Selection) -> str:
    parts: Sequence[str] = (*selection.rules, *selection.phases, *selection.issues)
    return ", ".join(parts) or "All automatic fixes"
