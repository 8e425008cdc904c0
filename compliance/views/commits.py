"""The list of commits with their effect on compliance, and the page for one commit with its changes."""

from collections.abc import Iterator
from dataclasses import astuple, fields
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.lib.figures import percent
from compliance.models import Change, Claim, Commit, Marker, Repository, Snapshot
from compliance.progress.effects import FILE_CAUSES, Effect, Points
from compliance.queries.commits import CommitFilter, changes, date_note, judged, numbers
from compliance.queries.scans import unread_at
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository, history
from compliance.views.navigation import NavigationLink

PAGE = 50
MOST_CHANGES = 300
MOST_FAULTS = 200
MOST_MARKS = 20
LINE_COLUMNS = (
    *("commit", "committed_at", "author", "subject", "percent", "clean", "files"),
    *("violations", "new", "fixed", "moved", "newly_suppressed", "restored", "moved_in", "moved_out"),
    *("files_added", "files_gone", "files_renamed", "clean_added", "clean_gone"),
    *("became_clean", "became_unclean", "points", "points_scope", "points_became_clean"),
    *("points_became_unclean", "other_new", "other_fixed", "other_suppressed", "other_restored", "plan"),
    *("waived", "clean_with_waivers", "percent_with_waivers", "fixed_gone"),
)
CHANGE_COLUMNS = (
    *("kind", "path", "line", "rule", "role", "symbol", "risk", "category", "snippet"),
    *("old_path", "old_line", "old_snippet", "rung", "regression", "ran_out", "file_gone"),
)
KINDS = (
    Change.Kind.NEW,
    Change.Kind.RESTORED,
    Change.Kind.FIXED,
    Change.Kind.SUPPRESSED,
    Change.Kind.MOVED,
)
TITLES = {Change.Kind.NEW: "Introduced", Change.Kind.RESTORED: "Counted again"}
RARE = {
    Change.Kind.RESTORED: (
        "The comment that suppressed these violations was removed or has expired. If it has expired, the "
        "commit is only the first one after its last day, and not the cause."
    ),
    Change.Kind.SUPPRESSED: "A comment excludes these violations from the figures. They are not fixed.",
}
"""Explanations for the kinds of changes that are listed only if they occur."""
RUNGS = {
    "fingerprint": "the same code in the same function",
    "scope": "the same function with changed code",
    "text": "the same text in another function",
    "edit": "edited code in the same place",
}
"""Describes how a violation in one commit was matched with a violation in the next."""


