"""Teams: created for team handles in CODEOWNERS files, or by a manager, who also names the members."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Lower

from compliance.lib.field_types import one_line
from compliance.models import Forge, Handle, Person, Team
from compliance.people.codeowners import Owners

MOST_IN_FILE = 500
"""Maximum number of teams that are created for one CODEOWNERS file."""

LONGEST = 200
"""Maximum length of a team's name and of its handles."""

_HANDLE = re.compile(r"[\w.-]+(?:/[\w.-]+)*", re.ASCII)
_TEAM_OWNER = re.compile(r"@([\w.-]+(?:/[\w.-]+)+)", re.ASCII)


class TeamError(Exception):
    """Raised if a team can't be stored as requested. The message says why."""


@dataclass(frozen=True, slots=True)
class TeamHandle:
    """A team's name on a forge, without the @, such as `acme/backend`."""

    forge: str
    name: str


def team_handles(owners: Owners) -> list[TeamHandle]:
    """Return the handles of teams among the owners in a CODEOWNERS file, which contain a slash.

    On GitLab, a group's handle needn't contain one, but then it can't be told from a person's.
    """
    found = (match for owner in owners.named() if (match := _TEAM_OWNER.fullmatch(owner)))
    names = {match[1].lower(): match[1] for match in found if len(match[1]) <= LONGEST}
    return [TeamHandle(Forge(owners.language), name) for name in list(names.values())[:MOST_IN_FILE]]


def record_teams(handles: Sequence[TeamHandle]) -> int:
    """Create a team without members for each handle that belongs to none yet, and return their number."""
    if not handles:
        return 0
    by_name = Handle.objects.annotate(lower=Lower("name")).filter(forge=handles[0].forge)
    names = {handle.name.lower(): handle for handle in handles}
    known = set(by_name.filter(lower__in=list(names)).values_list("lower", flat=True))
    return sum(_create(handle) for lower, handle in names.items() if lower not in known)


def _create(handle: TeamHandle) -> bool:
    """Create a team named like its handle or, if another team has that name, also like its forge."""
    for name in (handle.name, f"{handle.name} ({Forge(handle.forge).label})"[:LONGEST]):
        try:
            with transaction.atomic():
                team = Team.objects.create(name=name)
                Handle.objects.create(team=team, forge=handle.forge, name=handle.name)
        except IntegrityError:  # also if the scan of another repository creates the same team at this moment
            continue
        return True
    return False


def change_team(
    team: Team,
    *,
    name: str | None = None,
    handles: Iterable[TeamHandle] | None = None,
    members: Iterable[str] | None = None,
) -> Team:
    """Store a team with this name, these handles and these members, given by username. None changes nothing.

    Raises `TeamError` if a name or handle is taken or invalid, or if there is no account of that name.
    """
    try:
        with transaction.atomic():
            if name is not None:
                team.name = _checked_name(team, name)
            team.save()
            if handles is not None:
                _set_handles(team, handles)
            if members is not None:
                team.members.set(_people(members))
    except IntegrityError:
        raise TeamError("Another team has taken that name or handle just now. Try again.") from None
    return team


def _checked_name(team: Team, name: str) -> str:
    name = one_line(name, LONGEST + 1).strip()
    if not name or len(name) > LONGEST:
        raise TeamError(f"Give the team a name of at most {LONGEST} characters.")
    if Team.objects.filter(name__iexact=name).exclude(pk=team.pk).exists():
        raise TeamError(f"There is already a team called {name}.")
    return name


def _set_handles(team: Team, handles: Iterable[TeamHandle]) -> None:
    wanted = {(handle.forge, handle.name.strip().removeprefix("@").lower()): handle for handle in handles}
    for (forge, lower), handle in wanted.items():
        if forge not in Forge.values:
            raise TeamError(f"“{handle.forge[:40]}” is not a forge; choose one of {', '.join(Forge.values)}.")
        if len(lower) > LONGEST or not _HANDLE.fullmatch(lower):
            raise TeamError(f"“{handle.name[:100]}” is not a handle, such as acme/backend.")
        taken = Handle.objects.filter(~Q(team=team) | Q(team=None), forge=forge, name__iexact=lower).first()
        if taken:
            raise TeamError(f"{taken} belongs to {taken.team or taken.person}.")
    kept = set()
    for row in Handle.objects.filter(team=team):
        key = (row.forge, row.name.lower())
        if key in wanted:
            kept.add(key)
        else:
            row.delete()
    for (forge, lower), handle in wanted.items():
        if (forge, lower) not in kept:
            Handle.objects.create(team=team, forge=forge, name=handle.name.strip().removeprefix("@"))


def _people(members: Iterable[str]) -> list[Person]:
    names = list(dict.fromkeys(members))
    accounts = {user.get_username(): user for user in User.objects.filter(username__in=names)}
    if missing := [name for name in names if name not in accounts]:
        raise TeamError(f"There is no account “{one_line(missing[0], 150)}”.")
    return [Person.objects.get_or_create(account=accounts[name])[0] for name in names]
