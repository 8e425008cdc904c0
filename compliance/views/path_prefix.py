"""Handles the path under which a proxy serves these pages (`/ssot`), whether or not the proxy removes it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class PathPrefixMiddleware:
    """Removes the prefix from a request's path, so that all other code sees the same paths."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Store the rest of the middleware chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle a request as if it had arrived without the prefix."""
        prefix = settings.PATH_PREFIX
        if prefix:
            path = request.path_info
            if path == prefix or path.startswith(f"{prefix}/"):
                path = path[len(prefix) :] or "/"
            request.path_info, request.path = path, f"{prefix}{path}"
        return self.get_response(request)
