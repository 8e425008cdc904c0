"""The list of events on the trend: the recorded marks and the regressions, which are computed."""

from datetime import datetime
from typing import Annotated, NamedTuple

from django.db.models import QuerySet

from compliance.charts.events import REGRESSION, in_words
from compliance.models import Marker, Repository
from compliance.progress.regressions import breakages
from compliance.queries.filters import ListFilter, OneOf

KINDS = (REGRESSION, *Marker.Kind.values)


class TrendEvent(NamedTuple):
    """A row of the list. Only notes have a `pk`, because only notes can be removed."""

    at: datetime
    kind: str
    text: str
    sha: str | None
    by: str | None
    pk: int | None = None


class MarkFilter(ListFilter):
    """Filter for the recorded marks: the kind of mark."""

    kind: Annotated[str, OneOf(tuple(Marker.Kind.values))] = ""

    def marks(self, repository: Repository) -> QuerySet[Marker]:
        """Return the repository's marks of this kind."""
        rows = Marker.objects.filter(repository=repository)
        return rows.filter(kind=self.kind) if self.kind else rows


class EventFilter(MarkFilter):
    """Filter for the page and its CSV file, which list regressions together with the marks."""

    kind: Annotated[str, OneOf(KINDS)] = ""

    def events(self, repository: Repository) -> list[TrendEvent]:
        """Return the events of this kind, newest first, in two queries."""
        if self.matches_nothing:
            return []
        columns = ("at", "kind", "text", "commit__sha", "person__username", "pk")
        found = [TrendEvent(*row) for row in self.marks(repository).values_list(*columns)]
        if self.kind in ("", REGRESSION):
            broke = breakages(repository, repository.line_plan or repository.plan)
            found += [
                TrendEvent(row["at"], REGRESSION, in_words(row), row["sha"], row["author"]) for row in broke
            ]
        return sorted(found, key=lambda event: (event.at, event.pk or 0), reverse=True)
