"""Who may use the API: programs that show a token, `Authorization: Bearer ssot_…` (RFC 6750)."""

from datetime import timedelta
from typing import Any

import pghistory
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer

from compliance.models import Repository, Token
from compliance.models.token import digest_of

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
    """Takes tokens that may do what `scope` says; the request then carries the token as `auth`."""

    def __init__(self, scope: Token.Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        """The token. Raises AuthenticationError (401), AuthorizationError (403) for what it may not do."""
        if not request.headers.get("Authorization"):
            raise AuthenticationError(message="Show a token: send the header “Authorization: Bearer ssot_…”.")
        found = super().__call__(request)
        if found is None:
            raise AuthenticationError(message="The header Authorization is not “Bearer ssot_…”.")
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Token:  # noqa: ARG002  (the library's shape)
        """See `__call__`; `token` is the secret."""
        known = Token.objects.select_related("person").filter(digest=digest_of(token.strip())).first()
        now = timezone.now()
        if known is None:
            raise AuthenticationError(message="No such token is known here.")
        if known.revoked_at is not None:
            raise AuthenticationError(message="This token was revoked.")
        if known.expires_at <= now:
            raise AuthenticationError(message=f"This token expired at {known.expires_at:%Y-%m-%d %H:%M} UTC.")
        if not known.person.is_active:
            raise AuthenticationError(message="The person who gave this token is no longer active.")
        if self.scope not in RIGHTS[known.scope]:
            raise AuthorizationError(
                message=f"This needs a token with the scope “{self.scope}”; this one has “{known.scope}”."
            )
        pghistory.context(user=known.person_id, token=known.pk)
        if known.used_at is None or now - known.used_at > _NOTICE_USE:
            Token.objects.filter(pk=known.pk).update(used_at=now)
        return known


def token_of(request: HttpRequest) -> Token:
    """The token that an operation was called with."""
    return request.auth  # type: ignore[attr-defined, no-any-return]  # set by the library from `Bearer`


def repository_of(request: HttpRequest, slug: str) -> Repository:
    """The repository of an address. Raises Http404 where there is none, or none for this token."""
    token = token_of(request)
    repository = Repository.objects.select_related("plan", "head").filter(slug=slug).first()
    if repository is None or token.repository_id not in (None, repository.pk):
        raise Http404(f"No repository is tracked under the name “{slug}”, or this token is not for it.")
    return repository
