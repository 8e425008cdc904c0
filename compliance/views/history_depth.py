"""The settings of how far back a repository's history is read."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from compliance.accounts.roles import Role, needs, person_of
from compliance.models import Repository, UnreadHistory
from compliance.scans import history_depth
from compliance.scans.depth import Depth, typed_depth
from compliance.scans.depth_suggestions import Span, first_day
from compliance.scans.setup_errors import SetupError
from compliance.views.lookup import find_repository, history
from compliance.views.setup_wording import depth_choices

FIELDS = ("history", "history_since", "history_commits")
SUGGESTED = ("suggested_since", "suggested_commits")


def depth_of(form: Mapping[str, str]) -> Depth:
    """Return the choice of a form that was sent. Raises `SetupError`."""
    suggested = [form.get(name, "") for name in SUGGESTED]
    return typed_depth(*(form.get(name, "") for name in FIELDS), suggested=suggested)


def depth_context(request: HttpRequest, repository: Repository) -> dict[str, Any]:
    """Return what the settings page shows administrators about the history that is read, and offers to read
    more of it.
    """
    return {
        "history": history(repository),
        "is_limited": repository.history_floor != 1,
        "depth": depth_choices(
            request.GET, _unread_span(repository), partial(history_depth.estimate_extension, repository)
        ),
    }


def _unread_span(repository: Repository) -> Span:
    """Return the part of a history that isn't read, as far as it is known."""
    row = UnreadHistory.objects.filter(repository=repository).first()
    oldest = history_depth.oldest_read(repository)
    return Span(
        first=first_day(row.months) if row else None,
        last=oldest.dated_at.date() - timedelta(days=1) if oldest else None,
        commits=repository.unread_commits if row else None,
        read=max(0, repository.line_length - repository.unread_commits),
    )


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
        history_depth.extend(repository, depth_of(request.POST), person_of(request))
    except SetupError as error:
        messages.error(request, str(error))
        entered = {name: request.POST[name] for name in (*FIELDS, *SUGGESTED) if name in request.POST}
        return redirect(f"{reverse('settings', args=[slug])}?{urlencode(entered)}#history-depth")
    messages.success(request, "Older commits are being read. The figures of the newest commits don't change.")
    return redirect("overview", slug=slug)


REPOSITORY_URLS = [path("settings/history/", extend_history, name="extend-history")]
