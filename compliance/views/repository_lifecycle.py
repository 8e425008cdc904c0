"""What administrators do with a repository: rename, archive, delete, restore, or cancel its first scan."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.roles import Role, may, needs, person_of
from compliance.integrations import git_access
from compliance.jobs.repository_removal import RESTORABLE, overdue
from compliance.models import Repository
from compliance.scans import lifecycle
from compliance.scans.access_way import way_of
from compliance.scans.setup_errors import SetupError
from compliance.views.lookup import find_repository


def lifecycle_context(repository: Repository) -> dict[str, Any]:
    """Return what the settings page shows administrators about the repository itself."""
    forge = git_access.forge_of(repository)
    return {
        "former_slugs": list(repository.former_slugs.values_list("slug", flat=True)),
        "way": way_of(repository, forge),
    }


@require_POST
@needs(Role.ADMINISTRATOR)
def rename_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the repository another name or another short name."""
    repository = find_repository(slug)
    try:
        lifecycle.rename(repository, request.POST.get("name", ""), request.POST.get("slug", ""))
    except SetupError as error:
        messages.error(request, str(error))
        return redirect("settings", slug=slug)
    former = f" Its former addresses with “{slug}” still lead here." if repository.slug != slug else ""
    messages.success(request, f"The repository is now called {repository.name}.{former}")
    return redirect("settings", slug=repository.slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def archive_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Stop all work for the repository."""
    repository = find_repository(slug)
    lifecycle.archive(repository)
    messages.success(request, f"{repository.name} is archived: it is no longer scanned and can't be changed.")
    return redirect("settings", slug=slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def unarchive_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Continue the work for the repository."""
    repository = find_repository(slug)
    lifecycle.unarchive(repository, person_of(request))
    messages.success(request, f"{repository.name} is no longer archived and is being scanned.")
    return redirect("settings", slug=slug)


@require_POST
@needs(Role.ADMINISTRATOR)
def delete_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete the repository, if its short name was entered as a confirmation."""
    repository = find_repository(slug)
    if request.POST.get("confirm", "").strip() != repository.slug:
        messages.error(request, f"Nothing was deleted. Enter “{repository.slug}” to delete the repository.")
        return redirect("settings", slug=slug)
    lifecycle.delete(repository)
    messages.success(
        request, f"{repository.name} was deleted. It can be restored within {RESTORABLE.days} days."
    )
    return redirect("archived-repositories")


@require_POST
@needs(Role.ADMINISTRATOR)
def cancel_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Cancel the first scan, and remove all that there is of the repository."""
    repository = find_repository(slug)
    try:
        lifecycle.cancel(repository, person_of(request))
    except SetupError as error:
        messages.error(request, str(error))
        return redirect("overview", slug=slug)
    messages.success(request, f"{repository.name} was not added, and nothing about it was kept.")
    return redirect("add-repository")


@require_safe
@never_cache
def archived_repositories(request: HttpRequest) -> HttpResponse:
    """List the archived repositories and, for administrators, the deleted ones that can be restored."""
    is_administrator = may(request.user, Role.ADMINISTRATOR)
    deleted = Repository.everything.filter(deleted_at__isnull=False).exclude(pk__in=overdue())
    context = {
        "section": "archived-repositories",
        "archived": list(Repository.objects.filter(archived_at__isnull=False).select_related("head")),
        "deleted": [
            (row, row.deleted_at + RESTORABLE)
            for row in (deleted.order_by("-deleted_at") if is_administrator else ())
            if row.deleted_at
        ],
        "is_administrator": is_administrator,
        "days": RESTORABLE.days,
    }
    return render(request, "repositories/archived.html", context)


@require_POST
@needs(Role.ADMINISTRATOR)
def restore_repository(request: HttpRequest, pk: int) -> HttpResponse:
    """Restore a deleted repository."""
    found = Repository.everything.filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such repository.")
    try:
        lifecycle.restore(found, person_of(request))
    except SetupError as error:
        messages.error(request, str(error))
        return redirect("archived-repositories")
    messages.success(request, f"{found.name} was restored.")
    return redirect("overview", slug=found.slug)


URLS = [
    path("archived-repositories/", archived_repositories, name="archived-repositories"),
    path("archived-repositories/<int:pk>/restore/", restore_repository, name="restore-repository"),
]
REPOSITORY_URLS = [
    path("settings/rename/", rename_repository, name="rename-repository"),
    path("settings/archive/", archive_repository, name="archive-repository"),
    path("settings/unarchive/", unarchive_repository, name="unarchive-repository"),
    path("settings/delete/", delete_repository, name="delete-repository"),
    path("cancel/", cancel_repository, name="cancel-repository"),
]
