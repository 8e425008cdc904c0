"""Conditional responses: an ETag for each state of the data, and 304 if the client already has that state."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

REVALIDATE = "private, no-cache"
"""The client may store the response, but must revalidate it before each use."""


def etag_of(state: str | bytes) -> str:
    """Return the ETag for a response's content, or for the state from which the content is generated."""
    content = state.encode() if isinstance(state, str) else state
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def conditional_response(
    request: HttpRequest, etag: str, make: Callable[[], HttpResponse], cache_control: str = REVALIDATE
) -> HttpResponseBase:
    """Return the response from `make`, or 304 without calling it if the client already has this ETag."""
    response: HttpResponseBase = get_conditional_response(request, etag) or make()
    response["ETag"] = etag
    response["Cache-Control"] = cache_control
    return response
