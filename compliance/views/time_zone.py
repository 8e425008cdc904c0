"""The reader's time zone, in which days begin and end for the pages of people who have signed in.

The page's script writes the browser's zone into a cookie. Without it, and for everybody else (public pages,
the API, programs), the installation's time zone counts.
"""

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "timezone"
_names = cache(available_timezones)
_ELSEWHERE = ("/api/", "/shared/", "/webhooks/")


class TimeZoneMiddleware:
    """Activates the reader's time zone for one request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request in the reader's time zone."""
        name = request.COOKIES.get(COOKIE, "")
        private = request.user.is_authenticated and not request.path_info.startswith(_ELSEWHERE)
        if not private or name not in _names():
            return self._get_response(request)
        with timezone.override(ZoneInfo(name)):
            return self._get_response(request)
