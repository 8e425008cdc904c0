"""Cleans the values in query strings and forms before a page reads them, and prevents caching of
responses.
"""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from compliance.lib.field_types import typed

PRIVATE = "private, no-store"
"""The default for views that don't choose their own policy, such as an ETag, or caching for a public page."""


class RequestValuesMiddleware:
    """Removes characters that no column can store from query strings and forms, and marks responses as
    uncacheable.

    The API and the webhooks read and validate their own bodies with typed models instead.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response, marked as private unless its view says otherwise."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", PRIVATE)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], _args: Any, kwargs: dict[str, Any]
    ) -> None:
        """Clean the values. Raises Http404 if the URL contains a character that is not allowed in any
        name.
        """
        if request.resolver_match and "api" in request.resolver_match.namespaces:
            return
        if any(isinstance(value, str) and typed(value) != value for value in kwargs.values()):
            raise Http404("A URL cannot contain the NUL character.")
        request.GET = _clean(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            request.POST = _clean(request.POST)  # type: ignore[assignment]


def _clean(values: QueryDict) -> QueryDict:
    if all(typed(text) == text for name, texts in values.lists() for text in (name, *map(str, texts))):
        return values
    cleaned = QueryDict(mutable=True)
    for name, texts in values.lists():
        cleaned.setlist(typed(name), [typed(str(text)) for text in texts])
    return cleaned


def local_path(way: str) -> str:
    """Return the path on this site to which a form wants to redirect, or an empty string if it isn't a path
    on this site.
    """
    if not way.startswith("/") or not url_has_allowed_host_and_scheme(way, None):
        return ""
    return way if way.isprintable() else ""
