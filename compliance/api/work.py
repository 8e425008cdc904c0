"""The work of the token's owner: claims, offers, finished files, and suggested next files with reasons."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from compliance.api.authentication import person_of, repository_of
from compliance.api.claims import ClaimOut, claim_out
from compliance.people.identities import identity_of
from compliance.queries.work_filter import WorkFilter
from compliance.queries.work_rows import COLUMNS, WorkRow
from compliance.queries.worklist import LATELY, claims_of, suggestions

router = Router(tags=["claims"])


class SuggestionOut(Schema):
    """A file to work on. `reasons` explain its rank. `violations` includes waived ones, `worst_risk` is the
    highest risk of the others.

    `phase` is the open phase that is due first, or empty, and `due` its due date. `patch_fixes` is how many
    violations the patch for the newest commit fixes, if there is one. `size` is none, small, medium or large,
    by the number of violations that the patch doesn't fix.
    """

    file: int
    path: str
    violations: int
    worst_risk: str
    owners: list[str]
    reasons: list[str]
    phase: str
    due: date | None
    waived: int
    patch_fixes: int | None
    size: str
    claimed_by: str
    claimed_until: datetime | None


class WorkOut(Schema):
    """The token owner's work. `claims` are sorted by expiry, `offers` are claims offered to the person, and
    `done` are the ten most recently finished.

    `free` is the number of unclaimed files, and `next` contains the best suggestions. `mine` contains the
    claimed files with the same fields as `next`.
    """

    person: str
    claims: list[ClaimOut]
    offers: list[ClaimOut]
    done: list[ClaimOut]
    free: int
    next: list[SuggestionOut]
    mine: list[SuggestionOut]


class Limit(Schema):
    """The maximum number of suggestions."""

    limit: int = Field(25, ge=1, le=200)


@router.get("/{slug}/my-work", response=WorkOut, summary="Show my work and suggested files")
def show(request: HttpRequest, slug: str, asked: Query[WorkFilter], most: Query[Limit]) -> WorkOut:
    """Show the work of the token's owner."""
    repository, person = repository_of(request, slug), person_of(request)
    found = suggestions(repository, identity_of(person), asked.phase).matching(asked)
    mine = claims_of(repository, person)
    claims = list(mine.active)
    return WorkOut(
        person=person.get_username(),
        claims=[claim_out(row) for row in claims],
        offers=[claim_out(row) for row in mine.offered],
        done=[claim_out(row) for row in mine.done[:LATELY]],
        free=len(found),
        next=[_row(one) for one in found[: most.limit]],
        mine=[_row(one) for one in found.claimed(claims)],
    )


def _row(row: WorkRow) -> SuggestionOut:
    return SuggestionOut(file=row.pk, **{column.name: column.value(row) for column in COLUMNS})
