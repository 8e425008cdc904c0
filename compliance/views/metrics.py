"""`/metrics` for Prometheus: the records of the installation, and the requests of this web server."""

import secrets
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from compliance.jobs import maintenance_mode
from compliance.lib.database_failures import UNUSABLE, Cause, cause_of
from compliance.lib.database_limits import accepts_changes, answered_within
from compliance.queries.local_metrics import LocalCollector
from compliance.queries.metrics import RecordsCollector
from compliance.views.request_metrics import describe_requests

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
SECONDS = 5.0
"""Maximum duration of all statements for one answer, in seconds."""


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return all metrics in Prometheus' text format 1.0.0.

    The response is 401 without the token that METRICS_TOKEN requires. If that isn't set, it is 403 for
    clients of other machines. If Postgres doesn't respond, only the metrics of the web server are returned,
    and `ssot_database_problem` gives the cause.
    """
    if refusal := _refusal(request):
        return refusal
    text = describe_requests()
    records = CollectorRegistry()
    records.register(RecordsCollector())
    cause = None
    try:
        with answered_within(SECONDS):
            cause = None if accepts_changes() else Cause.READ_ONLY
            text += generate_latest(records)
    except UNUSABLE as error:
        cause = cause_of(error)
    local = CollectorRegistry()
    local.register(LocalCollector(cause, maintenance_mode.current()))
    return HttpResponse(text + generate_latest(local), content_type=CONTENT_TYPE_PLAIN_1_0_0)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the response to a client that may not read the metrics, or None."""
    if wanted := settings.ENVIRONMENT.metrics_token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if secrets.compare_digest(given.encode(), wanted.encode()):
            return None
        words = "Send METRICS_TOKEN as a bearer token: Authorization: Bearer ...\n"
        return HttpResponse(
            words,
            status=401,
            content_type="text/plain",
            headers={"WWW-Authenticate": 'Bearer realm="metrics"'},
        )
    # Behind a proxy of this machine, everybody's address would look local.
    is_forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For"))
    is_local = not is_forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))
    if is_local and _is_named(request.headers.get("Host", "")):
        return None
    words = "Only this machine may read its metrics. Set METRICS_TOKEN to read them from others.\n"
    return HttpResponse(words, status=403, content_type="text/plain")


def _is_named(host: str) -> bool:
    """Return true unless a browser of this machine was led here by a name that somebody else chose."""
    return not host or validate_host(split_domain_port(host)[0], [*_LOOPBACK, *settings.ALLOWED_HOSTS])


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


URLS = [path("metrics", metrics, name="metrics")]
