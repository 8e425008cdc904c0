"""Answers health checks and metrics before anything asks for the host's name, the session or the database."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

ADDRESSES = ("/livez", "/healthz", "/readyz", "/metrics")


class MonitoringMiddleware:
    """Passes requests of programs that watch the product straight to their view.

    They ask for the machine or the container by its own address, which ALLOWED_HOSTS need not name, and must
    be told what is wrong, in their format, while sessions can't be read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Store the rest of the middleware chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle a request."""
        if request.path_info not in ADDRESSES:
            return self.get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        response: HttpResponse = match.func(request)
        return response
