"""The page behind the links in e-mails with which people unsubscribe without signing in."""

from collections.abc import Callable
from typing import Protocol

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from compliance.notifications.message import Link


class Unsubscribable(Protocol):
    """E-mails that somebody can stop. `recipient` is the account or address that gets them. `rest` says what
    they get nevertheless, and `choices` leads to where everything else is changed.
    """

    @property
    def recipient(self) -> str: ...

    @property
    def rest(self) -> str: ...

    @property
    def choices(self) -> Link | None: ...

    def describe(self) -> str:
        """Return the e-mails as a noun phrase."""

    def is_over(self) -> bool:
        """Return true if they are not sent any more."""

    def apply(self) -> None:
        """Stop them."""


def unsubscribe_page(find: Callable[[str], Unsubscribable | None]) -> Callable[..., HttpResponse]:
    """Return the view for links with a token. `find` returns what a token stops, or None if it is invalid."""

    # Mail clients post here without loading a page first (RFC 8058), so the token is the only authentication.
    @csrf_exempt
    @login_not_required
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
        """Ask for confirmation, and stop the e-mails on POST. Unsubscribing twice is not an error."""
        found = find(token)
        context: dict[str, object] = {"found": found}
        if found:
            context["what"] = found.describe()
            if request.method == "POST":
                found.apply()
            context["is_over"] = found.is_over()
        status = 200 if found else 404
        response = render(request, "public_page/unsubscribe.html", context, status=status)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return unsubscribe
