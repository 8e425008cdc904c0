"""The list of events on the trend, to which managers can add notes."""

from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.roles import Role, may, needs, person_of
from compliance.charts.events import REGRESSION, in_words
from compliance.models import Commit, Marker, Repository
from compliance.progress.regressions import breakages
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository
from compliance.work import notes

PAGE = 50
COLUMNS = ("at", "kind", "text", "commit", "person")
KINDS = (REGRESSION, *Marker.Kind.values)


class TrendEvent(NamedTuple):
    """A row of the list. Only notes have a `pk`, because only notes can be removed."""

    at: datetime
    kind: str
    text: str
    sha: str | None
    by: str | None
    pk: int | None = None


class NoteForm(forms.Form):
    """A note at the latest commit, or at the commit with the given SHA, which may be abbreviated to seven
    digits.
    """

    text = forms.CharField(max_length=notes.LONGEST, strip=True)
    commit = forms.RegexField(
        r"^[0-9a-fA-F]{7,64}$",
        required=False,
        error_messages={
            "invalid": "Enter at least the first seven digits of the commit's SHA, for example 53312e1645."
        },
    )

    def __init__(self, repository: Repository, *args: Any) -> None:
        super().__init__(*args)
        self.repository = repository

    def clean_commit(self) -> Commit:
        """Return the commit. Raises ValidationError if the branch has no such commit."""
        try:
            return notes.place(self.repository, self.cleaned_data["commit"])
        except notes.NoteError as error:
            raise forms.ValidationError(str(error)) from None


@require_http_methods(["GET", "HEAD", "POST"])
def events(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show the list, newest first, filtered by `kind`. POST adds a note."""
    repository = find_repository(slug)
    if request.method == "POST":
        return _add(request, repository)
    return _shown(request, repository, NoteForm(repository, {"commit": request.GET.get("at", "")[:64]}))


@needs(Role.MANAGER)
def _add(request: HttpRequest, repository: Repository) -> HttpResponse:
    form = NoteForm(repository, request.POST)
    if not form.is_valid():
        return _shown(request, repository, form, asked=True)
    commit = form.cleaned_data["commit"]
    notes.write(commit, person_of(request), form.cleaned_data["text"])
    messages.success(request, f"The note was added to the trend at {commit.sha[:10]}.")
    return redirect("marks", slug=repository.slug)


@require_POST
@needs(Role.MANAGER)
def remove_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Remove a note. Events that are derived from recorded data can't be removed."""
    note = notes.of(find_repository(slug), pk)
    if note is None:
        raise Http404("This note doesn't exist.")
    note.delete()
    messages.success(request, f"The note “{note.text[:60]}” was removed.")
    return redirect("marks", slug=slug)


def _shown(
    request: HttpRequest, repository: Repository, form: NoteForm, *, asked: bool = False
) -> HttpResponse:
    rows = _list_events(repository, request.GET.get("kind", ""))
    context = {
        "repository": repository,
        "section": "overview",
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "kinds": KINDS,
        "kind": request.GET.get("kind", ""),
        "form": form,
        "asked": asked,
        "may_note": may(request.user, Role.MANAGER),
        "longest": notes.LONGEST,
    }
    return render(request, "events/list.html", context, status=400 if asked else 200)


def _list_events(repository: Repository, kind: str) -> list[TrendEvent]:
    """Return the events of one kind, newest first, or all events if `kind` is empty, in two queries."""
    kept = Marker.objects.filter(repository=repository, **({"kind": kind} if kind else {}))
    columns = ("at", "kind", "text", "commit__sha", "person__username", "pk")
    told = [TrendEvent(*row) for row in kept.values_list(*columns)]
    if kind in ("", REGRESSION):
        broke = breakages(repository, repository.drawn_plan_id)
        told += [TrendEvent(row["at"], REGRESSION, in_words(row), row["sha"], row["author"]) for row in broke]
    return sorted(told, key=lambda mark: (mark.at, mark.pk or 0), reverse=True)


@require_safe
def events_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the whole list as CSV."""
    rows = _list_events(find_repository(slug), request.GET.get("kind", ""))
    cells = ([mark.at.isoformat(), *mark[1:-1]] for mark in rows)
    return stream_csv(f"{slug}-marks", COLUMNS, cells)


REPOSITORY_URLS = [
    path("marks/", events, name="marks"),
    path("marks.csv", events_csv, name="marks-csv"),
    path("marks/<int:pk>/remove/", remove_note, name="remove-note"),
]
