"""Checks every API request before it is handled, and adds caching headers to every response.

Responses to GET requests carry an ETag that is computed from their body, so it changes exactly when the
content does.
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
from ninja.errors import HttpError

from compliance.api.problems import problem
from compliance.lib.field_types import is_storable
from compliance.lib.http_cache import REVALIDATE, conditional_response, etag_of
from compliance.server.bodies import LONGEST, BodyError, declared_length

LIMIT_JSON = 1024 * 1024
"""Maximum size of a JSON body, in bytes."""

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")

Paths = Mapping[str, Mapping[str, Mapping[str, Any]]]


def guard(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Wrap an API view: exempt it from CSRF protection, and check the size of the body before it is read."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = _out_of_bounds(request)
        if refused is not None:
            return refused
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return problem(HTTPStatus.NOT_FOUND, f"There is nothing at {request.path}.")
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            told = problem(response.status_code, f"This URL does not accept {request.method}.")
            told["Allow"] = response["Allow"]
            return told
        return _tagged(request, response)

    return login_not_required(csrf_exempt(guarded))


def _out_of_bounds(request: HttpRequest) -> HttpResponse | None:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    length = "" if "Transfer-Encoding" in request.headers else request.headers.get("Content-Length") or "0"
    try:
        declared_length(length, LIMIT_JSON if request.content_type == "application/json" else LONGEST)
    except BodyError as error:
        return problem(error.status, str(error))
    return None


def check_address(request: HttpRequest, paths: Paths) -> None:
    """Check that a URL contains no NUL and no unknown query parameter. Raises `HttpError` (422).

    `paths` are the paths of the schema, which list the parameters of each operation.
    """
    texts = (request.path, *(text for name, texts in request.GET.lists() for text in (name, *texts)))
    if not all(map(is_storable, texts)):
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, "A URL cannot contain the NUL character.")
    match = request.resolver_match
    path = paths.get("/" + _PLACE.sub(r"{\1}", match.route if match else ""), {})
    operation = path.get((request.method or "").lower())
    if operation is None and path:
        return
    known = {p["name"] for p in (operation or {}).get("parameters", ()) if p["in"] == "query"}
    unknown = sorted(set(request.GET) - known)
    if not unknown:
        return
    names = ", ".join(f"“{name}”" for name in unknown)[:300]
    several = len(unknown) > 1
    words = (
        f"{names} {'are' if several else 'is'} not {'query parameters' if several else 'a query parameter'}"
    )
    allowed = f"use {', '.join(sorted(known))}" if known else "there are none"
    raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{words} of this operation; {allowed}.")


def _tagged(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    found = request.method == "GET" and response.status_code == HTTPStatus.OK
    if found and isinstance(response, HttpResponse):
        whole = response
        response = conditional_response(request, etag_of(whole.content), lambda: whole)
    response["Cache-Control"] = REVALIDATE
    patch_vary_headers(response, ("Authorization", "Cookie"))
    return response
