"""What rewriting gives: the new text of a file, what was put right, and what was not and why."""

from dataclasses import dataclass

from scanner.git.diff import unified
from scanner.model import Finding, RepoPath
from scanner.plan import IssueSpec, PhaseSpec


@dataclass(frozen=True, slots=True)
class Refusal:
    """A finding that is left alone. `reason` says what to do first, `line` is 1-based, in the changed file.

    `waits`: it can be put right once other files are, so it is worth asking again after those.
    """

    path: RepoPath
    line: int
    rule: str
    role: str
    symbol: str
    reason: str
    waits: bool = False


class RefusedError(Exception):
    """Why a place is left alone; the message is the reason that people read."""

    def __init__(self, reason: str, *, waits: bool = False) -> None:
        super().__init__(reason)
        self.waits = waits


def refuse(finding: Finding, error: RefusedError) -> Refusal:
    """The refusal of one finding."""
    return Refusal(
        finding.path, finding.line, finding.rule, finding.role, finding.symbol, str(error), error.waits
    )


@dataclass(frozen=True, slots=True)
class Guide:
    """How a person puts a finding right that no program should: `steps` are sentences, in order."""

    path: RepoPath
    line: int
    rule: str
    role: str
    symbol: str
    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One file rewritten, or left alone where `after` equals `before`. Both are bytes as git keeps them.

    `fixed` are the findings (of any file) that are gone with the change.
    """

    path: RepoPath
    before: bytes
    after: bytes
    fixed: tuple[Finding, ...] = ()
    refused: tuple[Refusal, ...] = ()
    guides: tuple[Guide, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to apply."""
        return self.before != self.after

    @property
    def patch(self) -> bytes:
        """The change as `git apply` takes it; empty where nothing changed."""
        return unified(self.path, self.before, self.after)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which findings to put right; an empty selector takes all. `paths` are globs as in a plan."""

    rules: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One commit of a series: what it is for, and the files that it changes.

    `title` is the phase's or the step's; `phase` is None for a step and for what no phase takes.
    """

    title: str
    issue: IssueSpec | None
    phase: PhaseSpec | None
    rewrites: tuple[Rewrite, ...]
