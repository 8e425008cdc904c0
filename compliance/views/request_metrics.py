"""Counts requests, and how long they took.

The processes of a web server share a folder, so any of them returns the sums (`metrics_folder`).
"""

import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from compliance.lib.metric_definitions import definition
from compliance.lib.process_metrics import REGISTRY, uncounted_if_full
from compliance.server.metrics_folder import VARIABLE

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_REQUESTS = definition("ssot_http_requests_total")
_DURATION = definition("ssot_http_request_duration_seconds")
_COUNT = Counter(_REQUESTS.family, _REQUESTS.meaning, _REQUESTS.labels, registry=REGISTRY)
_TIME = Histogram(_DURATION.name, _DURATION.meaning, _DURATION.labels, buckets=_BOUNDS, registry=REGISTRY)


class RequestMetricsMiddleware:
    """Counts each request by its method, the name of its URL, and the status of the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Store the rest of the middleware chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle a request."""
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = match.view_name if match else "none"
        method = request.method if request.method in _METHODS else "other"
        with uncounted_if_full():
            _TIME.labels(method, view).observe(time.perf_counter() - began)
            _COUNT.labels(method, view, str(response.status_code)).inc()
        return response


def describe_requests() -> bytes:
    """Return what all processes of this web server have counted, in Prometheus' text format."""
    registry = REGISTRY
    if folder := os.environ.get(VARIABLE):
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
