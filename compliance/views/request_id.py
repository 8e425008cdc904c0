"""Gives each request an id, which the response and all log lines about it carry."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from compliance.lib.logs import log_context

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[\w.:-]{1,64}", re.ASCII)


class RequestIdMiddleware:
    """Uses the id that a proxy or client sends in `X-Request-ID`, or a new one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Store the rest of the middleware chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle a request. An id with other characters, or a longer one, is replaced."""
        given = request.headers.get(HEADER, "")
        name = given if _ACCEPTED.fullmatch(given) else secrets.token_hex(8)
        with log_context(request=name):
            response = self.get_response(request)
        response[HEADER] = name
        return response
