"""Health checks: `healthz` reports that the process responds, and `readyz` that work is being processed."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance.models import Heartbeat, Job

SILENCE = timedelta(seconds=90)
OLDEST = timedelta(minutes=15)


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

    Otherwise, return 503. The response body gives the state of each check.
    """
    told: dict[str, str] = {}
    try:
        told["database"] = "ok"
        told["migrations"] = _migrations()
        told["worker"] = _worker()
        told["queue"] = _queue()
    except DatabaseError:
        told["database"] = "not responding"
    ready = all(word == "ok" for word in told.values())
    return JsonResponse(told, status=200 if ready else 503)


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} unapplied: run manage.py migrate" if missing else "ok"


def _worker() -> str:
    newest = Heartbeat.objects.order_by("-at").first()
    if newest is None:
        return "never seen: start one with celery -A compliance worker --beat"
    silent = timezone.now() - newest.at
    return "ok" if silent <= SILENCE else f"no heartbeat for {silent.total_seconds():.0f} s"


def _queue() -> str:
    due = (
        Job.objects.filter(state=Job.State.WAITING, due_at__lt=timezone.now() - OLDEST)
        .order_by("due_at")
        .first()
    )
    if due is None:
        return "ok"
    return f"the oldest due job has been pending for {(timezone.now() - due.due_at).total_seconds():.0f} s"


URLS = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
