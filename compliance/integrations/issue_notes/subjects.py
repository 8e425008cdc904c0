"""The issues on which progress may be written: those that the plan references, and those that were created
from its phases.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from compliance.lib.addresses import public_address
from compliance.models import Issue, IssueNote, KnownIssue, PhaseIssue, Repository

UNREFERENCED, REMOVED = "unreferenced", "removed"
"""Why an issue has no figures any more: the plan doesn't reference it, or lacks the phase that it is for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An issue on which progress may be written.

    `source` is the plan's issue, or the request with which an issue was created from a phase. `state` is the
    tracker's, or empty if it is unknown, as of `heard_at`. `gone` says why it has no figures any more, if it
    hasn't.
    """

    source: Issue | PhaseIssue
    repository: Repository
    key: str
    title: str
    state: str
    heard_at: datetime | None
    gone: str

    @property
    def note(self) -> IssueNote | None:
        """Return the row for the note, if there is one. It must have been selected with `source`."""
        return getattr(self.source, "note", None)

    @property
    def link(self) -> dict[str, Any]:
        """Return the column of the note's row that leads to the source, with its value."""
        return {"issue" if isinstance(self.source, Issue) else "created": self.source}

    @property
    def phase(self) -> str:
        """Return the key of the phase whose figures are written, or an empty text for those of an issue."""
        return "" if isinstance(self.source, Issue) else self.source.phase.key

    @property
    def issue(self) -> Issue:
        """Return the plan's issue whose figures, or whose phase's, are written."""
        return self.source if isinstance(self.source, Issue) else self.source.phase.issue

    @property
    def page(self) -> str:
        """Return the address of the page with the figures."""
        name, key = ("phase", self.phase) if self.phase else ("issue", self.key)
        return public_address(reverse(name, args=[self.repository.slug, key]))


def subjects_of(repository: Repository, targets: Collection[str] = ()) -> list[Subject]:
    """Return the issues that the plan references or has referenced, in its order, and then those that were
    created from phases, in two or three queries. With `targets`, return only those on which the items of the
    outbox with these targets write.

    An issue that was created from a phase and is also referenced in the plan is the plan's.
    """
    wanted = {_plain(target) for target in targets}
    rows = Issue.objects.filter(repository=repository).select_related("note")
    named = PhaseIssue.objects.filter(phase__issue__repository=repository).exclude(key="")
    made = named.select_related("note", "phase__issue").order_by("pk")
    issues = [row for row in rows.order_by("order", "pk") if not wanted or _plain(row.key) in wanted]
    referenced = {_plain(row.key) for row in issues if row.in_plan}
    created = {
        key: row
        for row in made
        if (key := _plain(row.key)) not in referenced and (not wanted or key in wanted)
    }
    former = [row for row in issues if row.in_plan or _plain(row.key) not in created]
    return [*(of_issue(repository, row) for row in former), *of_created(repository, created.values())]


def notes_on(subject: Subject) -> QuerySet[IssueNote]:
    """Return the rows for the note on an issue: that of the plan's issue, and that of the created one."""
    key = _plain(subject.key)
    issue = Q(issue__key__iexact=key) | Q(issue__key__iexact=f"#{key}")
    created = Q(created__key__iexact=key) | Q(created__key__iexact=f"#{key}")
    return IssueNote.objects.filter(
        Q(issue, issue__repository=subject.repository)
        | Q(created, created__phase__issue__repository=subject.repository)
    )


def _plain(key: str) -> str:
    """Return an issue's key in the form in which the same issue is recognized."""
    return key.removeprefix("#").lower()


def of_issue(repository: Repository, issue: Issue) -> Subject:
    """Return an issue of a repository's plan. A query is made only if its note was not selected."""
    return Subject(
        source=issue,
        repository=repository,
        key=issue.key,
        title=issue.tracker_title or issue.title,
        state=issue.tracker_state,
        heard_at=issue.heard_at,
        gone="" if issue.in_plan else UNREFERENCED,
    )


def of_created(repository: Repository, rows: Collection[PhaseIssue]) -> Iterator[Subject]:
    """Yield issues that were created from phases of a repository, in one query for all of them."""
    known = known_issues(repository, rows) if rows else {}
    for row in rows:
        heard = known.get(row.pk)
        in_plan = row.phase.in_plan and row.phase.issue.in_plan
        yield Subject(
            source=row,
            repository=repository,
            key=row.key,
            title=row.title,
            state=heard.state if heard else "",
            heard_at=heard.heard_at if heard else None,
            gone="" if in_plan else REMOVED,
        )


def known_issues(repository: Repository, rows: Collection[PhaseIssue]) -> dict[int, KnownIssue]:
    """Return what forges and trackers have reported about issues that were created from phases of a
    repository, by the ids of the requests, in one query.
    """
    at_trackers = Q(connection__in={row.connection_id for row in rows if row.prefix and row.connection_id})
    heard = KnownIssue.objects.filter(
        at_trackers | Q(repository=repository), key__in={row.key.lower() for row in rows if row.key}
    )
    by_source = {(issue.key, issue.connection_id, issue.repository_id): issue for issue in heard}
    found = {row.pk: by_source.get(_source(repository, row)) for row in rows}
    return {pk: issue for pk, issue in found.items() if issue}


def _source(repository: Repository, row: PhaseIssue) -> tuple[str, int | None, int | None]:
    """Return what identifies an issue among those that were reported: by a tracker, or by the forge."""
    if row.prefix:
        return row.key.lower(), row.connection_id, None
    return row.key.lower(), None, repository.pk
