"""The settings of how far back a repository's history is read."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from compliance.accounts.roles import Role, needs, person_of
from compliance.models import Repository
from compliance.scans import history_depth
from compliance.scans.depth import typed_depth
from compliance.scans.setup_errors import SetupError
from compliance.views.lookup import find_repository, history
from compliance.views.setup_wording import depth_choices

FIELDS = ("history", "history_since", "history_commits")


def depth_context(request: HttpRequest, repository: Repository) -> dict[str, Any]:
    """Return what the settings page shows administrators about the history that is read, and offers to read
    more of it.
    """
    return {
        "history": history(repository),
        "is_limited": repository.history_floor != 1,
        "depth": depth_choices(request.GET, partial(history_depth.estimate_extension, repository)),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Role.ADMINISTRATOR)
def extend_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Return what each choice costs; POST reads history further back."""
    repository = find_repository(slug)
    if request.method != "POST":
        context = {"repository": repository, **depth_context(request, repository)}
        return render(request, "settings/history_depth.html", context)
    try:
        depth = typed_depth(*(request.POST.get(name, "") for name in FIELDS))
        history_depth.extend(repository, depth, person_of(request))
    except SetupError as error:
        messages.error(request, str(error))
        return redirect("settings", slug=slug)
    messages.success(request, "Older commits are being read. The figures of the newest commits don't change.")
    return redirect("overview", slug=slug)


REPOSITORY_URLS = [path("settings/history/", extend_history, name="extend-history")]
