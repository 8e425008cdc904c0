"""The result of a fix: a file's new text, the findings that are fixed, and those that are not."""

from dataclasses import dataclass

from scanner.git.diff import unified
from scanner.model import Finding, RepoPath
from scanner.plan import IssueSpec, PhaseSpec


@dataclass(frozen=True, slots=True)
class Refusal:
    """A finding that was not fixed.

    `reason` says what has to be done first; `line` is 1-based and refers to the changed file. If `waits` is
    true, the finding can be fixed once other files are, so it is tried again after them.
    """

    path: RepoPath
    line: int
    rule: str
    role: str
    symbol: str
    reason: str
    waits: bool = False


class RefusedError(Exception):
    """A finding cannot be fixed; the message is the reason, as shown to users."""

    def __init__(self, reason: str, *, waits: bool = False) -> None:
        super().__init__(reason)
        self.waits = waits


def refuse(finding: Finding, error: RefusedError) -> Refusal:
    """Return the refusal of one finding."""
    return Refusal(
        finding.path, finding.line, finding.rule, finding.role, finding.symbol, str(error), error.waits
    )


@dataclass(frozen=True, slots=True)
class Guide:
    """Instructions for a finding that only a person can fix; `steps` are sentences, in order."""

    path: RepoPath
    line: int
    rule: str
    role: str
    symbol: str
    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One file before and after its fixes, as bytes; both are equal if nothing was fixed.

    `fixed` lists the findings, in any file, that the change fixes.
    """

    path: RepoPath
    before: bytes
    after: bytes
    fixed: tuple[Finding, ...] = ()
    refused: tuple[Refusal, ...] = ()
    guides: tuple[Guide, ...] = ()

    @property
    def changed(self) -> bool:
        """Return whether the file's text changed."""
        return self.before != self.after

    @property
    def patch(self) -> bytes:
        """Return the change as a patch for `git apply`, or an empty string if nothing changed."""
        return unified(self.path, self.before, self.after)


@dataclass(frozen=True, slots=True)
class Selection:
    """Selects the findings to fix; an empty selector selects all.

    `paths` are globs as in a plan. `fingerprints` are those of single findings, which are not unique between
    files.
    """

    rules: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One commit in a series: its purpose, and the files that it changes.

    `title` is the title of the phase or step. `phase` is None for a step and for findings that are in no
    phase.
    """

    title: str
    issue: IssueSpec | None
    phase: PhaseSpec | None
    rewrites: tuple[Rewrite, ...]
