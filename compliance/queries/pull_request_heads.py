"""One pull request: its checked heads, the findings of one of them, and the work that it affects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet

from compliance.lib.figures import percent
from compliance.models import (
    COUNT_COLUMNS,
    CheckFinding,
    Claim,
    File,
    Phase,
    PullRequest,
    PullRequestCheck,
    Repository,
)

Kind = CheckFinding.Kind

MOST_HEADS = 50
"""Number of heads that are listed, the newest first."""

KINDS = (
    *(Kind.NEW, Kind.TOGETHER, Kind.SUPPRESSED, Kind.RESTORED),
    *(Kind.MOVED_OUT, Kind.MOVED, Kind.FIXED, Kind.DOUBT),
)
"""The kinds of findings in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with the id of its file on the tracked branch, or None if that branch lacks the file.

    `patch_line` is the line of an earlier finding of the same list that has the same patch, or 0.
    """

    finding: CheckFinding
    file: int | None
    patch_line: int = 0


@dataclass(frozen=True, slots=True)
class FindingList:
    """The findings of one kind. `total` is the exact number, of which `stored` are stored, and `rows` are
    listed.
    """

    kind: str
    total: int
    stored: int
    rows: Sequence[FindingRow] = field(default=())


class PhaseEffect(NamedTuple):
    """What a head does in a phase. The title is the key if the plan no longer has the phase."""

    key: str
    title: str
    fixed: int
    new: int
    in_plan: bool


class Compliance(NamedTuple):
    """Compliance at the base and at the head, in percent and in files, and the difference in points."""

    before: float | None
    after: float | None
    clean_before: int | None
    files_before: int | None
    clean_after: int | None
    files_after: int | None

    @property
    def is_known(self) -> bool:
        """Return true if the head has figures."""
        return self.files_after is not None

    @property
    def points(self) -> float | None:
        """Return the difference between the two percentages."""
        return None if self.before is None or self.after is None else round(self.after - self.before, 1)


def heads(pull: PullRequest) -> QuerySet[PullRequestCheck]:
    """Return the checks of the heads so far, the newest first."""
    rows = PullRequestCheck.objects.filter(pull_request=pull)
    return rows.select_related("plan", "overridden_by").order_by("-pk")


def head_of(pull: PullRequest, sha: str) -> PullRequestCheck | None:
    """Return the check of the head whose SHA begins with `sha`, or None."""
    return heads(pull).filter(head_sha__startswith=sha.lower()).first() if sha else None


def findings(check: PullRequestCheck) -> QuerySet[CheckFinding]:
    """Return the stored findings of a check in the order in which they were found."""
    return CheckFinding.objects.filter(pull_request_check=check).select_related("waiver", "other")


def stored_counts(check: PullRequestCheck) -> dict[str, tuple[int, int]]:
    """Return the exact number of findings and the number of stored ones, by kind."""
    rows = CheckFinding.objects.filter(pull_request_check=check).order_by().values("kind")
    found = rows.annotate(stored=Count("pk"), elsewhere=Count("pk", filter=Q(in_other=True)))
    stored = {row["kind"]: (row["stored"], row["elsewhere"]) for row in found}
    return {
        kind: (getattr(check, COUNT_COLUMNS[kind]) + stored.get(kind, (0, 0))[1], stored.get(kind, (0, 0))[0])
        for kind in Kind
    }


def finding_lists(check: PullRequestCheck, most: int) -> list[FindingList]:
    """Return the findings by kind, at most `most` of each. Blocking ones come first."""
    counts = stored_counts(check)
    shown: dict[str, list[CheckFinding]] = {}
    for kind in KINDS:
        rows = findings(check).filter(kind=kind).order_by("-is_blocking", "path", "line", "pk")
        shown[kind] = list(rows[:most]) if counts[kind][1] else []
    paths = {row.path for rows in shown.values() for row in rows}
    files = File.objects.filter(repository=check.repository_id, path__in=paths)
    known = dict(files.exclude(status=File.Status.GONE).values_list("path", "pk"))
    return [FindingList(kind, *counts[kind], list(_finding_rows(shown[kind], known))) for kind in KINDS]


def _finding_rows(found: Iterable[CheckFinding], files: Mapping[str, int]) -> Iterator[FindingRow]:
    lines: dict[tuple[str, str], int] = {}
    for row in found:
        line = lines.get((row.path, row.patch), 0) if row.patch else 0
        lines.setdefault((row.path, row.patch), row.line)
        yield FindingRow(row, files.get(row.path), line)


def phase_effects(repository: Repository, check: PullRequestCheck) -> list[PhaseEffect]:
    """Return what a head fixes and adds in each phase of the plan, in plan order."""
    left: dict[str, tuple[int, int]] = dict(check.phases)
    rows = Phase.objects.filter(issue__repository=repository, key__in=left, in_plan=True, issue__in_plan=True)
    found = []
    for row in rows:
        fixed, new = left.pop(row.key, (0, 0))
        found.append(PhaseEffect(row.key, row.title, fixed, new, True))
    gone = [PhaseEffect(key, key, fixed, new, False) for key, (fixed, new) in sorted(left.items())]
    return found + gone


def claims_on(pull: PullRequest) -> list[Claim]:
    """Return the active claims on the files that a pull request changes."""
    rows = Claim.objects.filter(file__pull_requests=pull, state=Claim.State.ACTIVE)
    return list(rows.select_related("file", "person").order_by("file__path", "pk"))


def compliance_of(check: PullRequestCheck) -> Compliance:
    """Return compliance before and after a head, rounded down as in all other figures."""
    before, after = (check.clean_before, check.files_before), (check.clean_after, check.files_after)
    return Compliance(_percent(*before), _percent(*after), *before, *after)


def _percent(clean: int | None, files: int | None) -> float | None:
    return None if clean is None or files is None else percent(clean, files)


def group_checks(repository: Repository, most: int) -> list[PullRequestCheck]:
    """Return the newest checks of groups in the forge's merge queue."""
    rows = PullRequestCheck.objects.filter(repository=repository, pull_request=None)
    return list(rows.order_by(F("pk").desc())[:most])
