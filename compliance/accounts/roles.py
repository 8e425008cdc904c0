"""The four roles, each of which includes all rights of the lower ones.

A role is a Django group with the same name. Staff and superusers are administrators; everyone else who is
signed in is at least a viewer.
"""

from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from compliance.lib.wording import with_article

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Role(IntEnum):
    """The roles in ascending order.

    Viewers can only read. Engineers can also claim files and start scans. Managers can also edit plans and
    approve phases. Administrators can do everything.
    """

    VIEWER = 1
    ENGINEER = 2
    MANAGER = 3
    ADMINISTRATOR = 4

    @property
    def group(self) -> str:
        """Return the name of the group whose members have this role."""
        return self.name.lower()

    @property
    def holder(self) -> str:
        """Return a noun phrase for a person with this role."""
        return with_article(self.group)


def role_of(user: User | AnonymousUser) -> Role | None:
    """Return the person's highest role, or None if not signed in. The role is looked up once per request."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return None
    known: Role | None = user.__dict__.get("_role")
    if known is None:
        if user.is_staff or user.is_superuser:
            known = Role.ADMINISTRATOR
        else:
            ranks = {role.group: role for role in Role}
            names = (group.name for group in user.groups.all())  # uses prefetched groups, if available
            known = max((ranks[name] for name in names if name in ranks), default=Role.VIEWER)
        user.__dict__["_role"] = known
    return known


def may(user: User | AnonymousUser, role: Role) -> bool:
    """Return true if the person has this role or a higher one."""
    return (role_of(user) or 0) >= role


def person_of(request: HttpRequest) -> User:
    """Return the signed-in person. Raises PermissionDenied if there is none."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in to do this.")
    return request.user


def demand(request: HttpRequest, role: Role) -> None:
    """Raise PermissionDenied with the reason if the person has neither this role nor a higher one."""
    if not may(request.user, role):
        raise PermissionDenied(
            f"This requires the role of {role.holder}. An administrator can give it to you."
        )


def needs(role: Role) -> Callable[[View[P]], View[P]]:
    """Decorate a view that requires this role or a higher one. Others get a 403 response with the reason."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            demand(request, role)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def holders(role: Role) -> QuerySet[User]:
    """Return the people with this role or a higher one, which must be above viewer, whose accounts are
    active.
    """
    groups = [other.group for other in Role if other >= role]
    rows = User.objects.filter(Q(is_staff=True) | Q(is_superuser=True) | Q(groups__name__in=groups))
    return rows.filter(is_active=True).distinct()


def give(user: User, role: Role) -> None:
    """Make this the person's only role."""
    former = Group.objects.filter(name__in=[other.group for other in Role if other != role])
    user.groups.remove(*former)
    user.groups.add(Group.objects.get_or_create(name=role.group)[0])
    user.__dict__.pop("_role", None)
