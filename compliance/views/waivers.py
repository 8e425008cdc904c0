"""The page for waivers and suppression comments, on which waivers are created and ended."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.roles import Role, demand, needs, person_of
from compliance.lib.wording import count_of
from compliance.models import Repository, Violation, Waiver, dated_at
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository
from compliance.work.waivers import WaiverError, check_end, check_scope, end, waive

PAGE = 50
COLUMNS = ("kind", "where", "rule", "reason", "person", "since", "until", "ended", "violations")


class WaiverForm(forms.Form):
    """A waiver for one violation, given by its key, or for the files that match a glob."""

    reason = forms.CharField(max_length=1000, strip=True)
    until = forms.DateField(required=False)
    glob = forms.CharField(max_length=1000, required=False, strip=True)
    rule = forms.CharField(max_length=200, required=False, strip=True)
    violation = forms.IntegerField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def waivers(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show active waivers, ended waivers, and all suppression comments sorted by age. POST creates a
    waiver.
    """
    repository = find_repository(slug)
    form = WaiverForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        demand(request, Role.ENGINEER)
        answer = _give(request, repository, form)
        if not isinstance(answer, str):
            return answer
        form.add_error(None, answer)
        status = 422
    comments = _comments(repository)
    context = {
        "repository": repository,
        "section": "files",
        "form": form,
        "lasting": list(_waivers(repository).filter(ended_at=None).order_by(F("until").asc(nulls_last=True))),
        "ended": list(_waivers(repository).filter(ended_at__isnull=False).order_by("-ended_at")[:PAGE]),
        "comments": Paginator(comments, PAGE).get_page(request.GET.get("page")),
        "rules": sorted(set(comments.order_by().values_list("rule", flat=True))),
    }
    return render(request, "waivers/list.html", context, status=status)


def _give(request: HttpRequest, repository: Repository, form: WaiverForm) -> HttpResponseBase | str:
    if not form.is_valid():
        return "Correct the highlighted fields."
    said = form.cleaned_data
    violation = None
    if said["violation"]:
        standing = Violation.objects.filter(plan=repository.plan_id, last__isnull=True)
        violation = get_object_or_404(standing.select_related("file"), pk=said["violation"])
    try:
        check_scope(person_of(request), violation)
        waiver = waive(
            repository,
            person_of(request),
            said["reason"],
            said["until"],
            violation=violation,
            glob=said["glob"],
            rule=said["rule"],
        )
    except WaiverError as error:
        return str(error)
    count = waiver.violations.count()
    messages.success(request, f"Waived {count_of(count, 'violation')} in {waiver.glob}.")
    if violation:
        return redirect("file", slug=repository.slug, pk=violation.file_id)
    return redirect("waivers", slug=repository.slug)


@require_POST
@needs(Role.ENGINEER)
def end_waiver(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a waiver immediately. Only its author or a manager may do so."""
    waiver = get_object_or_404(
        Waiver.objects.select_related("repository"), repository=find_repository(slug), pk=pk
    )
    check_end(waiver, person_of(request))
    end(waiver)
    messages.success(request, f"The waiver for {waiver.glob} was ended. Its violations count again.")
    return redirect("waivers", slug=slug)


@require_safe
def waivers_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return waivers and suppression comments in one CSV file."""
    repository = find_repository(slug)
    return stream_csv(f"{slug}-waivers", COLUMNS, _cells(repository))


def _cells(repository: Repository) -> Iterator[tuple[Any, ...]]:
    for row in _waivers(repository).order_by("-created_at"):
        yield (
            *(
                "waiver",
                row.glob,
                row.rule,
                row.reason,
                str(row.person or ""),
                row.created_at,
                row.until,
                row.ended_at,
            ),
            row.standing,
        )
    for found in _comments(repository).iterator(chunk_size=2000):
        since = found.introduced.committed_at if found.introduced else ""
        author = found.introduced.author_name if found.introduced else ""
        where = f"{found.file.path}:{found.line}"
        yield "comment", where, found.rule, found.reason, author, since, "", "", 1


def _waivers(repository: Repository) -> Any:
    standing = Count("violations", filter=Q(violations__last__isnull=True))
    rows = Waiver.objects.filter(repository=repository)
    return rows.select_related("person").annotate(standing=standing)


def _comments(repository: Repository) -> Any:
    rows = Violation.objects.filter(plan=repository.plan_id, last__isnull=True, suppressed=True)
    return rows.select_related("file", "introduced").order_by(
        dated_at("introduced__").asc(nulls_first=True), "file__path", "line"
    )


REPOSITORY_URLS = [
    path("waivers/", waivers, name="waivers"),
    path("waivers.csv", waivers_csv, name="waivers-csv"),
    path("waivers/<int:pk>/end/", end_waiver, name="end-waiver"),
]
