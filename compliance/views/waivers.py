"""The page for waivers and suppression comments, on which waivers are requested, decided and ended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
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
from compliance.work import waivers as workflow
from compliance.work.waiver_matching import covered_by, violating_paths
from compliance.work.waivers import WaiverError

PAGE = 50
SHOWN = 5
"""Number of violations listed for each request."""
COLUMNS = ("kind", "where", "rule", "reason", "person", "since", "until", "ended", "violations")
DECISION = ("state", "decided_by", "decided_at", "comment")
State = Waiver.State


class WaiverForm(forms.Form):
    """A request to waive one violation, given by its key, or the files that match a glob."""

    reason = forms.CharField(max_length=1000, strip=True)
    until = forms.DateField(required=False)
    glob = forms.CharField(max_length=1000, required=False, strip=True)
    rule = forms.CharField(max_length=200, required=False, strip=True)
    violation = forms.IntegerField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def waivers(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show the requests that wait, active and former waivers, and all suppression comments sorted by age.
    POST requests a waiver.
    """
    repository = find_repository(slug)
    form = WaiverForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        demand(request, Role.ENGINEER)
        answer = _request(request, repository, form)
        if not isinstance(answer, str):
            return answer
        form.add_error(None, answer)
        status = 422
    comments = _comments(repository)
    over = _waivers(repository).filter(state__in=(State.REJECTED, State.ENDED, State.EXPIRED))
    waiting, waiting_in_all = _requests(request, repository)
    context = {
        "repository": repository,
        "section": "files",
        "form": form,
        "waiting": waiting,
        "waiting_in_all": waiting_in_all,
        "waiting_note": _limit_note("oldest", waiting_in_all),
        "lasting": list(
            _waivers(repository).filter(state=State.APPROVED).order_by(F("until").asc(nulls_last=True), "pk")
        ),
        "ended": list(over.order_by(Coalesce("ended_at", "decided_at").desc())[:PAGE]),
        "ended_in_all": over.count(),
        "ended_note": _limit_note("newest", over.count()),
        "approval_note": _approval_note(),
        "comments": Paginator(comments, PAGE).get_page(request.GET.get("page")),
        "rules": sorted(set(comments.order_by().values_list("rule", flat=True))),
    }
    return render(request, "waivers/list.html", context, status=status)


def _approval_note() -> str:
    """Say who decides on a request, and what a waiver changes."""
    who = f"Somebody else with at least the {workflow.approver_role().group} role"
    return f"{who} approves or rejects it. Waived violations still count in the figures."


def _limit_note(which: str, count: int) -> str:
    """Say that a list is limited and how to get the rest, or return an empty string if it is complete."""
    return f"Only the {which} {PAGE} are listed here. The CSV file has all." if count > PAGE else ""


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request that waits for a decision, with the violations that it would cover. `obstacle` says why the
    reader may not decide, or is empty.
    """

    waiver: Waiver
    violations: list[Violation]
    count: int
    obstacle: str

    @property
    def more(self) -> int:
        """Return the number of violations that aren't listed."""
        return self.count - len(self.violations)


def _requests(request: HttpRequest, repository: Repository) -> tuple[list[WaitingRequest], int]:
    """Return the oldest requests that wait for a decision, and the number of all."""
    rows = Waiver.objects.filter(repository=repository, state=State.REQUESTED)
    waiting = list(rows.select_related("person", "repository").order_by("created_at", "pk")[:PAGE])
    paths = violating_paths(repository) if any(not waiver.fingerprint for waiver in waiting) else {}
    found = []
    for waiver in waiting:
        covered = covered_by(waiver, paths).select_related("file").order_by("file__path", "line")
        obstacle = workflow.obstacle(waiver, request.user) if request.user.is_authenticated else "Sign in."
        found.append(WaitingRequest(waiver, list(covered[:SHOWN]), covered.count(), obstacle))
    return found, rows.count()


