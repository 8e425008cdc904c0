"""Authenticates API clients with `Authorization: Bearer ssot_…` (RFC 6750).

A signed-in user may also read through the browser session. Because reading changes nothing, this gives
cross-site requests no advantage.
"""

from datetime import timedelta
from typing import Any

import pghistory
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError, AuthorizationError, HttpError
from ninja.security import HttpBearer

from compliance.accounts.roles import Role, may, role_of
from compliance.api.throttle import spend
from compliance.lib.secret_keys import digest_of
from compliance.models import FormerSlug, Repository, Token
from compliance.progress.preliminary import MEASURED_ANEW, measured_anew

RIGHTS: dict[str, frozenset[str]] = {
    Token.Scope.READ: frozenset({Token.Scope.READ}),
    Token.Scope.EVIDENCE: frozenset({Token.Scope.EVIDENCE}),
    Token.Scope.WRITE: frozenset(Token.Scope.values),
}
"""Maps the scope of a token to the scopes that it includes."""

_READ = ("GET", "HEAD")

_NOTICE_USE = timedelta(minutes=1)
"""Precision of `used_at`. A token that is used constantly causes at most one write per interval."""


class Bearer(HttpBearer):
    """Accepts tokens whose scope includes `scope`, or any token if `scope` is None, and stores the token in
    `request.auth`.

    If `scope` is read, a GET request from a signed-in user is also accepted; `request.auth` is then the user.
    """

    def __init__(self, scope: Token.Scope | None) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        """Return the token or the signed-in user.

        Raises:
            AuthenticationError (401): if the credentials are missing or invalid.
            AuthorizationError (403): if the token's scope is too narrow.
            Throttled (429): if the rate limit is exceeded.
        """
        if not request.headers.get("Authorization"):
            reads = self.scope in (None, Token.Scope.READ) and request.method == "GET"
            if not (reads and request.user.is_authenticated):
                words = "Send a token in the header “Authorization: Bearer ssot_…”."
                raise AuthenticationError(message=words)
            spend(f"person {request.user.pk}")
            return request.user
        found = super().__call__(request)
        if found is None:
            raise AuthenticationError(message="The Authorization header must be “Bearer ssot_…”.")
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Token:  # noqa: ARG002  (the library's shape)
        """Authenticate a token by its secret; see `__call__`."""
        known = Token.objects.select_related("person").filter(digest=digest_of(token.strip())).first()
        now = timezone.now()
        if known is None:
            raise AuthenticationError(message="Unknown token.")
        if not known.person.is_active:
            raise AuthenticationError(message="The account that created this token is closed.")
        if known.revoked_at is not None:
            raise AuthenticationError(message="This token was revoked.")
        if known.expires_at <= now:
            raise AuthenticationError(message=f"This token expired at {known.expires_at:%Y-%m-%d %H:%M} UTC.")
        spend(f"token {known.pk}")
        if self.scope is not None and self.scope not in RIGHTS[known.scope]:
            raise AuthorizationError(
                message=(
                    f"This requires a token with the scope “{self.scope}”, but this token has the scope "
                    f"“{known.scope}”."
                )
            )
        pghistory.context(user=known.person_id, token=known.pk)
        if known.used_at is None or now - known.used_at > _NOTICE_USE:
            Token.objects.filter(pk=known.pk).update(used_at=now)
        return known


WRITE = Bearer(Token.Scope.WRITE)
"""For operations that change something."""


def token_of(request: HttpRequest) -> Token:
    """Return the token with which the operation was called."""
    return request.auth  # type: ignore[attr-defined, no-any-return]  # set by the library from `Bearer`


def person_of(request: HttpRequest) -> User:
    """Return the caller: the token's owner or the signed-in user."""
    known: Token | User = request.auth  # type: ignore[attr-defined]
    return known.person if isinstance(known, Token) else known


def acting(request: HttpRequest, role: Role) -> User:
    """Return the person on whose behalf the token acts.

    Raises:
        PermissionDenied (403): if the person's role is too low.
    """
    person = person_of(request)
    if not may(person, role):
        own = (role_of(person) or Role.VIEWER).group
        words = f"This requires the role of {role.holder}; the token is {person}'s, whose role is {own}."
        raise PermissionDenied(words)
    return person


def require_all_repositories(request: HttpRequest, what: str) -> None:
    """Raise PermissionDenied (403) if the token is limited to one repository, and `what` belongs to all."""
    known: Token | User = token_of(request)
    if isinstance(known, Token) and known.repository_id:
        raise PermissionDenied(f"{what}, but this token is limited to one. Use a token for all repositories.")


def repositories_of(request: HttpRequest) -> QuerySet[Repository]:
    """Return the repositories that the caller may read."""
    rows = Repository.objects.select_related("plan", "line_plan", "chosen_plan", "head")
    known: Token | User = request.auth  # type: ignore[attr-defined]
    only = known.repository_id if isinstance(known, Token) else None
    return rows.filter(pk=only) if only else rows


def repository_of(request: HttpRequest, slug: str, *, archived: bool = False) -> Repository:
    """Return the repository with the name in this URL, or with that former name.

    `archived` permits an operation that changes something although the repository is archived.

    Raises:
        Http404: if it does not exist, or if the token is for another repository.
        HttpError (409): if it is archived.
    """
    rows = repositories_of(request).annotate(**{MEASURED_ANEW: measured_anew()})
    former = FormerSlug.objects.filter(slug=slug).values("repository")
    repository = rows.filter(Q(slug=slug) | Q(pk__in=former)).first()
    if repository is not None and repository.archived_at and not archived and request.method not in _READ:
        raise HttpError(409, f"{repository.name} is archived. Unarchive it before you change anything.")
    if repository is None:
        raise Http404(
            f"No repository is tracked under the name “{slug}”, or this token is for another repository."
        )
    return repository
