"""Who gets in: whoever signed in, and everybody to pages that only read, if ANONYMOUS_READING says so."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ANONYMOUS_URL_NAMES = frozenset(
    (
        *("home", "home-csv", "overview", "overview-live", "chart", "chart-csv", "trend-svg"),
        *(
            "files",
            "files-csv",
            "file",
            "file-csv",
            "patch",
            "patch-file",
            "violations",
            "violations-csv",
            "waivers",
            "waivers-csv",
        ),
        *("marks", "marks-csv", "phases", "phases-csv", "phase", "criteria-csv"),
        *("issues", "issues-csv", "issue", "steps-csv", "badge", "shields"),
        *("commits", "commits-csv", "commit", "commit-csv", "commit-unread-csv", "broken-csv"),
    )
)
"""Names of the addresses that ANONYMOUS_READING opens: nothing there shows an e-mail address or a secret.

A file's page shows its text, so whoever opens the door shows the code; a patch holds no more than that.
Jobs, deliveries and settings stay closed, as what they quote of servers and errors is nobody else's business;
so does the plan, with its drafts and who changed what: phases and issues say what it asks for.
"""


class AccessMiddleware(LoginRequiredMiddleware):
    """Django's own, which lets nobody in who is not signed in, with that one exception."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Answer with the sign-in page, or None to go on."""
        if settings.ANONYMOUS_READING and request.method in ("GET", "HEAD"):
            match = request.resolver_match
            if match and not match.namespaces and match.url_name in ANONYMOUS_URL_NAMES:
                return None
        return super().process_view(request, view, args, kwargs)
