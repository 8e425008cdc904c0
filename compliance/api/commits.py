"""The history of the tracked branch: commits with their figures and changes."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from compliance.api.authentication import repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.api.scans import UnreadOut, told_unread
from compliance.api.shas import Sha, whole
from compliance.lib.figures import percent
from compliance.models import Change, Commit, Repository, Snapshot
from compliance.progress.effects import CAUSES, Effect
from compliance.queries.commits import (
    CommitFilter,
    changes,
    date_note,
    judged,
    parent_date,
    with_parent_dates,
)
from compliance.queries.scans import unread_at

router = Router(tags=["commits"])


class PointsOut(Schema):
    """A commit's change in compliance in percentage points. `scope` is the part that comes from added and
    removed files; the three parts add up to `total`.
    """

    total: float
    scope: float
    became_clean: float
    became_unclean: float


class EffectOut(Schema):
    """The step from a commit's first parent, by cause.

    Violations: `new` - `fixed` - `newly_suppressed` + `restored` + `moved_in` - `moved_out`, where the last
    two crossed the border of the counted categories; `fixed_gone` of the fixed ones were in files that were
    removed. Files: `files_added` - `files_gone`. Clean files:
    `became_clean` - `became_unclean` + `clean_added` - `clean_gone`. Renamed files (`files_renamed`) are
    among the added and the gone ones. `outside` has the numbers of changes in categories that aren't counted,
    by category and kind. `points` is null without files on either side.
    """

    violations: int
    files: int
    clean: int
    points: PointsOut | None
    new: int
    fixed: int
    fixed_gone: int
    newly_suppressed: int
    restored: int
    moved_in: int
    moved_out: int
    files_added: int
    files_gone: int
    files_renamed: int
    clean_added: int
    clean_gone: int
    became_clean: int
    became_unclean: int
    outside: dict[str, dict[str, int]]


class SnapshotOut(Schema):
    """A commit's figures under the active plan. Only categories that the plan counts are included.

    `dated_at` is `committed_at`, or the date that charts use in place of an implausible one. `date_note` says
    what is wrong with a date that is implausible or earlier than the parent's; it is empty for all others.

    `by` maps each dimension (rule, risk, category, phase and issue) to keys, and each key to its number of
    violations and of files with violations. `new`, `fixed`, `newly_suppressed`, `restored` (a suppression was
    removed or expired, so the violation counts again) and `moved` are relative to the first parent; `effect`
    explains the whole step by its causes. `plan` is the plan version under which the figures were computed.
    `clean` + `files_with_violations` + `unclean_unparsed` = `files`: the last are files without violations
    that aren't clean because they can't be parsed.
    `waived` says how many of the violations were waived while the commit was the newest one, and the figures
    `with_waivers` are as if those were fixed.
    """

    sha: str
    position: int | None
    author: str
    committed_at: datetime
    dated_at: datetime
    date_note: str
    subject: str
    plan: int
    percent: float | None
    clean: int
    files: int
    files_with_violations: int
    unclean_unparsed: int
    violations: int
    suppressed: int
    new: int
    fixed: int
    newly_suppressed: int
    restored: int
    moved: int
    effect: EffectOut
    by: dict[str, dict[str, list[int]]]
    waived: int
    clean_with_waivers: int
    percent_with_waivers: float | None


class ChangeOut(Schema):
    """A commit's effect on one violation.

    `kind` is new, fixed, moved, suppressed (by a comment) or restored (it counts again). `counted` is true if
    the plan counts the violation's category. For a moved, suppressed or restored violation, the earlier
    location and the matching step that recognised it are included; see docs/rules.md. `ran_out` is true for a
    restored one if the comment that suppressed it has expired, which is not the work of the commit's author.
    `file_gone` is true for a fixed one whose file was removed.
    """

    kind: str
    path: str
    line: int
    rule: str
    role: str
    symbol: str
    risk: str
    category: str
    counted: bool
    snippet: str
    old_path: str
    old_line: int | None
    old_snippet: str
    rung: str
    regression: bool
    ran_out: bool
    file_gone: bool


@router.get("/{slug}/commits", response=Page[SnapshotOut], summary="List commits with their figures")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[CommitFilter], paged: Query[Paged]
) -> Page[SnapshotOut]:
    """List the recorded commits of the tracked branch, newest first. With `effect=yes`, list only those that
    changed violations.
    """
    rows = with_parent_dates(asked.snapshots(repository_of(request, slug)).select_related("plan"))

    def shown(row: Any) -> SnapshotOut:
        return _told(row, row.parent_date)

    return page(request, response, rows, paged, shown, key="commit__position", newest_first=True)


@router.get("/{slug}/commits/{sha}", response=SnapshotOut, summary="Show a commit with its figures")
def show(request: HttpRequest, slug: str, sha: Sha) -> SnapshotOut:
    """Show one commit. While history is being re-evaluated, the figures may still be those of the previous
    plan version.
    """
    found = _found(repository_of(request, slug), sha)
    return _told(found, parent_date(found.commit))


@router.get("/{slug}/commits/{sha}/changes", response=Page[ChangeOut], summary="List the changes in a commit")
def list_changes(
    request: HttpRequest, response: HttpResponse, slug: str, sha: Sha, paged: Query[Paged]
) -> Page[ChangeOut]:
    """List every violation that the commit introduced, fixed or moved."""
    snapshot = _found(repository_of(request, slug), sha)
    return page(request, response, changes(snapshot.plan_id, snapshot.commit), paged, _change)


@router.get(
    "/{slug}/commits/{sha}/unread",
    response=Page[UnreadOut],
    summary="List unread files at a commit",
)
def list_unread(
    request: HttpRequest, response: HttpResponse, slug: str, sha: Sha, paged: Query[Paged]
) -> Page[UnreadOut]:
    """List the files that could not be read. The list is empty for a commit that is not on the tracked
    branch.
    """
    snapshot = _found(repository_of(request, slug), sha)
    return page(request, response, unread_at(snapshot.plan_id, snapshot.commit), paged, told_unread)


def _found(repository: Repository, sha: str) -> Snapshot:
    commit = Commit.objects.filter(repository=repository, sha=whole(sha)).first()
    snapshot = judged(repository, commit) if commit else None
    if snapshot is None:
        raise Http404(f"No commit {sha} is recorded.")
    return snapshot


def _told(row: Snapshot, parent: datetime | None) -> SnapshotOut:
    commit = row.commit
    return SnapshotOut(
        sha=commit.sha,
        position=commit.position,
        author=commit.author_name,
        committed_at=commit.committed_at,
        dated_at=commit.dated_at,
        date_note=date_note(commit, parent),
        subject=commit.subject,
        plan=row.plan.number,
        percent=percent(row.clean, row.files),
        clean=row.clean,
        files=row.files,
        files_with_violations=row.files_with_violations,
        unclean_unparsed=row.unclean_unparsed,
        violations=row.violations,
        suppressed=row.suppressed,
        new=row.new,
        fixed=row.fixed,
        newly_suppressed=row.newly_suppressed,
        restored=row.restored,
        moved=row.moved,
        effect=_effect(row),
        by=row.by,
        waived=row.waived_violations,
        clean_with_waivers=row.clean_with_waivers,
        percent_with_waivers=percent(row.clean_with_waivers, row.files),
    )


def _effect(row: Snapshot) -> EffectOut:
    effect = Effect(row)
    return EffectOut(
        violations=effect.violations,
        files=effect.files,
        clean=effect.clean,
        points=PointsOut(**asdict(effect.points)) if effect.points else None,
        outside=row.outside,
        fixed_gone=row.fixed_gone,
        **{name: getattr(row, name) for name in CAUSES},
    )


def _change(row: Change) -> ChangeOut:
    return ChangeOut(**{name: getattr(row, name) for name in ChangeOut.model_fields})
