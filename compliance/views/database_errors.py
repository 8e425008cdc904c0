"""The page for an unexpected error, which gives the reason if a database timeout ended the request."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from compliance.lib.database_limits import timeout_explained

RETRY_SECONDS = "30"


def show_error(request: HttpRequest) -> HttpResponse:
    """Return the page for the error that is being handled: 503 and the reason for a timeout, otherwise
    500.
    """
    error = sys.exc_info()[1]
    why = timeout_explained(error) if error else ""
    if not why:
        return server_error(request)
    page = render_to_string("503.html", {"why": why})
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": RETRY_SECONDS})
