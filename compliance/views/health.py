"""Health checks: `livez` and `healthz` report that the process responds, `readyz` that work is being
processed.
"""

import shutil

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance.jobs.health import check_work
from compliance.lib.database_limits import accepts_changes, answered_within

LEAST_SPACE = 100 * 2**20
"""Number of free bytes below which neither a push nor a log can be stored reliably."""

DATABASE_SECONDS = 3.0
"""Seconds after which the database counts as not responding, whatever it is doing."""


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Return 200 as long as this process responds."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """Return 200 if the database is migrated, a worker is running, and no job has been overdue for long.

    Otherwise, return 503. The body contains the state of each check; beat, broker and disk are included only
    if they fail.
    """
    try:
        with answered_within(DATABASE_SECONDS):
            database = "ok" if accepts_changes() else "read-only: nothing can be recorded"
            found = {"database": database, "migrations": _migrations(), **check_work()}
    except (DatabaseError, InterfaceError):
        found = {"database": "not responding"}
    if free := _scarce_space():
        found["disk"] = free
    ready = all(word == "ok" for word in found.values())
    return JsonResponse(found, status=200 if ready else 503)


def _scarce_space() -> str:
    """Return how little space is left for the product's data, or an empty string if there is enough."""
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError as error:
        return f"the data folder cannot be read: {error.strerror}"
    return f"{free // 2**20} MB left for the data folder" if free < LEAST_SPACE else ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} unapplied: run manage.py migrate" if missing else "ok"


URLS = [
    path("livez", healthz, name="livez"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
