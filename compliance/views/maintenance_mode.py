"""Closes the pages and the API in maintenance mode. Webhooks stay open, and so do health checks and metrics,
which `MonitoringMiddleware` answers before.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from compliance.jobs import maintenance_mode
from compliance.jobs.maintenance_mode import Maintenance

_WEBHOOKS = "/webhooks/"
_API = "/api/"


class MaintenanceModeMiddleware:
    """Answers 503 with `Retry-After` in maintenance mode, without asking the database.

    Webhooks are received, because some forges send each of them only once. Their jobs wait.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Store the rest of the middleware chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle a request."""
        found = maintenance_mode.current()
        path = request.path_info
        if found is None or path.startswith(_WEBHOOKS):
            return self.get_response(request)
        response = _problem(found) if path.startswith(_API) else _page(request, found)
        response["Retry-After"] = str(found.retry_after(timezone.now()))
        response["Cache-Control"] = "no-store"
        return response


def _page(request: HttpRequest, found: Maintenance) -> HttpResponse:
    values = {
        "title": "Maintenance",
        "explanation": found.message or "The administrators are working on this service.",
        "end": _end(found),
        "is_safe": request.method in ("GET", "HEAD"),
    }
    page = render_to_string("maintenance.html", values)
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)


def _problem(found: Maintenance) -> HttpResponse:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    words = [f"Maintenance mode is on. {found.message}".strip(), _end(found), "Send the request again then."]
    detail = " ".join(word for word in words if word)
    body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _end(found: Maintenance) -> str:
    """Return a sentence that gives the announced end, or an empty string if there is none in the future."""
    if found.until is None or found.until <= timezone.now():
        return ""
    local = timezone.localtime(found.until, timezone.get_default_timezone())
    return f"It should be available again at {date_format(local, 'j F Y, H:i')} ({settings.TIME_ZONE})."
