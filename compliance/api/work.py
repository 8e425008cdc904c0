"""The work of the token's owner: claims, offers, finished files, and suggested next files with reasons."""

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from compliance.api.authentication import person_of, repository_of
from compliance.api.claims import ClaimOut, claim_out
from compliance.people.identities import identity_of
from compliance.queries.worklist import LATELY, WorkFilter, claims_of, suggestions

router = Router(tags=["claims"])


class SuggestionOut(Schema):
    """A suggested unclaimed file. `reasons` explain its rank. `violations` includes waived ones, `worst_risk`
    is the highest risk of the others.
    """

    file: int
    path: str
    violations: int
    worst_risk: str
    owners: list[str]
    reasons: list[str]


class WorkOut(Schema):
    """The token owner's work. `claims` are sorted by expiry, `offers` are claims offered to the person, and
    `done` are the ten most recently finished.

    `free` is the number of unclaimed files, and `next` contains the best suggestions.
    """

    person: str
    claims: list[ClaimOut]
    offers: list[ClaimOut]
    done: list[ClaimOut]
    free: int
    next: list[SuggestionOut]


class Limit(Schema):
    """The maximum number of suggestions."""

    limit: int = Field(25, ge=1, le=200)


@router.get("/{slug}/my-work", response=WorkOut, summary="Show my work and suggested files")
def show(request: HttpRequest, slug: str, asked: Query[WorkFilter], most: Query[Limit]) -> WorkOut:
    """Show the work of the token's owner."""
    repository, person = repository_of(request, slug), person_of(request)
    found = suggestions(repository, identity_of(person)).matching(asked)
    mine = claims_of(repository, person)
    return WorkOut(
        person=person.get_username(),
        claims=[claim_out(row) for row in mine.active],
        offers=[claim_out(row) for row in mine.offered],
        done=[claim_out(row) for row in mine.done[:LATELY]],
        free=len(found),
        next=[
            SuggestionOut(
                file=one.file.pk,
                path=one.file.path,
                violations=one.file.violations,
                worst_risk=one.risk,
                owners=list(one.owners),
                reasons=one.reasons,
            )
            for one in found[: most.limit]
        ],
    )
