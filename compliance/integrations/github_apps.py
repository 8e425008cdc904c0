"""Sessions of a GitHub App: as the App itself, and as its installation for a repository.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
"""

import hashlib
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import jwt
from django.utils import timezone

from compliance.integrations.api import ApiError, Session, base_of, text_at
from compliance.lib.field_types import instant
from compliance.models import Connection

LABEL = "GitHub"
FORM = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

_VALID = 540
"""Seconds for which an App's token is valid. GitHub accepts at most ten minutes."""
_EARLIER = 60
"""Seconds by which the clock of this machine may be ahead of GitHub's."""
_RESERVE = timedelta(minutes=5)
"""Time for which a token of an installation must still be valid to be used again. GitHub's last an hour."""
_MOST_TOKENS = 1_000

_REJECTED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""Statuses after which a token isn't used again: the installation, or what it may do, has changed."""


class _Tokens:
    """The tokens of installations that this process has requested. They are never stored.

    `_MOST_TOKENS` limits them: if there are more, all are forgotten.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}

    def find(self, key: str) -> str:
        """Return a token that is still valid for some minutes, or an empty string."""
        token, until = self._known.get(key, ("", 0.0))
        return token if timezone.now().timestamp() + _RESERVE.total_seconds() < until else ""

    def keep(self, key: str, token: str, until: float) -> None:
        """Remember a token."""
        with self._lock:
            if len(self._known) >= _MOST_TOKENS:
                self._known.clear()
            self._known[key] = (token, until)

    def forget(self, key: str) -> None:
        """Forget a token."""
        with self._lock:
            self._known.pop(key, None)


_tokens = _Tokens()


@dataclass(frozen=True, slots=True)
class _InstallationSession(Session):
    """A session that has its token forgotten if GitHub rejects a request."""

    key: str = ""

    def _error(self, shown: str, answer: Any) -> ApiError:
        if answer.status in _REJECTED:
            _tokens.forget(self.key)
        return Session._error(self, shown, answer)  # noqa: SLF001  (slots make a class anew, so no super())


def app_session(found: Connection) -> Session:
    """Return a session as the App itself, which can only ask about its installations."""
    now = int(time.time())
    claims = {"iat": now - _EARLIER, "exp": now + _VALID, "iss": found.app_id}
    try:
        token = jwt.encode(claims, found.private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise ApiError(
            "The private key of the GitHub App cannot be read. Paste the whole .pem file from GitHub."
        ) from None
    return Session(LABEL, base_of(found), {**FORM, "Authorization": f"Bearer {token}"}, (token,))


def installation_session(found: Connection, project: str) -> Session:
    """Return a session with a token of the App's installation for a repository."""
    key, token = _key(found, project), installation_token(found, project)
    headers = {**FORM, "Authorization": f"Bearer {token}"}
    return _InstallationSession(LABEL, base_of(found), headers, (token, found.webhook_secret), key)


def installation_token(found: Connection, project: str) -> str:
    """Return a token of the App's installation for a repository. It is requested once and used until shortly
    before it expires.
    """
    key = _key(found, project)
    return _tokens.find(key) or _request_token(found, project, key)


def forget_token(found: Connection, project: str) -> None:
    """Forget the token of the App's installation for a repository, which was refused."""
    _tokens.forget(_key(found, project))


def _key(found: Connection, project: str) -> str:
    named = "\0".join((str(found.pk), found.api_url, found.app_id, found.private_key, project))
    return hashlib.sha256(named.encode()).hexdigest()


def _request_token(found: Connection, project: str, key: str) -> str:
    app = app_session(found)
    try:
        installation = text_at(app.read("GET", f"/repos/{project}/installation"), "id", LABEL)
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        raise ApiError(
            f"The GitHub App is not installed for {project}. Install it on GitHub, under Settings > GitHub "
            "Apps.",
            error.status,
        ) from None
    made = app.read("POST", f"/app/installations/{installation}/access_tokens")
    token = text_at(made, "token", LABEL)
    try:
        until = instant(text_at(made, "expires_at", LABEL))
    except (ApiError, ValueError):
        return token  # used only once
    _tokens.keep(key, token, until.timestamp())
    return token
