"""Restricts pages to signed-in users, except for read-only pages if ANONYMOUS_READING is set."""

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
        *("forecast", "forecast-csv"),
        *("marks", "marks-csv", "phases", "phases-csv", "phase", "criteria-csv"),
        *("issues", "issues-csv", "issue", "steps-csv", "badge", "shields"),
        *("commits", "commits-csv", "commit", "commit-csv", "commit-unread-csv", "broken-csv"),
    )
)
"""Names of the URLs that anyone can read if ANONYMOUS_READING is set. None of them shows an e-mail address or
a secret.

A file's page shows its source, so setting ANONYMOUS_READING publishes the code; a patch reveals nothing more.
Jobs, deliveries and settings still require a sign-in, because they contain server names and error messages.
The plan page also requires one, because it shows drafts and their authors. The requirements of the plan are
shown on the pages for phases and issues.
"""


class AccessMiddleware(LoginRequiredMiddleware):
    """Django's LoginRequiredMiddleware, with an exception for anonymous reading."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Return a redirect to the sign-in page, or None to continue."""
        if settings.ANONYMOUS_READING and request.method in ("GET", "HEAD"):
            match = request.resolver_match
            if match and not match.namespaces and match.url_name in ANONYMOUS_URL_NAMES:
                return None
        return super().process_view(request, view, args, kwargs)
