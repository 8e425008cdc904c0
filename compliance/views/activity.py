"""The audit trail, written by database triggers, for managers and administrators."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import get_current_timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance.accounts.roles import Role, needs
from compliance.lib.parsing import number_in
from compliance.queries.audit_trail import (
    LABELS,
    ActivityFilter,
    Deed,
    entry_kinds_for,
    names_of_people,
    told,
)
from compliance.queries.filters import named
from compliance.views.csv_response import stream_csv

PAGE = 50
DEEPEST = 200
"""Last page that can be viewed. Older entries are found by date."""
COLUMNS = ("at", "kind", "deed", "person", "with_token", "what", "repository")


@require_safe
@never_cache
@needs(Role.MANAGER)
def activity(request: HttpRequest) -> HttpResponse:
    """Show the list, newest first, filtered by `person`, `kind`, `since` and `until`."""
    filters = ActivityFilter.read(request.GET)
    number = min(number_in(request.GET.get("page", "")) or 1, DEEPEST)
    last = number * PAGE
    rows = filters.deeds(request.user, last + 1, get_current_timezone())[last - PAGE : last + 1]
    names = names_of_people()
    found = [_labelled(told(Deed(*row), names)) for row in rows]
    fields = filters.controls(request.GET, {"people": named(sorted(names.values(), key=str.lower))})
    context = {
        "section": "activity",
        "deeds": found[:PAGE],
        "earlier": number + 1 if len(found) > PAGE and number < DEEPEST else None,
        "later": number - 1,
        "kinds": [(kind, LABELS.get(kind, kind)) for kind, *_ in entry_kinds_for(request.user)],
        "filters": filters,
        "fields": fields,
        "active_filters": [field for field in fields if field.chosen],
    }
    return render(request, "activity/list.html", context)


@require_safe
@needs(Role.MANAGER)
def activity_csv(request: HttpRequest) -> HttpResponseBase:
    """Return the whole list as CSV."""
    filters = ActivityFilter.read(request.GET)
    names = names_of_people()

    def rows() -> Iterator[list[Any]]:
        for row in filters.deeds(request.user, None, get_current_timezone()).iterator(chunk_size=2000):
            cells = told(Deed(*row), names)
            yield [cells[column] for column in COLUMNS]

    return stream_csv("activity", COLUMNS, rows(), filters)


def _labelled(deed: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with the page's label for its action."""
    kind, action = (LABELS.get(deed[name], deed[name]) for name in ("kind", "deed"))
    return {**deed, "action": f"{kind}: {action}"}


URLS = [
    path("activity/", activity, name="activity"),
    path("activity.csv", activity_csv, name="activity-csv"),
]
