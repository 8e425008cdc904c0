"""The pages on which administrators connect forges and issue trackers."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.roles import Role, needs, person_of
from compliance.integrations import connection_jobs, connection_removal, connections, trackers
from compliance.integrations.apis import APIS
from compliance.integrations.connections import ConnectionValueError
from compliance.lib.addresses import source_of_addresses, webhook_url
from compliance.models import Connection
from compliance.queries.connection_deliveries import rejections, unknown_addresses
from compliance.queries.scans import newest_deliveries
from compliance.views.connection_form import ConnectionForm

RECENT_DELIVERIES = 50
READ_AND_SEND = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def index(request: HttpRequest) -> HttpResponse:
    """Show all connections, the providers for which one can be added, and the webhooks that were rejected
    because their address names nothing.
    """
    rows = Connection.objects.annotate(used_by=Count("attachments"))
    context = {
        "section": "connections",
        "connections": [(row, APIS[row.provider].LABEL) for row in rows if row.provider in APIS],
        "providers": [(name, APIS[name].LABEL) for name in sorted(APIS, key=lambda name: APIS[name].LABEL)],
        "unknown": unknown_addresses(),
    }
    return render(request, "connections/list.html", context)


@READ_AND_SEND
@never_cache
@needs(Role.ADMINISTRATOR)
def add(request: HttpRequest, provider: str) -> HttpResponse:
    """Show the form for a new connection; POST stores it and queues its test."""
    if provider not in APIS:
        raise Http404(f"There is no provider “{provider}”.")
    first = {"name": APIS[provider].LABEL, "api_url": APIS[provider].API_URL}
    form = ConnectionForm(provider, request.POST if request.method == "POST" else None, first)
    if request.method == "POST" and form.is_valid():
        try:
            made = connections.create(provider, form.cleaned_data["slug"].strip(), form.values())
        except ConnectionValueError as error:
            form.add_error(error.field or None, str(error))
        else:
            _test_and_install(request, made)
            messages.success(request, f"{made.name} is connected and is being tested.")
            return redirect("connection", slug=made.slug)
    context = {
        "section": "connections",
        "provider": provider,
        "api": APIS[provider],
        "form": form,
    }
    return render(request, "connections/add.html", context, status=422 if form.errors else 200)


@READ_AND_SEND
@never_cache
@needs(Role.ADMINISTRATOR)
def connection(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a connection; POST changes it, and tests it again if its server or credentials are others."""
    found = find_connection(slug)
    posted = request.POST if request.method == "POST" else None
    form = ConnectionForm(found.provider, posted, _shown(found), found)
    if request.method == "POST" and form.is_valid():
        try:
            is_other = connections.change(found, form.values())
        except ConnectionValueError as error:
            form.add_error(error.field or None, str(error))
            found.refresh_from_db()
        else:
            if is_other:
                connection_jobs.request_check(found, person_of(request))
            if found.webhook_id:
                request_tracker_webhook(request, found)
            messages.success(request, f"{found.name} was changed.")
            return redirect("connection", slug=found.slug)
    context = {"form": form, **_context(request, found)}
    return render(request, "connections/page.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the part of the page that changes while a job of the connection runs. If the connection has been
    removed, the response leads to the list.
    """
    if not Connection.objects.filter(slug=slug).exists():
        return HttpResponse(status=HTTPStatus.NOT_FOUND, headers={"HX-Redirect": reverse("connections")})
    return render(request, "connections/state.html", _context(request, find_connection(slug)))


@require_POST
@needs(Role.ADMINISTRATOR)
def test(request: HttpRequest, slug: str) -> HttpResponse:
    """Queue a test of the connection."""
    connection_jobs.request_check(find_connection(slug), person_of(request))
    return redirect("connection", slug=slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def install_webhook(request: HttpRequest, slug: str) -> HttpResponse:
    """Queue the installation of a tracker's webhook."""
    found = find_connection(slug)
    if APIS[found.provider].KIND != "tracker":
        messages.error(request, "The webhook of a forge is installed on the settings page of a repository.")
    else:
        request_tracker_webhook(request, found)
    return redirect("connection", slug=slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def rotate_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Generate a new webhook secret, and send it to the tracker if the product installed the webhook; or
    store the secret that the tracker has chosen.
    """
    found = find_connection(slug)
    try:
        connections.rotate(found, request.POST.get("secret", ""))
    except ConnectionValueError as error:
        messages.error(request, str(error))
        return redirect("connection", slug=slug)
    if found.webhook_id:
        request_tracker_webhook(request, found)
    messages.success(
        request,
        "The webhook has a new secret. The previous one remains valid until you change the secret again.",
    )
    return redirect("connection", slug=slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete a connection that no repository uses, after its webhook (unless `keep_webhook` is given)."""
    found = find_connection(slug)
    try:
        is_gone = connection_removal.remove(
            found, person_of(request), keep_webhook="keep_webhook" in request.POST
        )
    except ConnectionValueError as error:
        messages.error(request, str(error))
        return redirect("connection", slug=slug)
    if not is_gone:
        label = APIS[found.provider].LABEL
        messages.success(request, f"{found.name} is being removed, after its webhook at {label}.")
        return redirect("connection", slug=slug)
    messages.success(request, f"{found.name} was removed, with its credentials.")
    return redirect("connections")


def find_connection(slug: str) -> Connection:
    """Return the connection with this slug. Raises Http404."""
    return get_object_or_404(Connection.objects.filter(provider__in=list(APIS)), slug=slug)


def request_tracker_webhook(request: HttpRequest, found: Connection) -> None:
    """Queue the installation of a tracker's webhook, with its current secret."""
    url = webhook_url(request, found.provider, found.slug)
    connection_jobs.request_webhook(found, url, person_of(request))


def _shown(found: Connection) -> dict[str, str]:
    """Return the values with which the form begins: all but the credentials."""
    names = ("name", "api_url", "account", "app_id")
    return {name: getattr(found, name) for name in names} | {"prefixes": ", ".join(found.prefixes)}


def _test_and_install(request: HttpRequest, made: Connection) -> None:
    connection_jobs.request_check(made, person_of(request))
    if APIS[made.provider].KIND == "tracker":
        request_tracker_webhook(request, made)


def _context(request: HttpRequest, found: Connection) -> dict[str, Any]:
    """Return what the page shows of a connection. Of the credentials, only which ones there are."""
    api = APIS[found.provider]
    provider = trackers.PROVIDERS.get(found.provider)
    return {
        "section": "connections",
        "connection": found,
        "provider": found.provider,
        "api": api,
        "is_testing": connection_jobs.is_testing(found),
        "is_installing": connection_jobs.is_installing(found),
        "is_being_removed": connection_jobs.is_being_removed(found),
        "has_webhooks": connection_removal.has_webhooks(found),
        "is_tracker": api.KIND == "tracker",
        "instructions": provider.INSTRUCTIONS if provider else "",
        "webhook_url": webhook_url(request, found.provider, found.slug),
        "source_of_address": source_of_addresses(),
        "deliveries": newest_deliveries(found, RECENT_DELIVERIES),
        "rejections": rejections(found),
        "attachments": list(found.attachments.select_related("repository").order_by("repository__name")),
    }


URLS = [
    path("connections/", index, name="connections"),
    path("new-connection/<slug:provider>/", add, name="add-connection"),
    path("connections/<slug:slug>/", connection, name="connection"),
    path("connections/<slug:slug>/live/", live, name="connection-live"),
    path("connections/<slug:slug>/test/", test, name="test-connection"),
    path("connections/<slug:slug>/webhook/", install_webhook, name="connection-webhook"),
    path("connections/<slug:slug>/secret/", rotate_secret, name="connection-secret"),
    path("connections/<slug:slug>/remove/", remove, name="remove-connection"),
]