@require_safe
def commits(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the branch's commits, newest first. With `effect=yes`, show only commits that changed
    violations.
    """
    repository = find_repository(slug)
    filters = CommitFilter.read(request.GET)
    page = Paginator(filters.snapshots(repository), PAGE).get_page(request.GET.get("page"))
    context = {
        "repository": repository,
        "section": "commits",
        "page": page,
        "rows": add_effects(repository, list(page)),
        "filters": filters,
        "empty_title": _empty_title(filters),
        "history": history(repository),
    }
    return render(request, "commits/list.html", context)


def _empty_title(filters: CommitFilter) -> str:
    if filters.matches_nothing:
        return "No commits match"
    return "No commit changed the number of violations" if filters.effect else "No commits yet"


@require_safe
def commits_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the whole list as CSV."""
    repository = find_repository(slug)
    filters = CommitFilter.read(request.GET)
    return stream_csv(f"{slug}-commits", LINE_COLUMNS, _cells(filters.snapshots(repository)), filters)


def _cells(rows: QuerySet[Snapshot]) -> Iterator[list[Any]]:
    for s in rows.select_related("plan").iterator(chunk_size=2000):
        c, effect = s.commit, Effect(s)
        told = [c.sha, c.committed_at.isoformat(), c.author_name, c.subject, percent(s.clean, s.files)]
        told += [s.clean, s.files, s.violations, s.new, s.fixed, s.moved, s.newly_suppressed, s.restored]
        told += [s.moved_in, s.moved_out, *(getattr(s, name) for name in FILE_CAUSES)]
        points = effect.points if c.position != 1 else None
        told += astuple(points) if points else [None] * len(fields(Points))
        told += [effect.outside_total(kind) for kind in ("new", "fixed", "suppressed", "restored")]
        accepted = (s.waived_violations, s.clean_with_waivers, percent(s.clean_with_waivers, s.files))
        yield [*told, s.plan.number, *accepted, s.fixed_gone]


def add_effects(repository: Repository, rows: list[Snapshot]) -> list[dict[str, Any]]:
    """Return each snapshot with the compliance before it and the change in points, in one query.

    All snapshots must belong to one plan version.
    """
    earlier = {s.commit.position - 1 for s in rows if s.commit.position}
    parents = Snapshot.objects.filter(
        plan=rows[0].plan_id if rows else None,
        commit__position__in=earlier,
        commit__repository=repository,
    ).values_list("commit__position", "clean", "files", "commit__committed_at")
    before, dates = {}, {}
    for position, clean, files, at in parents:
        before[position], dates[position] = percent(clean, files), at
    told = []
    for s in rows:
        after = percent(s.clean, s.files)
        known = before.get((s.commit.position or 0) - 1)
        points = None if known is None or after is None else round(after - known, 1)
        note = _effect_note(repository, s.commit, points)
        row: dict[str, Any] = {
            "snapshot": s,
            "commit": s.commit,
            "before": known,
            "after": after,
            "points": points,
        }
        row["effect"] = Effect(s)
        doubt = date_note(s.commit, dates.get((s.commit.position or 0) - 1))
        told.append({**row, "note": note, "date_note": doubt})
    return told


def _effect_note(repository: Repository, commit: Commit, points: float | None) -> str:
    """Return the reason why a commit shows no change in compliance."""
    if points is not None:
        return "no change"
    if commit.position == repository.history_floor and commit.position != 1:
        return "previous commit not read"
    return "first commit" if commit.position == 1 else "previous commit pending"


@require_safe
def commit(request: HttpRequest, slug: str, sha: str) -> HttpResponse:
    """Show one commit. `sha` may be abbreviated to at least seven digits."""
    repository = find_repository(slug)
    rows = Commit.objects.filter(repository=repository, sha__startswith=sha.lower())
    shown = get_object_or_404(rows.order_by("sha")[:1])
    snapshot = judged(repository, shown)
    plan = snapshot.plan_id if snapshot else None
    listed, neighbours = _listed(plan, shown), _neighbours(repository, shown)
    context = {
        "repository": repository,
        "section": "commits",
        "commit": shown,
        "date_note": date_note(shown, neighbours["earlier"].committed_at if neighbours["earlier"] else None),
        "snapshot": snapshot,
        "effect": add_effects(repository, [snapshot])[0] if snapshot else None,
        "kinds": listed,
        "cut": any(part["more"] for part in listed),
        "most": MOST_CHANGES,
        "rungs": RUNGS,
        "faults": list(unread_at(plan, shown)[:MOST_FAULTS]),
        "former": repository.line_plan if plan and plan != repository.plan_id else None,
        "advanced": list(_advanced(shown)),
        "marks": list(Marker.objects.filter(repository=repository, commit=shown)[:MOST_MARKS]),
        **neighbours,
    }
    return render(request, "commits/commit.html", context)


def _listed(plan: int | None, shown: Commit) -> list[dict[str, Any]]:
    """Return the changes by kind, introduced violations first, each with the count, the first rows and the
    number of remaining rows.
    """
    rank = Case(
        *(When(kind=kind, then=place) for place, kind in enumerate(KINDS)), output_field=IntegerField()
    )
    found = list(changes(plan, shown).order_by(rank, "path", "line")[:MOST_CHANGES])
    count = numbers(plan, shown)
    parts = []
    for kind in KINDS:
        inside, outside = count.get(kind, (0, 0))
        if kind in RARE and not inside + outside:
            continue
        rows = [change for change in found if change.kind == kind]
        more = inside + outside - len(rows)
        told = {"kind": kind, "title": TITLES.get(kind, kind.label), "note": RARE.get(kind, "")}
        parts.append({**told, "inside": inside, "outside": outside, "rows": rows, "more": more})
    return parts


def _advanced(shown: Commit) -> QuerySet[Claim]:
    """Return the claims that a commit renewed or completed."""
    rows = Claim.objects.filter(Q(completed_by=shown) | Q(renewed_by=shown))
    return rows.select_related("person", "file").order_by("file__path")


@require_safe
def commit_csv(_request: HttpRequest, slug: str, sha: str) -> HttpResponseBase:
    """Return the changes of one commit as CSV."""
    repository = find_repository(slug)
    shown = get_object_or_404(Commit, repository=repository, sha=sha)
    snapshot = judged(repository, shown)
    rows = changes(snapshot.plan_id if snapshot else None, shown).values_list(*CHANGE_COLUMNS)
    return stream_csv(f"{slug}-commit-{shown.sha[:12]}", CHANGE_COLUMNS, rows.iterator(chunk_size=2000))


def _neighbours(repository: Repository, shown: Commit) -> dict[str, Commit | None]:
    if shown.position is None:
        return {"earlier": None, "later": None}
    around = {
        commit.position: commit
        for commit in Commit.objects.filter(
            repository=repository, position__in=(shown.position - 1, shown.position + 1)
        )
    }
    return {"earlier": around.get(shown.position - 1), "later": around.get(shown.position + 1)}


NAVIGATION = NavigationLink(60, "Commits", "commits")
REPOSITORY_URLS = [
    path("commits/", commits, name="commits"),
    path("commits.csv", commits_csv, name="commits-csv"),
    path("commits/<sha:sha>/", commit, name="commit"),
    path("commits/<sha:sha>.csv", commit_csv, name="commit-csv"),
]
