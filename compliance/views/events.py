"""The list of events on the trend, to which managers can add notes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.roles import Role, may, needs, person_of
from compliance.models import Commit, Repository
from compliance.queries.events import KINDS, EventFilter
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository
from compliance.work import notes

PAGE = 50
COLUMNS = ("at", "kind", "text", "commit", "person")


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
    filters = EventFilter.read(request.GET)
    context = {
        "repository": repository,
        "section": "overview",
        "page": Paginator(filters.events(repository), PAGE).get_page(request.GET.get("page")),
        "kinds": KINDS,
        "filters": filters,
        "form": form,
        "asked": asked,
        "may_note": may(request.user, Role.MANAGER),
        "longest": notes.LONGEST,
    }
    return render(request, "events/list.html", context, status=400 if asked else 200)


@require_safe
def events_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the whole list as CSV."""
    filters = EventFilter.read(request.GET)
    cells = ([mark.at.isoformat(), *mark[1:-1]] for mark in filters.events(find_repository(slug)))
    return stream_csv(f"{slug}-marks", COLUMNS, cells, filters)


REPOSITORY_URLS = [
    path("marks/", events, name="marks"),
    path("marks.csv", events_csv, name="marks-csv"),
    path("marks/<int:pk>/remove/", remove_note, name="remove-note"),
]
