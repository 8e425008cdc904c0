"""The engine's value types: frozen, comparable, and independent of any database.

Paths are text that represents bytes: `decode_path` turns git's bytes into a `str` that JSON and databases
accept, and `encode_path` returns exactly the same bytes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal, NewType

Risk = Literal["critical", "high", "medium", "low"]
RISKS: tuple[Risk, ...] = ("critical", "high", "medium", "low")

RepoPath = NewType("RepoPath", str)
_ESCAPE = re.compile(r"\\(\\|x[0-9a-f]{2})")


def decode_path(raw: bytes) -> RepoPath:
    r"""Return text for a path's bytes: backslashes are doubled, and invalid UTF-8 bytes become `\xNN`."""
    return RepoPath(raw.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace"))


def encode_path(path: str) -> bytes:
    """Return the bytes from which `decode_path` produced the text."""
    out = bytearray()
    end = 0
    for match in _ESCAPE.finditer(path):
        out += path[end : match.start()].encode()
        code = match.group(1)
        out += b"\\" if code == "\\" else bytes([int(code[1:], 16)])
        end = match.end()
    return bytes(out + path[end:].encode())


@dataclass(frozen=True, slots=True)
class Revision:
    """One commit. Times are timezone-aware; `parents` are SHAs, and the first one is on the branch."""

    sha: str
    parents: tuple[str, ...]
    author: str
    email: str
    authored_at: datetime
    committed_at: datetime
    subject: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its name, the SHA it points to, and the commit it resolves to (empty if it is not a commit)."""

    name: str
    sha: str
    commit: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation of a rule. Lines and columns are 1-based; `end_column` is exclusive.

    Columns count characters. `symbol` is the full dotted name that the finding is about. `scope` is the
    dotted path of the enclosing classes and functions, and is empty at module level. `snippet` is the first
    line of the code, stripped.
    """

    path: RepoPath
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    role: str
    symbol: str
    scope: str
    risk: Risk
    category: str
    message: str
    snippet: str
    issues: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    fingerprint: str = ""
    suppressed: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that suppresses some rules on the lines `first` to `last` (1-based, inclusive).

    It is active through the day `until`, or indefinitely if that is not set.
    """

    first: int
    last: int
    rules: tuple[str, ...]
    reason: str
    until: date | None = None

    def covers(self, rule: str, line: int, day: date) -> bool:
        """Return whether this suppresses a finding of the rule on that line and day."""
        return self.first <= line <= self.last and rule in self.rules and self.holds(day)

    def holds(self, day: date) -> bool:
        """Return whether this is still active on that day."""
        return self.until is None or day <= self.until


@dataclass(frozen=True, slots=True)
class Fault:
    """The reason why a file could not be read or parsed; `line` is 0 if the reason is not tied to a line."""

    path: RepoPath
    reason: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file in one revision: the report on its text, combined with facts from other files.

    `unparsed` is set if the text does not parse; its findings still count. `skipped` is set if the file could
    not be read at all, in which case it is not in any figure. `old_sites` counts unsuppressed findings that
    use a replaced symbol, `new_sites` uses of the replacements. `defined` contains the dotted scopes of the
    file's classes and functions if they were looked up; `compare` needs them to tell moved code from a swap.
    """

    path: RepoPath
    blob: str
    category: str
    findings: tuple[Finding, ...] = ()
    old_sites: int = 0
    new_sites: int = 0
    tainted: bool = False
    unparsed: Fault | None = None
    skipped: Fault | None = None
    defined: frozenset[str] | None = field(default=None, compare=False, repr=False)

    @property
    def violations(self) -> tuple[Finding, ...]:
        """Return the findings that count, which are those that are not suppressed."""
        return tuple(f for f in self.findings if not f.suppressed)

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """Return the findings that are suppressed by a comment."""
        return tuple(f for f in self.findings if f.suppressed)

    @property
    def clean(self) -> bool:
        """Return whether the file counts as clean.

        A file that does not parse but contains names from the plan does not.
        """
        return not self.violations and not self.tainted


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a tally for one key: unsuppressed findings, and the number of files that contain them."""

    violations: int = 0
    files_with_violations: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """The totals of one revision; the unqualified counts cover the categories that count towards compliance.

    `by` maps dimension (rule, risk, category, phase, issue) to key to Slice. It contains every key that the
    plan names, even if the count is zero. `category_files` is the number of readable files in each category.
    """

    files: int
    clean: int
    violations: int
    files_with_violations: int
    old_sites: int
    new_sites: int
    suppressed: int
    unparsed: int
    skipped: int
    by: Mapping[str, Mapping[str, Slice]] = field(default_factory=lambda: MappingProxyType({}))
    category_files: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def percent(self) -> float | None:
        """Return the percentage of clean files, rounded down to one decimal place; None without files."""
        return percent(self.clean, self.files)


def percent(clean: int, files: int) -> float | None:
    """Return a percentage rounded down to one decimal place, so that a target never appears met too early."""
    return None if files == 0 else (1000 * clean // files) / 10


@dataclass(frozen=True, slots=True)
class Edit:
    """The numbers of the lines that one edit of a file replaced, and of those that replaced them."""

    before: range
    after: range

    def reversed(self) -> "Edit":
        """Return the same edit in the other direction."""
        return Edit(self.after, self.before)


def _no_edits(before: str, after: str) -> Sequence[Edit]:  # noqa: ARG001 - as `Difference.edits`
    return ()


@dataclass(frozen=True, slots=True)
class Difference:
    """The files that changed between two revisions: path -> (result before, result after).

    None on a side means that the path is not a file in scope in that revision. `renames` maps new paths to
    old paths. `edits` returns what was edited between two blobs, in text order, or nothing if that is
    unknown.
    """

    changed: Mapping[RepoPath, tuple[FileResult | None, FileResult | None]]
    renames: Mapping[RepoPath, RepoPath]
    edits: Callable[[str, str], Sequence[Edit]] = field(default=_no_edits, compare=False, repr=False)

    def reversed(self) -> "Difference":
        """Return the same difference in the other direction."""
        return Difference(
            {path: (after, before) for path, (before, after) in self.changed.items()},
            {old: new for new, old in self.renames.items()},
            self.edits,
        )


Rung = Literal["fingerprint", "scope", "text", "edit"]


@dataclass(frozen=True, slots=True)
class Move:
    """The same violation in two revisions, and the level of matching that found it."""

    before: Finding
    after: Finding
    rung: Rung


@dataclass(frozen=True, slots=True)
class Comparison:
    """New, fixed and moved findings between two revisions; only unsuppressed findings are compared.

    `moved` findings now have another path, line or fingerprint; `kept` are unmoved findings in changed files.
    `suppressed` findings counted before and are now suppressed by a comment. `restored` are the reverse:
    their comment was removed or expired. `silent` findings are suppressed and never counted. None of these
    last three are new or fixed.
    """

    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    moved: tuple[Move, ...]
    kept: tuple[Move, ...] = ()
    suppressed: tuple[Move, ...] = ()
    restored: tuple[Move, ...] = ()
    silent: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Movement:
    """How many violations of the counted categories a commit introduced, fixed, suppressed, moved and so on.

    `moved` counts by where violations stand now. `moved_in` and `moved_out` are those whose file came from a
    category that does not count, or went to one. Violations before + new + restored + moved_in - fixed -
    newly_suppressed - moved_out = violations after.
    """

    new: int = 0
    fixed: int = 0
    newly_suppressed: int = 0
    restored: int = 0
    moved: int = 0
    moved_in: int = 0
    moved_out: int = 0
