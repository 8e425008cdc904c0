"""The audit trail, written by database triggers, for managers and administrators."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance.accounts.roles import Role, needs
from compliance.lib.field_types import day_in
from compliance.lib.parsing import number_in
from compliance.queries.audit_trail import LABELS, Deed, deeds, names_of_people, sources_for, told
from compliance.queries.filters import named
from compliance.views.csv_response import stream_csv

PAGE = 50
NOBODY = -1
DEEPEST = 200
"""Last page that can be viewed. Older entries are found by date."""
COLUMNS = ("at", "kind", "deed", "person", "with_token", "what", "repository")


@require_safe
@never_cache
@needs(Role.MANAGER)
def activity(request: HttpRequest) -> HttpResponse:
    """Show the list, newest first, filtered by `person`, `kind`, `since` and `until`."""
    number = min(number_in(request.GET.get("page", "")) or 1, DEEPEST)
    rows = _narrowed(request, number * PAGE + 1)[(number - 1) * PAGE : number * PAGE + 1]
    names = names_of_people()
    found = [_labelled(told(Deed(*row), names)) for row in rows]
    sources = sources_for(request.user)
    context = {
        "section": "activity",
        "deeds": found[:PAGE],
        "earlier": number + 1 if len(found) > PAGE and number < DEEPEST else None,
        "later": number - 1,
        "kinds": [(source.kind, LABELS.get(source.kind, source.kind)) for source in sources],
        "kind": request.GET.get("kind", ""),
        "person": request.GET.get("person", ""),
        "people": named(sorted(names.values(), key=str.lower)),
        "since": request.GET.get("since", "")[:10],
        "until": request.GET.get("until", "")[:10],
        "narrowed": any(request.GET.get(name) for name in ("person", "kind", "since", "until")),
    }
    return render(request, "activity/list.html", context)


@require_safe
@needs(Role.MANAGER)
def activity_csv(request: HttpRequest) -> HttpResponseBase:
    """Return the whole list as CSV."""
    names = names_of_people()

    def rows() -> Iterator[list[Any]]:
        for row in _narrowed(request, None).iterator(chunk_size=2000):
            cells = told(Deed(*row), names)
            yield [cells[column] for column in COLUMNS]

    return stream_csv("activity", COLUMNS, rows())


def _labelled(deed: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with the page's label for its action."""
    kind, action = (LABELS.get(deed[name], deed[name]) for name in ("kind", "deed"))
    return {**deed, "action": f"{kind}: {action}"}


def _narrowed(request: HttpRequest, most: int | None) -> Any:
    person = request.GET.get("person", "")
    found = User.objects.filter(username=person).values_list("pk", flat=True).first() if person else None
    key = found or (NOBODY if person else None)
    kind = request.GET.get("kind", "")
    sources = [source for source in sources_for(request.user) if kind in ("", source.kind)] or sources_for(
        request.user
    )
    until = _day(request.GET.get("until", ""))
    return deeds(
        sources, key, _day(request.GET.get("since", "")), until + timedelta(days=1) if until else None, most
    )


def _day(text: str) -> datetime | None:
    day = day_in(text)
    return timezone.make_aware(datetime(day.year, day.month, day.day)) if day else None  # noqa: DTZ001


URLS = [
    path("activity/", activity, name="activity"),
    path("activity.csv", activity_csv, name="activity-csv"),
]
