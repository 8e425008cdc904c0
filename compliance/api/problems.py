"""API errors as problem details (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError

from compliance.evidence import ApprovalError
from compliance.integrations.connections import ConnectionValueError
from compliance.lib.database_failures import WrongKeyError
from compliance.lib.database_limits import is_unavailable, timeout_explained
from compliance.lib.field_types import message_of
from compliance.lib.json_documents import JsonError
from compliance.lib.process_metrics import describe_failure
from compliance.notifications.channel_setup import ChannelValueError
from compliance.notifications.preferences import PreferenceError
from compliance.notifications.rule_setup import RuleValueError
from compliance.people.teams import TeamError
from compliance.pull_requests.override import DecisionError
from compliance.pull_requests.policy import PolicyError
from compliance.scans import BaselineError, ConflictError, HomeError, PlanError
from compliance.scans.setup_errors import SetupError
from compliance.work.claims import ClaimError, TakenError
from compliance.work.notes import NoteError
from compliance.work.waivers import WaiverError

log = logging.getLogger(__name__)

RETRY_SECONDS = 30
CHALLENGE = 'Bearer realm="SSOT compliance"'


PROBLEM = {
    "description": "What is wrong and how to fix it",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}
"""The OpenAPI schema of an error response."""


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """Return a problem response with this status. `detail` says what is wrong and how to fix it."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = CHALLENGE
    return response


def refusal(error: HttpError) -> HttpResponse:
    """Return the problem response for an error."""
    if not isinstance(error, Throttled):
        return problem(error.status_code, str(error))
    seconds = f"{error.wait} second{'' if error.wait == 1 else 's'}"
    response = problem(error.status_code, f"Too many requests; try again in {seconds}.")
    response["Retry-After"] = str(error.wait)
    return response


def explain(api: NinjaAPI) -> None:
    """Register handlers that turn every API error into a problem response."""

    @api.exception_handler(HttpError)
    def _refused(_request: HttpRequest, error: HttpError) -> HttpResponse:
        if isinstance(error.__cause__, JsonError):
            return problem(error.status_code, f"The body was rejected because {error.__cause__}.")
        return refusal(error)

    @api.exception_handler(ValidationError)
    def _wrong(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            # If a body may have several shapes, the location includes an internal name of the library.
            {
                "pointer": "/".join(str(part) for part in wrong["loc"] if "(" not in str(part)),
                "detail": message_of(wrong),
            }
            for wrong in error.errors
        ]
        words = "; ".join(f"{wrong['pointer']}: {wrong['detail']}" for wrong in errors)
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, words[:1000], errors=errors)

    @api.exception_handler(Http404)
    def _missing(_request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(HTTPStatus.NOT_FOUND, str(error) or "There is nothing at this URL.")

    @api.exception_handler(TakenError)
    def _taken(_request: HttpRequest, error: TakenError) -> HttpResponse:
        return problem(HTTPStatus.CONFLICT, str(error), holders=error.holders)

    @api.exception_handler(PlanError)
    def _unsound(_request: HttpRequest, error: PlanError) -> HttpResponse:
        errors = [
            {"pointer": f"line {wrong.line}", "detail": f"{wrong.key} {wrong.message}".strip()}
            for wrong in error.problems
        ]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)[:1000], errors=errors)

    @api.exception_handler(ClaimError)
    @api.exception_handler(WaiverError)
    @api.exception_handler(ApprovalError)
    @api.exception_handler(NoteError)
    @api.exception_handler(ConflictError)
    @api.exception_handler(HomeError)
    @api.exception_handler(BaselineError)
    @api.exception_handler(SetupError)
    @api.exception_handler(TeamError)
    @api.exception_handler(ConnectionValueError)
    @api.exception_handler(ChannelValueError)
    @api.exception_handler(PreferenceError)
    @api.exception_handler(RuleValueError)
    @api.exception_handler(DecisionError)
    @api.exception_handler(PolicyError)
    def _impossible(_request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(HTTPStatus.CONFLICT, str(error))

    @api.exception_handler(PermissionDenied)
    def _forbidden(_request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(HTTPStatus.FORBIDDEN, str(error) or "This token does not permit that.")

    @api.exception_handler(Error)
    @api.exception_handler(WrongKeyError)
    def _late(request: HttpRequest, error: Exception) -> HttpResponse:
        if not is_unavailable(error):
            return _broken(request, error)
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        why = timeout_explained(error) or describe_failure(error)
        words = f"{why} The request was not saved. Try again in {RETRY_SECONDS} seconds."
        response = problem(HTTPStatus.SERVICE_UNAVAILABLE, words)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response

    @api.exception_handler(Exception)
    def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        words = "Internal error; see the server's log. Nothing was saved."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, words)


@csrf_exempt
@login_not_required
def nowhere(_request: HttpRequest, rest: str) -> HttpResponse:
    """Return the problem response for a URL that does not exist."""
    return problem(HTTPStatus.NOT_FOUND, f"There is nothing at /api/v1/{rest[:200]}.")
