"""The page on which an administrator replaces what a repository is read with."""

from dataclasses import fields
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.roles import Role, needs, person_of
from compliance.integrations import git_access
from compliance.lib.addresses import webhook_url
from compliance.models import AccessChange, Repository
from compliance.scans import access_change, access_values
from compliance.scans.access_way import way_of
from compliance.scans.setup_errors import SetupError
from compliance.views.lookup import find_repository


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def access_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how the repository is read, and what can replace it."""
    return render(request, "access/page.html", _context(find_repository(slug)))


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def access_live(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the part of the page that changes while new credentials are tried. Once they are in use, the
    page is loaded again.
    """
    repository = find_repository(slug)
    if not AccessChange.objects.filter(repository=repository).exists():
        messages.success(request, "The new credentials work and are in use. A scan was requested.")
        page = reverse("repository-access", args=[slug])
        return HttpResponse(status=HTTPStatus.OK, headers={"HX-Redirect": page})
    return render(request, "access/change.html", _context(repository))


@require_POST
@needs(Role.ADMINISTRATOR)
def change_access(request: HttpRequest, slug: str) -> HttpResponse:
    """Try what the form contains (`kind`), or begin with a new key."""
    repository, person = find_repository(slug), person_of(request)
    given = {each.name: request.POST.get(each.name, "") for each in fields(access_change.Replacement)}
    try:
        access_change.change(
            repository,
            person,
            access_change.Replacement(**given),
            lambda found: webhook_url(request, found.provider, repository.slug),
        )
    except SetupError as error:
        messages.error(request, str(error))
    return redirect("repository-access", slug=slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def confirm_access(request: HttpRequest, slug: str) -> HttpResponse:
    """Go on with a change: the key is installed, the fingerprints were compared, or it is tried again."""
    repository = find_repository(slug)
    try:
        access_change.confirm(repository, person_of(request), request.POST.getlist("fingerprint"))
    except SetupError as error:
        messages.error(request, str(error))
    return redirect("repository-access", slug=slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def cancel_access(request: HttpRequest, slug: str) -> HttpResponse:
    """Forget a change."""
    repository = find_repository(slug)
    access_change.cancel(repository)
    messages.success(request, "Nothing was changed: the repository is read as before.")
    return redirect("repository-access", slug=slug)


def _context(repository: Repository) -> dict[str, Any]:
    change = (
        AccessChange.objects.select_related("repository", "connection").filter(repository=repository).first()
    )
    forge = git_access.forge_of(repository)
    return {
        "repository": repository,
        "section": "settings",
        "way": way_of(repository, forge),
        "public_key": access_values.key_of(repository.access),
        "fingerprints": access_values.host_fingerprints(repository.access),
        "connections": git_access.connections_for(repository.url),
        "project": forge.project if forge else git_access.project_of(repository.url),
        "forge": forge,
        "change": change,
        "job": access_change.running(change) if change else None,
        "new_key": access_values.key_of(change.access) if change else "",
        "new_fingerprints": access_values.host_fingerprints(change.access) if change else [],
        "trouble_title": Repository.Trouble(change.trouble_kind).label
        if change and change.trouble_kind
        else "",
    }


REPOSITORY_URLS = [
    path("settings/access/", access_page, name="repository-access"),
    path("settings/access/live/", access_live, name="repository-access-live"),
    path("settings/access/change/", change_access, name="change-access"),
    path("settings/access/confirm/", confirm_access, name="confirm-access"),
    path("settings/access/cancel/", cancel_access, name="cancel-access"),
]
