"""Teams: their handles, by which CODEOWNERS names them, and their members."""

from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, require_all_repositories
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import Name, Seen
from compliance.models import Team
from compliance.people.teams import LONGEST, TeamHandle, change_team

router = Router(tags=["teams"])

MOST_HANDLES, MOST_MEMBERS = 50, 1000


class HandleOut(Schema):
    """A team's name on a forge, without the @."""

    forge: Literal["github", "gitlab", "gitea"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^@?[\w./-]+$")]


class TeamOut(Schema):
    """A team. `handles` are its names on forges, and `members` the usernames of its people."""

    id: int
    name: str
    handles: list[HandleOut]
    members: list[str]


class TeamChange(Schema):
    """What to change: a list replaces the stored one, and what is omitted stays."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[Seen, StringConstraints(max_length=LONGEST)] | None = None
    handles: list[HandleOut] | None = Field(None, max_length=MOST_HANDLES)
    members: list[Name] | None = Field(None, max_length=MOST_MEMBERS)


class TeamIn(TeamChange):
    """A new team."""

    name: Annotated[Seen, StringConstraints(max_length=LONGEST)]


@router.get("", response=Page[TeamOut], summary="List teams")
def index(request: HttpRequest, response: HttpResponse, paged: Query[Paged]) -> Page[TeamOut]:
    """List all teams, in the order in which they were created."""
    return page(request, response, _teams(request), paged, _told)


@router.post("", response={201: TeamOut}, auth=WRITE, summary="Create a team")
def write(request: HttpRequest, given: TeamIn) -> Status[TeamOut]:
    """Create a team. Requires the manager role. The response is 409 if its name or a handle is taken, or a
    member has no account.
    """
    return Status(201, _changed(request, Team(), given))


@router.post("/{int:pk}", response=TeamOut, auth=WRITE, summary="Change a team")
def change(request: HttpRequest, pk: int, given: TeamChange) -> TeamOut:
    """Change the name, the handles or the members. Requires the manager role."""
    return _changed(request, _found(request, pk), given)


@router.post("/{int:pk}/remove", response=TeamOut, auth=WRITE, summary="Delete a team")
def remove(request: HttpRequest, pk: int) -> TeamOut:
    """Delete a team and return it. If CODEOWNERS still names it, the next scan creates it without members.

    Requires the manager role.
    """
    team = _found(request, pk)
    told = _told(team)
    team.delete()
    return told


def _teams(request: HttpRequest) -> QuerySet[Team]:
    require_all_repositories(request, "Teams belong to all repositories")
    return Team.objects.prefetch_related("handles", "members__account")


def _found(request: HttpRequest, pk: int) -> Team:
    acting(request, Role.MANAGER)
    team = _teams(request).filter(pk=pk).first()
    if team is None:
        raise Http404(f"There is no team {pk}.")
    return team


def _changed(request: HttpRequest, team: Team, given: TeamChange) -> TeamOut:
    acting(request, Role.MANAGER)
    teams = _teams(request)
    handles = None
    if given.handles is not None:
        handles = [TeamHandle(handle.forge, handle.name) for handle in given.handles]
    change_team(team, name=given.name, handles=handles, members=given.members)
    return _told(teams.get(pk=team.pk))


def _told(row: Team) -> TeamOut:
    handles = sorted(row.handles.all(), key=lambda handle: (handle.forge, handle.name.lower()))
    members = (str(person) for person in row.members.all())
    return TeamOut(
        id=row.pk,
        name=row.name,
        handles=[HandleOut.model_validate({"forge": one.forge, "name": one.name}) for one in handles],
        members=sorted(members, key=str.lower),
    )
