"""The search over repositories, files, phases, issues, rules, commits and people."""

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from compliance.accounts.roles import Role, may
from compliance.api.authentication import person_of, repositories_of, repository_of
from compliance.lib.addresses import public_address
from compliance.lib.field_types import NO_NUL
from compliance.queries.search import LONGEST, SHORTEST, Kind, Search, search

router = Router(tags=["search"])


class SearchIn(Schema):
    """What is searched for. In `repository`, a slug, more is searched, and its results come first."""

    q: str = Field(min_length=SHORTEST, max_length=LONGEST, pattern=NO_NUL)
    repository: str = Field("", max_length=50, pattern=NO_NUL)
    limit: int = Field(20, ge=1, le=50, description="the maximum number of results of each kind")


class HitOut(Schema):
    """A result. `detail` says where it belongs, and `url` is the address of its page."""

    title: str
    detail: str
    url: str


class GroupOut(Schema):
    """The results of one kind, best first. `limited` is true if there are more."""

    kind: Kind
    items: list[HitOut]
    limited: bool


class SearchOut(Schema):
    """The groups of results, without empty ones."""

    groups: list[GroupOut]


@router.get("", response=SearchOut, summary="Search")
def index(request: HttpRequest, asked: Query[SearchIn]) -> SearchOut:
    """Search for a text. Each of its words has to occur.

    Rules and subjects of commits are searched in `repository` only. Words of less than three characters are
    found in the paths of other repositories only where a word of the path begins with them. A token for one
    repository finds only what is in it.
    """
    rows = repositories_of(request)
    current = repository_of(request, asked.repository) if asked.repository else None
    sees_people = may(person_of(request), Role.MANAGER) and not _is_limited(request)
    groups = search(Search(asked.q, rows, current, sees_people=sees_people, most=asked.limit))
    return SearchOut(
        groups=[
            GroupOut(
                kind=group.kind,
                items=[
                    HitOut(title=hit.title, detail=hit.detail, url=public_address(hit.path))
                    for hit in group.hits
                ],
                limited=group.is_limited,
            )
            for group in groups
        ]
    )


def _is_limited(request: HttpRequest) -> bool:
    """Return true if the caller's token is for one repository."""
    return bool(getattr(request.auth, "repository_id", None))  # type: ignore[attr-defined]
