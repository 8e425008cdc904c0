"""Fetches the active plan of a repository that is tracked by an SSOT server."""

import json
import os
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from scanner.commands import UsageError
from scanner.plan import Plan
from scanner.planfile import read_plan

TOKEN = "SSOT_TOKEN"  # noqa: S105  (a name)
"""The environment variable with the token, which must not be visible in the list of processes."""

_SECONDS = 20
_LARGEST = 20_000_000
_LOCAL = ("localhost", "127.0.0.1", "::1")


def fetch_plan(address: str) -> Plan:
    """Return the plan that is active on the server. `address` is that of the repository's page or API.

    Raises UsageError if it can't be fetched, PlanError if it has errors.
    """
    base = _api(address)
    token = os.environ.get(TOKEN, "")
    if not token:
        raise UsageError(f"--server requires a token with read access in the environment variable {TOKEN}")
    page = f"{base}/plans?limit=200"
    while page:
        found = _get(page, token)
        for version in found.get("items", ()):
            if version["in_force"]:
                whole = _get(f"{base}/plans/{version['number']}", token)
                return read_plan(whole["text"], f"{base}, plan version {version['number']}")
        page = urljoin(page, found["next"]) if found.get("next") else ""
    raise UsageError(f"{base}: no plan is active there yet; activate one, or give a plan with --plan")


def _api(address: str) -> str:
    """Return the address of the repository's API without a trailing slash."""
    parts = urlsplit(address)
    start, slash, rest = address.rstrip("/").partition("/repositories/")
    if parts.scheme not in {"http", "https"} or not slash or not rest:
        raise UsageError(
            f"--server {address}: give the address of the repository's page, such as "
            "https://ssot.example.org/repositories/shop"
        )
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise UsageError(f"--server {address}: use https, because the token would be sent unencrypted")
    return f"{start.removesuffix('/api/v1')}/api/v1/repositories/{rest.split('/')[0]}"


class _NoRedirect(HTTPRedirectHandler):
    """Refuses redirects, which could send the token elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _get(address: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    request = Request(address, headers=headers)  # noqa: S310  (`_api` admits http and https alone)
    try:
        with build_opener(_NoRedirect).open(request, timeout=_SECONDS) as response:
            body = response.read(_LARGEST + 1)
        if len(body) > _LARGEST:
            raise UsageError(f"{address}: the response is larger than {_LARGEST:,} bytes")
        return json.loads(body)
    except HTTPError as error:
        hint = "; check the token" if error.code in {401, 403} else "; check the address"
        raise UsageError(f"{address}: the server answered {error.code} {error.reason}{hint}") from None
    except (URLError, OSError) as error:
        raise UsageError(f"{address}: the server cannot be reached: {error}") from None
    except ValueError:
        raise UsageError(f"{address}: the response is not JSON; check the address") from None
