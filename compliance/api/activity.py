"""The audit trail, limited to the entries that the token's owner may see."""

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from compliance.accounts.roles import Role
from compliance.api.authentication import acting, require_all_repositories
from compliance.api.pagination import MOST, Page, lead_on
from compliance.queries.audit_trail import ActivityFilter, Deed, names_of_people, told

router = Router(tags=["activity"])

_DEEPEST = 10_000
"""Maximum number of entries that can be reached by paging; older entries are found by date."""


class DeedOut(Schema):
    """An audit trail entry: the action (`deed`), the `kind` of object, and the person who acted.

    `what` names the object. `token` is true if the person acted through an API token.
    """

    at: datetime
    kind: str
    deed: str
    person: str
    with_token: bool
    what: str
    repository: str


class Scroll(Schema):
    """The page size, and the cursor that the previous page returned in `next`."""

    limit: int = Field(50, ge=1, le=MOST)
    # Time of the first page in microseconds, and the number of entries returned so far. New entries don't
    # shift pages.
    cursor: str = Field("", pattern=r"^(?:[0-9a-f]{1,13}-[0-9a-f]{1,4})?$")


@router.get("", response=Page[DeedOut], summary="List the audit trail")
def index(
    request: HttpRequest, response: HttpResponse, asked: Query[ActivityFilter], paged: Query[Scroll]
) -> Page[DeedOut]:
    """List entries, newest first. Requires the manager role. Dates are in UTC. Only administrators see
    changes to accounts and roles.
    """
    person = acting(request, Role.MANAGER)
    require_all_repositories(request, "The audit trail covers all repositories")
    moment, place = _cursor(paged.cursor)
    end = place + paged.limit
    rows = list(asked.deeds(person, end + 1, UTC, moment)[place : end + 1])
    more = len(rows) > paged.limit and end < _DEEPEST
    names = names_of_people()
    items = [told(Deed(*row), names) for row in rows[: paged.limit]]
    cursor = f"{int(moment.timestamp() * 1_000_000):x}-{end:x}" if more else ""
    return Page(
        items=[DeedOut(**{**item, "with_token": bool(item["with_token"])}) for item in items],
        next=lead_on(request, response, cursor),
    )


def _cursor(text: str) -> tuple[datetime, int]:
    """Return the time up to which entries are listed, and the number of entries already returned."""
    if not text:
        return datetime.now(UTC), 0
    moment, _, place = text.partition("-")
    since = timedelta(microseconds=int(moment, 16))
    return datetime(1970, 1, 1, tzinfo=UTC) + since, min(int(place, 16), _DEEPEST)
