"""Fixes files in a child process, so that a crash or an endless parse costs one file and not the run.

The child is forked with the whole workspace and returns the result for each file. The parent process records
the results and passes them on to the next child if one crashes.
"""

import gc
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.engine.worker import ForkedWorker, LostWorkerError
from scanner.fixes.model import RefusedError, Rewrite, Selection, refuse
from scanner.fixes.rounds import rewrite_in, selected
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath

# Parsed files are many objects without cycles, which each collection would go through.
_THRESHOLDS = (200_000, 2, 2)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Files to fix in order, and which of their findings."""

    paths: tuple[RepoPath, ...]
    selection: Selection

    def __len__(self) -> int:
        return len(self.paths)


class Rewriter:
    """Fixes files in one workspace in order; each file sees the results of those before it.

    One child serves every request, because it caches parsed files.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._draft = workspace
        self._child: ForkedWorker[_Batch] | None = None

    def rewrite(self, paths: Iterable[RepoPath], selection: Selection) -> Iterator[Rewrite]:
        """Yield the result for each file; if a file crashes the child, all of its findings are refused."""
        rest = list(paths)
        while rest:
            if self._child is None:
                self._child = ForkedWorker(self._serve)
            try:
                for packed in self._child.request(_Batch(tuple(rest), selection)):
                    result: Rewrite = pickle.loads(packed)  # noqa: S301  our own child wrote it
                    self._keep(result)
                    rest.pop(0)
                    yield result
            except LostWorkerError as error:
                self.close()
                yield self._lost(rest.pop(0), selection, str(error))

    def close(self) -> None:
        """Stop the child, if there is one."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _serve(self, batch: _Batch) -> Iterator[bytes]:
        """Yield the packed result for each file; runs in the child."""
        gc.freeze()  # the workspace stays, so no collection has to go through it
        gc.set_threshold(*_THRESHOLDS)
        for path in batch.paths:
            try:
                result = rewrite_in(self._draft, path, batch.selection)
            except Exception as error:  # noqa: BLE001  (one file must not end the run)
                reason = f"caused an internal error: {type(error).__name__}: {error}"
                result = self._lost(path, batch.selection, reason)
            yield pickle.dumps(result)

    def _keep(self, result: Rewrite) -> None:
        """Apply the child's result to the workspace in this process."""
        if result.changed:
            self._draft.propose(result.path, result.after)

    def _lost(self, path: RepoPath, selection: Selection, reason: str) -> Rewrite:
        content = self._draft.content(path)
        before = content if isinstance(content, bytes) else b""
        refused = (
            refuse(finding, RefusedError(f"the file {reason}"))
            for finding in selected(self._draft, path, selection)
        )
        return Rewrite(path, before, before, refused=tuple(refused))
