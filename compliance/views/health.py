"""Health checks: `livez` and `healthz` report that the process responds, `readyz` that work is being
processed.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance.jobs import maintenance_mode
from compliance.jobs.health import check_work
from compliance.lib.database_failures import SENTENCES, UNUSABLE, Cause, cause_of
from compliance.lib.database_limits import accepts_changes, answered_within
from compliance.lib.free_space import describe_folder_problem
from compliance.lib.product_files import command

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
    if they fail. In maintenance mode, the response is 200, so that a load balancer still passes requests on
    and people see why the pages are closed.
    """
    try:
        with answered_within(DATABASE_SECONDS):
            database = "ok" if accepts_changes() else "read-only: nothing can be recorded"
            found = {"database": database, "migrations": _migrations(), **check_work()}
    except UNUSABLE as error:
        cause = cause_of(error)
        found = {"database": "not responding" if cause == Cause.UNREACHABLE else SENTENCES[cause]}
    if words := describe_folder_problem(settings.DATA_DIR):
        found["disk"] = words
    ready = all(word == "ok" for word in found.values())
    if maintenance := maintenance_mode.current():
        found["maintenance"] = f"on since {maintenance.began_at.isoformat(timespec='seconds')}"
        ready = True
    return JsonResponse(found, status=200 if ready else 503)


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} unapplied: run {command('migrate')}" if missing else "ok"


URLS = [
    path("livez", healthz, name="livez"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
