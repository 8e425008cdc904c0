"""What every request passes before an operation reads it, and every answer after it.

Answers of GET carry an ETag, the digest of their body: it changes exactly when what is said does.
"""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from compliance.api.problems import problem
from compliance.lib.http_cache import REVALIDATE, conditional_response, etag_of

LIMIT = 25 * 1024 * 1024
"""Bytes of a body that is sent as it is."""

LIMIT_JSON = 1024 * 1024
"""Bytes of a body in JSON."""

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")

Paths = Mapping[str, Mapping[str, Mapping[str, Any]]]


def guard(
    view: Callable[..., HttpResponseBase], paths: Callable[[], Paths]
) -> Callable[..., HttpResponseBase]:
    """A view of the API: open to programs, its body's size known and bounded before anything is read.

    `paths` gives the schema's paths, which know the parameters of each operation.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = _out_of_bounds(request) or _unknown(request, paths())
        if refused is not None:
            return refused
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return problem(HTTPStatus.NOT_FOUND, f"Nothing was found at {request.path}.")
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            told = problem(response.status_code, f"This address does not accept {request.method}.")
            told["Allow"] = response["Allow"]
            return told
        return _tagged(request, response)

    return login_not_required(csrf_exempt(guarded))


def _out_of_bounds(request: HttpRequest) -> HttpResponse | None:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    length = request.headers.get("Content-Length") or "0"
    if "Transfer-Encoding" in request.headers or not (length.isascii() and length.isdigit()):
        return problem(HTTPStatus.LENGTH_REQUIRED, "Send the body with a Content-Length, not in chunks.")
    limit = LIMIT_JSON if request.content_type == "application/json" else LIMIT
    if len(length) > 12 or int(length) > limit:
        words = f"The body is over {limit // (1024 * 1024)} MB."
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
    return None


def _unknown(request: HttpRequest, paths: Paths) -> HttpResponse | None:
    if "\0" in request.path or any("\0" in value for values in request.GET.lists() for value in values[1]):
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "An address cannot contain the character NUL.")
    match = request.resolver_match
    path = paths.get("/" + _PLACE.sub(r"{\1}", match.route if match else ""), {})
    operation = path.get((request.method or "").lower())
    if operation is None and path:
        return None
    known = {p["name"] for p in (operation or {}).get("parameters", ()) if p["in"] == "query"}
    unknown = sorted(set(request.GET) - known)
    if not unknown:
        return None
    words = f"Unknown: {', '.join(unknown)[:300]}; allowed: {', '.join(sorted(known)) or 'none'}."
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"Query parameters: {words}")


def _tagged(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    found = request.method == "GET" and response.status_code == HTTPStatus.OK
    if found and isinstance(response, HttpResponse):
        whole = response
        response = conditional_response(request, etag_of(whole.content), lambda: whole)
    response["Cache-Control"] = REVALIDATE
    patch_vary_headers(response, ("Authorization", "Cookie"))
    return response
