"""The values of queries and forms, cleaned before any page reads them; responses that no cache may keep."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from compliance.lib.field_types import typed

PRIVATE = "private, no-store"
"""For whatever a view does not let a browser keep on purpose, with an ETag or for a public page."""


class RequestValuesMiddleware:
    """Cleans queries and forms of what no column can hold, and keeps responses out of caches.

    The API and the webhooks have typed models instead; they read their bodies themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response, private unless its view says otherwise."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", PRIVATE)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], _args: Any, kwargs: dict[str, Any]
    ) -> None:
        """Clean the values. Raises Http404 for an address with a character that no name can have."""
        if request.resolver_match and "api" in request.resolver_match.namespaces:
            return
        if any(isinstance(value, str) and typed(value) != value for value in kwargs.values()):
            raise Http404("An address cannot contain the character NUL.")
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
    """Return the path of this site to which a form asks to go on; empty for anything else."""
    if not way.startswith("/") or not url_has_allowed_host_and_scheme(way, None):
        return ""
    return way if way.isprintable() else ""
