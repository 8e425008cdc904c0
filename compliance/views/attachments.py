"""The connections of a repository, which managers attach on its settings page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.roles import Role, needs, person_of
from compliance.integrations import connection_jobs, connection_removal, connections
from compliance.integrations.apis import APIS
from compliance.integrations.connections import ConnectionValueError
from compliance.lib.addresses import webhook_url
from compliance.models import Attachment, Connection, Repository
from compliance.views.connections import request_tracker_webhook
from compliance.views.lookup import find_repository


@require_safe
@never_cache
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the list of the attached connections, which changes while a webhook is being installed."""
    return render(request, "settings/attachments.html", attachments_context(find_repository(slug)))


@require_POST
@needs(Role.MANAGER)
def attach(request: HttpRequest, slug: str) -> HttpResponse:
    """Attach a connection (`connection`), and queue the installation of its webhook."""
    repository = find_repository(slug)
    found = Connection.objects.filter(slug=request.POST.get("connection", "")).first()
    if found is None or found.provider not in APIS:
        messages.error(request, "Choose one of the connections.")
        return redirect("settings", slug=slug)
    try:
        row = connections.attach(repository, found, request.POST.get("project", ""))
    except ConnectionValueError as error:
        messages.error(request, str(error))
        return redirect("settings", slug=slug)
    if row.kind == Attachment.Kind.FORGE or not found.webhook_id:
        install(request, row)
    messages.success(request, f"{found.name} is attached.")
    return redirect("settings", slug=slug)


@require_POST
@needs(Role.MANAGER)
def detach(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Detach a connection, and queue the removal of the webhook that was installed for the repository."""
    row = _found(slug, pk)
    connection_removal.detach(row, person_of(request))
    messages.success(request, f"{row.connection.name} is detached.")
    return redirect("settings", slug=slug)


@require_POST
@needs(Role.MANAGER)
def reinstall(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Queue the installation of the webhook once more."""
    install(request, _found(slug, pk))
    return redirect("settings", slug=slug)


def install(request: HttpRequest, row: Attachment) -> None:
    """Queue the installation or update of a repository's webhook at its forge, or of a tracker's."""
    if row.kind == Attachment.Kind.FORGE:
        url = webhook_url(request, row.connection.provider, row.repository.slug)
        connection_jobs.request_webhook(row, url, person_of(request))
    else:
        request_tracker_webhook(request, row.connection)


def send_secret(request: HttpRequest, repository: Repository) -> None:
    """Queue the update of the webhook that the product installed, after the secret has changed."""
    for row in repository.attachments.filter(kind=Attachment.Kind.FORGE).select_related("connection"):
        if row.webhook_id:
            install(request, row)


def attachments_context(repository: Repository) -> dict[str, Any]:
    """Return what the settings page shows of the repository's connections."""
    rows = repository.attachments.select_related("connection", "repository")
    shown = [_state(row) for row in rows if row.connection.provider in APIS]
    attached = {row["row"].connection_id for row in shown}
    others = Connection.objects.filter(provider__in=list(APIS)).exclude(pk__in=attached)
    return {
        "repository": repository,
        "attachments": shown,
        "is_installing": any(state["is_installing"] for state in shown),
        "attachable": [(row, APIS[row.provider].LABEL) for row in others],
        "project": connections.guess_project(repository),
    }


def _state(row: Attachment) -> dict[str, Any]:
    """Return an attachment and the state of its webhook: a repository's own, or the tracker's."""
    holder = row if row.kind == Attachment.Kind.FORGE else row.connection
    return {
        "row": row,
        "label": APIS[row.connection.provider].LABEL,
        "holder": holder,
        "is_installing": connection_jobs.is_installing(holder),
    }


def _found(slug: str, pk: int) -> Attachment:
    rows = Attachment.objects.select_related("connection", "repository")
    return get_object_or_404(rows, repository=find_repository(slug), pk=pk)


REPOSITORY_URLS = [
    path("settings/connections/", attach, name="attach"),
    path("settings/connections/live/", live, name="attachments-live"),
    path("settings/connections/<int:pk>/detach/", detach, name="detach"),
    path("settings/connections/<int:pk>/webhook/", reinstall, name="reinstall-webhook"),
]