def _request(request: HttpRequest, repository: Repository, form: WaiverForm) -> HttpResponseBase | str:
    if not form.is_valid():
        return "Correct the highlighted fields."
    said = form.cleaned_data
    violation = None
    if said["violation"]:
        standing = Violation.objects.filter(plan=repository.plan_id, last__isnull=True)
        violation = get_object_or_404(standing.select_related("file"), pk=said["violation"])
    try:
        waiver = workflow.request_waiver(
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
    messages.success(request, _answer(waiver))
    if violation:
        return redirect("file", slug=repository.slug, pk=violation.file_id)
    return redirect("waivers", slug=repository.slug)


def _answer(waiver: Waiver) -> str:
    """Say what became of a request."""
    count = count_of(covered_by(waiver).count(), "violation")
    if waiver.state == State.APPROVED:
        return f"Waived {count} in {waiver.glob}. {waiver.comment}"
    names = [person.get_username() for person in workflow.approvers(waiver)[:3]]
    by = f" by {' or '.join(names)}" if names else ""
    return f"You requested a waiver for {count} in {waiver.glob}. It waits for approval{by}."


@require_POST
def approve_waiver(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Approve a request. A setting says who may; nobody approves their own unless nobody else could."""
    return _decide(request, slug, pk, workflow.approve)


@require_POST
def reject_waiver(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Reject a request with a comment that says why."""
    return _decide(request, slug, pk, workflow.reject)


def _decide(
    request: HttpRequest, slug: str, pk: int, decide: Callable[[Waiver, User, str], None]
) -> HttpResponse:
    demand(request, workflow.approver_role())
    rows = Waiver.objects.select_related("repository", "person")
    waiver = get_object_or_404(rows, repository=find_repository(slug), pk=pk)
    try:
        decide(waiver, person_of(request), request.POST.get("comment", "")[:1000].replace("\0", ""))
    except WaiverError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The waiver for {waiver.glob} was {waiver.state}.")
    return redirect("waivers", slug=slug)


@require_POST
@needs(Role.ENGINEER)
def end_waiver(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a waiver or withdraw a request. Only the person who requested it or a manager may do so."""
    waiver = get_object_or_404(
        Waiver.objects.select_related("repository"), repository=find_repository(slug), pk=pk
    )
    workflow.check_end(waiver, person_of(request))
    withdrawn = waiver.state == State.REQUESTED
    if not workflow.end(waiver):
        messages.error(request, f"The waiver for {waiver.glob} is already {waiver.state}.")
        return redirect("waivers", slug=slug)
    what = f"request for {waiver.glob} was withdrawn" if withdrawn else f"waiver for {waiver.glob} was ended"
    messages.success(request, f"The {what}.")
    return redirect("waivers", slug=slug)


@require_safe
def waivers_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return waivers and suppression comments in one CSV file."""
    repository = find_repository(slug)
    return stream_csv(f"{slug}-waivers", (*COLUMNS, *DECISION), _cells(repository))


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
            *(row.state, str(row.decided_by or ""), row.decided_at, row.comment),
        )
    for found in _comments(repository).iterator(chunk_size=2000):
        since = found.introduced.committed_at if found.introduced else ""
        author = found.introduced.author_name if found.introduced else ""
        where = f"{found.file.path}:{found.line}"
        yield "comment", where, found.rule, found.reason, author, since, "", "", 1, "", "", "", ""


def _waivers(repository: Repository) -> Any:
    now = Q(violations__last__isnull=True, violations__plan=repository.plan_id)
    now &= Q(violations__suppressed=False)  # as in the list that the number links to
    rows = Waiver.objects.filter(repository=repository).select_related("person", "decided_by")
    return rows.annotate(standing=Count("violations", filter=now))


def _comments(repository: Repository) -> Any:
    rows = Violation.objects.filter(plan=repository.plan_id, last__isnull=True, suppressed=True)
    return rows.select_related("file", "introduced").order_by(
        dated_at("introduced__").asc(nulls_first=True), "file__path", "line"
    )


REPOSITORY_URLS = [
    path("waivers/", waivers, name="waivers"),
    path("waivers.csv", waivers_csv, name="waivers-csv"),
    path("waivers/<int:pk>/approve/", approve_waiver, name="approve-waiver"),
    path("waivers/<int:pk>/reject/", reject_waiver, name="reject-waiver"),
    path("waivers/<int:pk>/end/", end_waiver, name="end-waiver"),
]
