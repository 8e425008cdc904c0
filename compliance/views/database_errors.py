"""The page for an unexpected error, which gives the reason if the database caused it."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from compliance.lib.database_limits import is_unavailable, timeout_explained
from compliance.lib.process_metrics import describe_failure

RETRY_SECONDS = "30"


def show_error(request: HttpRequest) -> HttpResponse:
    """Return the page for the error that is being handled: 503 and the reason if the database took too long
    or is unavailable, otherwise 500.
    """
    error = sys.exc_info()[1]
    if error is None:
        return server_error(request)
    title, why = "Database timeout", timeout_explained(error)
    if not why:
        title = "The database is unavailable"
        why = describe_failure(error) if is_unavailable(error) else ""
    if not why:
        return server_error(request)
    explanation = f"{why} The request was not saved. Try again in {RETRY_SECONDS} seconds."
    page = render_to_string("503.html", {"title": title, "explanation": explanation})
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": RETRY_SECONDS})
