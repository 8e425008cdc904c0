"""The inbox: what a person is told about, unread or read, and the number in the header of open pages."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.roles import person_of
from compliance.lib.addresses import public_address
from compliance.lib.batches import BATCH
from compliance.lib.parsing import number_in
from compliance.lib.wording import count_of
from compliance.models import InboxEntry
from compliance.queries.inbox import (
    ORDER,
    InboxFilter,
    badge_context,
    choices,
    describe,
    described,
    inbox_state,
    mark_read,
    mark_unread,
    newest_unread,
)
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import PageState, with_state

PAGE = 25
COLUMNS = ("at", "repository", "topic", "title", "text", "reason", "read_at", "url")
SHOWN = "X-Inbox-Shown"
"""The request header with the state of the badge that the page shows."""


@require_safe
@never_cache
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the entries, newest first: unread ones, or all with `show=all`."""
    person = person_of(request)
    filters = InboxFilter.read(request.GET)
    rows = filters.rows(person)
    page = ORDER.page(described(rows), rows.count(), PAGE, request.GET)
    fields = filters.controls(request.GET, choices(person))
    context = {
        "section": "inbox",
        "page": page,
        "entries": [describe(row) for row in page],
        "newest": newest_unread(person),
        "unread": filters.of_any_state(person).filter(read_at=None).count(),
        "filters": filters,
        "fields": fields,
        "active_filters": [field for field in fields if field.chosen],
        "has_any": InboxEntry.objects.filter(person=person).exists(),
    }
    return render(request, "inbox/page.html", context)


@require_safe
@never_cache
def badge(request: HttpRequest) -> HttpResponse:
    """Return the number of unread entries, or 204 if nobody's inbox has changed since `seen`."""
    state = inbox_state()
    if request.GET.get("seen") == state:
        return with_state(HttpResponse(status=204), PageState(state, []))
    context = badge_context(person_of(request))
    response = render(request, "inbox/badge.html", context)
    if request.headers.get(SHOWN, "") != context["shown"]:
        response["HX-Trigger"] = "inbox-changed"
    return with_state(response, PageState(context["seen"], []))


@require_safe
@never_cache
def open_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark an entry as read, and redirect to the place that it is about."""
    rows = InboxEntry.objects.filter(person=person_of(request), pk=pk)
    entry = describe(get_object_or_404(described(rows)))
    is_prefetch = request.headers.get("Sec-Purpose", "").startswith("prefetch")
    if request.method == "GET" and not is_prefetch:
        mark_read(rows)
    return redirect(entry.place or reverse("inbox"))


@require_POST
def mark_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark an entry as read or, if the form field `want` is `unread`, as unread."""
    rows = InboxEntry.objects.filter(person=person_of(request), pk=pk)
    get_object_or_404(rows)
    if request.POST.get("want") == "unread":
        mark_unread(rows)
    else:
        mark_read(rows)
    return redirect(_list(request))


@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    """Mark the entries as read that match the filters and were there when the page was loaded."""
    person = person_of(request)
    filters = InboxFilter.read(request.POST)
    # Without the newest entry that the page has shown, some might be marked that nobody has seen.
    until = number_in(request.POST.get("until", "")) or 0
    number = mark_read(filters.of_any_state(person), until)
    messages.success(request, f"{count_of(number, 'notification')} marked as read.")
    return redirect(_list(request))


def _list(request: HttpRequest) -> str:
    """Return the URL of the list with the filters of a form."""
    kept = {name: request.POST[name] for name in InboxFilter.model_fields if request.POST.get(name)}
    return f"{reverse('inbox')}?{urlencode(kept)}" if kept else reverse("inbox")


@require_safe
def inbox_csv(request: HttpRequest) -> HttpResponseBase:
    """Return the filtered list as CSV."""
    filters = InboxFilter.read(request.GET)
    found = ORDER.sorted(described(filters.rows(person_of(request))))

    def rows() -> Iterator[list[Any]]:
        for row in found.iterator(chunk_size=BATCH):
            entry = describe(row)
            repository = row.event.repository
            yield [
                row.created_at,
                repository.slug if repository else "",
                row.event.topic,
                entry.title,
                entry.text,
                row.reason,
                row.read_at,
                public_address(entry.place) if entry.place.startswith("/") else entry.place,
            ]

    return stream_csv("inbox", COLUMNS, rows(), filters)


URLS = [
    path("inbox/", inbox, name="inbox"),
    path("inbox.csv", inbox_csv, name="inbox-csv"),
    path("inbox/badge/", badge, name="inbox-badge"),
    path("inbox/read/", mark_all, name="mark-all-read"),
    path("inbox/<int:pk>/", open_entry, name="inbox-entry"),
    path("inbox/<int:pk>/read/", mark_entry, name="mark-read"),
]
