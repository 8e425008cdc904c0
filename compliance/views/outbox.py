"""The outbox of a repository or, for administrators, of all: what failed, waits and was sent last."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.roles import Role, needs, person_of
from compliance.integrations import delivery
from compliance.models import OutboxItem, Repository
from compliance.queries.outbox import describe, failed_of, outbox, pending_of
from compliance.views.lookup import find_repository

MOST = 100
RECENT = 25


@require_safe
@never_cache
@needs(Role.MANAGER)
def of_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the outbox of a repository."""
    repository = find_repository(slug)
    return render(request, "outbox/page.html", {**_context(repository), "repository": repository})


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def of_all(request: HttpRequest) -> HttpResponse:
    """Show the outbox of all repositories and accounts."""
    return render(request, "outbox/page.html", _context(None))


def _context(repository: Repository | None) -> dict[str, Any]:
    rows, with_address = outbox(repository), repository is None
    parts = (
        ("failed", "Failed", failed_of(rows), MOST),
        ("pending", "Waiting", pending_of(rows), MOST),
        ("sent", "Sent last", rows.filter(state=OutboxItem.State.SENT), RECENT),
    )
    return {
        "section": "scans" if repository else "outbox",
        "parts": [
            (key, title, None if key == "sent" else found.count(), _described(found[:most], with_address))
            for key, title, found, most in parts
        ],
    }


def _described(items: Any, with_address: bool) -> list[Any]:
    return [describe(item, with_address=with_address) for item in items]


@require_POST
@needs(Role.MANAGER)
def again_of_repository(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Send an item of a repository again."""
    _send_again(request, get_object_or_404(OutboxItem, repository=find_repository(slug), pk=pk))
    return redirect("outbox", slug=slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def again_of_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Send any item again."""
    _send_again(request, get_object_or_404(OutboxItem, pk=pk))
    return redirect("whole-outbox")


def _send_again(request: HttpRequest, item: OutboxItem) -> None:
    if delivery.send_again(item, person_of(request)):
        messages.success(request, "It will be sent again now. This page shows the outcome.")
    else:
        messages.error(request, "It has been sent in the meantime, or is being sent.")


REPOSITORY_URLS = [
    path("outbox/", of_repository, name="outbox"),
    path("outbox/<int:pk>/again/", again_of_repository, name="outbox-again"),
]
URLS = [
    path("outbox/", of_all, name="whole-outbox"),
    path("outbox/<int:pk>/again/", again_of_all, name="whole-outbox-again"),
]
