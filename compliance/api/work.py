"""My work: what the token's person has, is offered and finished, and what to take next with reasons."""

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from compliance.api.authentication import person_of, repository_of
from compliance.api.claims import ClaimOut, claim_out
from compliance.lib.text_fields import NO_NUL
from compliance.queries.worklist import LATELY, claims_of, narrowed, suggestions

router = Router(tags=["claims"])


class SuggestionOut(Schema):
    """A free file; `reasons` say why it stands where it does."""

    file: int
    path: str
    violations: int
    worst_risk: str
    owners: list[str]
    reasons: list[str]


class WorkOut(Schema):
    """`claims` end soonest first; `offers` are others' claims that one may accept; `done` the newest ten.

    `free` is how many files could be taken, `next` the best of them.
    """

    person: str
    claims: list[ClaimOut]
    offers: list[ClaimOut]
    done: list[ClaimOut]
    free: int
    next: list[SuggestionOut]


class WorkAsked(Schema):
    """What to take next: under a folder, of an owner (as CODEOWNERS writes it), at most so many."""

    folder: str = Field("", max_length=4096, pattern=NO_NUL)
    owner: str = Field("", max_length=300, pattern=NO_NUL)
    limit: int = Field(25, ge=1, le=200)


@router.get("/{slug}/my-work", response=WorkOut, summary="Show my work and what to take next")
def show(request: HttpRequest, slug: str, asked: Query[WorkAsked]) -> WorkOut:
    """Of the person who gave the token."""
    repository, person = repository_of(request, slug), person_of(request)
    found = narrowed(suggestions(repository, person), asked.folder, asked.owner)
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
                worst_risk=one.file.worst_risk,
                owners=list(one.owners),
                reasons=one.reasons,
            )
            for one in found[: asked.limit]
        ],
    )
