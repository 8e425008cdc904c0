"""The list of pull requests with its filters, and the verdict on the newest commit of each."""

from collections.abc import Iterable
from typing import Annotated

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from pydantic import Field

from compliance.lib.field_types import NO_NUL
from compliance.models import PullRequest, PullRequestCheck, Repository
from compliance.queries.check_results import add_results
from compliance.queries.filters import Choices, Control, ListFilter, OneOf
from compliance.queries.keyset import Order

State = PullRequestCheck.State

OPEN = "open"
STATES = (OPEN, "closed", "merged", "all")
NONE = "none"
"""The verdict of pull requests whose newest commit has not been judged."""
VERDICTS = (*State.values, NONE)

SORTS: dict[str, Order[PullRequest]] = {
    "-updated": Order.by("-updated_at", "-pk"),
    "updated": Order.by("updated_at", "pk"),
    "number": Order.by("number"),
    "-number": Order.by("-number"),
}


class PullRequestFilter(ListFilter):
    """Filters for pull requests. Without a `state`, open ones are listed.

    `verdict` is the verdict on the newest commit, or `none` if it has not been judged. `text` is a part of
    the title, or the number.
    """

    state: Annotated[str, OneOf(STATES)] = Field(default="", description="empty: open pull requests")
    verdict: Annotated[str, OneOf(VERDICTS), Control("Verdict", "verdicts")] = Field(
        default="", description="“none” lists those whose newest commit has not been judged"
    )
    author: Annotated[str, Control("Author", "authors")] = Field(default="", max_length=200, pattern=NO_NUL)
    text: Annotated[str, Control("Text", placeholder="part of the title, or a number")] = Field(
        default="", max_length=300, pattern=NO_NUL
    )

    @property
    def narrowed(self) -> bool:
        """Return true if any filter except the state is set."""
        return self.matches_nothing or self != PullRequestFilter(state=self.state)

    def pulls(self, repository: Repository) -> QuerySet[PullRequest]:
        """Return the repository's pull requests that match the filters."""
        return self.with_state(self.whatever_state(repository))

    def with_state(self, rows: QuerySet[PullRequest]) -> QuerySet[PullRequest]:
        """Return only the given pull requests that match the state filter."""
        return rows if self.state == "all" else rows.filter(state=self.state or OPEN)

    def whatever_state(self, repository: Repository) -> QuerySet[PullRequest]:
        """Return the repository's pull requests that match every filter except the state."""
        if self.matches_nothing:
            return PullRequest.objects.none()
        rows = PullRequest.objects.filter(repository=repository)
        if self.author:
            rows = rows.filter(author=self.author)
        if self.text:
            rows = rows.filter(Q(title__icontains=self.text) | Q(number=_number(self.text)))
        if self.verdict == NONE:
            return rows.filter(~Exists(_checks_of_heads()))
        return rows.filter(Exists(_checks_of_heads().filter(state=self.verdict))) if self.verdict else rows


def _number(text: str) -> int:
    """Return the number that a text consists of, with or without a number sign, or -1."""
    digits = text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else -1


def _checks_of_heads() -> QuerySet[PullRequestCheck]:
    """Return the check of the newest commit of the pull request in the outer query."""
    return PullRequestCheck.objects.filter(
        pull_request=OuterRef("pk"), head_sha__startswith=OuterRef("head_sha")
    )


def open_pulls(repository: Repository) -> QuerySet[PullRequest]:
    """Return the open pull requests, by number."""
    return PullRequest.objects.filter(repository=repository, state=OPEN).order_by("number")


def state_counts(rows: QuerySet[PullRequest]) -> dict[str, int]:
    """Return the number of pull requests in each state, and of all."""
    found = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return {**{state: found.get(state, 0) for state in STATES[:-1]}, "all": sum(found.values())}


def authors(repository: Repository) -> list[str]:
    """Return the authors of the repository's pull requests."""
    rows = PullRequest.objects.filter(repository=repository).exclude(author="")
    return sorted(set(rows.order_by().values_list("author", flat=True).distinct()))


def verdict_choices() -> Choices:
    """Return the options of the filter by verdict."""
    return [(value, "not judged" if value == NONE else value) for value in VERDICTS]


def current_checks(pulls: Iterable[PullRequest]) -> dict[int, PullRequestCheck]:
    """Return the check of each pull request's newest commit, by the pull request's id, in one query."""
    asked = [pull.pk for pull in pulls]
    if not asked:
        return {}
    rows = PullRequestCheck.objects.filter(
        pull_request__in=asked, head_sha__startswith=F("pull_request__head_sha")
    )
    found = rows.select_related("overridden_by", "plan").order_by("pk")
    return {row.pull_request_id: row for row in found if row.pull_request_id}


def verdict_words(check: PullRequestCheck | None) -> str:
    """Return a verdict as one or two words."""
    if check is None:
        return "not judged"
    return "overridden" if check.overridden_at and check.state == State.PASSED else str(check.state)


def add_verdicts(pulls: Iterable[PullRequest]) -> None:
    """Set `check`, `verdict` and `ci` of each pull request: the check of its newest commit, its verdict as
    text, and the results of CI systems, in two queries.
    """
    rows = list(pulls)
    found = current_checks(rows)
    add_results(rows)
    for row in rows:
        check = found.get(row.pk)
        row.check_of_head, row.verdict = check, verdict_words(check)  # type: ignore[attr-defined]


def pull_check(pull: PullRequest) -> PullRequestCheck | None:
    """Return the check that `add_verdicts` has set."""
    found: PullRequestCheck | None = getattr(pull, "check_of_head", None)
    return found


def open_count() -> Coalesce:
    """Return the number of a repository's open pull requests, as an annotation of the repository."""
    rows = PullRequest.objects.filter(repository=OuterRef("pk"), state=OPEN).order_by()
    return _counted(rows)


def failed_count() -> Coalesce:
    """Return the number of open pull requests whose newest commit failed, as an annotation of the
    repository.
    """
    rows = PullRequest.objects.filter(repository=OuterRef("pk"), state=OPEN).order_by()
    return _counted(rows.filter(Exists(_checks_of_heads().filter(state=State.FAILED))))


def _counted(rows: QuerySet[PullRequest]) -> Coalesce:
    numbers = rows.values("repository").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(numbers), 0)
