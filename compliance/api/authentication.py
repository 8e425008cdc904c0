"""Who may use the API: programs that show a token, `Authorization: Bearer ssot_…` (RFC 6750).

Whoever is signed in may read with the browser too: reading changes nothing, so no other site gains by it.
"""

from datetime import timedelta
from typing import Any

import pghistory
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer

from compliance.accounts.roles import Role, may, role_of
from compliance.api.throttle import spend
from compliance.lib.secret_keys import digest_of
from compliance.models import Repository, Token

Scope = Token.Scope
RIGHTS: dict[str, frozenset[str]] = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.EVIDENCE: frozenset({Scope.EVIDENCE}),
    Scope.WRITE: frozenset(Scope.values),
}
"""What a token of each scope may do."""

_NOTICE_USE = timedelta(minutes=1)
"""How exact `used_at` is: a busy token costs one write in this time."""


class Bearer(HttpBearer):
    """Takes tokens that may do what `scope` says, any token if None; the request then carries it as `auth`.

    Where `scope` is to read, a GET of somebody signed in is taken too; `auth` is then the person.
    """

    def __init__(self, scope: Token.Scope | None) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        """The token, or the person.

        Raises AuthenticationError (401), AuthorizationError (403) for what it may not do, and Throttled (429)
        when it calls too often.
        """
        if not request.headers.get("Authorization"):
            reads = self.scope in (None, Scope.READ) and request.method == "GET"
            if not (reads and request.user.is_authenticated):
                words = "Send a token in the header “Authorization: Bearer ssot_…”."
                raise AuthenticationError(message=words)
            spend(f"person {request.user.pk}")
            return request.user
        found = super().__call__(request)
        if found is None:
            raise AuthenticationError(message="The header Authorization is not “Bearer ssot_…”.")
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Token:  # noqa: ARG002  (the library's shape)
        """See `__call__`; `token` is the secret."""
        known = Token.objects.select_related("person").filter(digest=digest_of(token.strip())).first()
        now = timezone.now()
        if known is None:
            raise AuthenticationError(message="Unknown token.")
        if known.revoked_at is not None:
            raise AuthenticationError(message="This token was revoked.")
        if known.expires_at <= now:
            raise AuthenticationError(message=f"This token expired at {known.expires_at:%Y-%m-%d %H:%M} UTC.")
        if not known.person.is_active:
            raise AuthenticationError(message="The account that created this token is closed.")
        spend(f"token {known.pk}")
        if self.scope is not None and self.scope not in RIGHTS[known.scope]:
            raise AuthorizationError(
                message=f"This requires a token with the scope “{self.scope}”; this one has “{known.scope}”."
            )
        pghistory.context(user=known.person_id, token=known.pk)
        if known.used_at is None or now - known.used_at > _NOTICE_USE:
            Token.objects.filter(pk=known.pk).update(used_at=now)
        return known


WRITE = Bearer(Scope.WRITE)
"""For operations that change something."""


def token_of(request: HttpRequest) -> Token:
    """The token that an operation was called with."""
    return request.auth  # type: ignore[attr-defined, no-any-return]  # set by the library from `Bearer`


def person_of(request: HttpRequest) -> User:
    """For whom the operation is called: the person who gave the token, or who is signed in."""
    known: Token | User = request.auth  # type: ignore[attr-defined]
    return known.person if isinstance(known, Token) else known


def acting(request: HttpRequest, role: Role) -> User:
    """The person as whom a token acts. Raises PermissionDenied (403) where their role is a lower one."""
    person = person_of(request)
    if not may(person, role):
        own = (role_of(person) or Role.VIEWER).group
        words = f"This requires the role of {role.holder}; the token is {person}'s, whose role is {own}."
        raise PermissionDenied(words)
    return person


def repositories_of(request: HttpRequest) -> QuerySet[Repository]:
    """The repositories that an operation may see."""
    rows = Repository.objects.select_related("plan", "line_plan", "chosen_plan", "head")
    known: Token | User = request.auth  # type: ignore[attr-defined]
    only = known.repository_id if isinstance(known, Token) else None
    return rows.filter(pk=only) if only else rows


def repository_of(request: HttpRequest, slug: str) -> Repository:
    """The repository of an address. Raises Http404 where there is none, or none for this token."""
    repository = repositories_of(request).filter(slug=slug).first()
    if repository is None:
        raise Http404(f"No repository is tracked under the name “{slug}”, or this token is not for it.")
    return repository
