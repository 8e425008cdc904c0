"""Errors as problem details (RFC 9457), and the bounds that every request must keep before it is read."""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

log = logging.getLogger(__name__)

LIMIT = 25 * 1024 * 1024
"""Bytes of a body that is sent as it is."""

LIMIT_JSON = 1024 * 1024
"""Bytes of a body in JSON."""

CHALLENGE = 'Bearer realm="SSOT compliance"'


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """An answer of this status; `detail` says what is wrong and what to do."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = CHALLENGE
    return response


def explain(api: NinjaAPI) -> None:
    """Let every error of the API be answered as a problem."""

    @api.exception_handler(HttpError)
    def _refused(_request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, str(error))

    @api.exception_handler(ValidationError)
    def _wrong(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {"pointer": "/".join(str(part) for part in wrong["loc"]), "detail": str(wrong["msg"])}
            for wrong in error.errors
        ]
        words = "; ".join(f"{wrong['pointer']}: {wrong['detail']}" for wrong in errors)
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, words[:1000], errors=errors)

    @api.exception_handler(Http404)
    def _missing(_request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(HTTPStatus.NOT_FOUND, str(error) or "There is nothing at this address.")

    @api.exception_handler(PermissionDenied)
    def _forbidden(_request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return problem(HTTPStatus.FORBIDDEN, str(error) or "This token may not do that.")

    @api.exception_handler(Exception)
    def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        words = "Something went wrong here; the server's log says what. Nothing was kept of this request."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, words)


def guard(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view of the API: open to programs, its body's size known and bounded before anything is read."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = _out_of_bounds(request)
        if refused is not None:
            return refused
        response = view(request, *args, **kwargs)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        told = problem(response.status_code, f"This address does not take {request.method}.")
        told["Allow"] = response["Allow"]
        return told

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


@csrf_exempt
@login_not_required
def nowhere(_request: HttpRequest, rest: str) -> HttpResponse:
    """The answer at addresses that do not exist."""
    return problem(HTTPStatus.NOT_FOUND, f"There is nothing at /api/v1/{rest[:200]}.")
