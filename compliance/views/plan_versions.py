"""Versions of a plan: export, download, compare and restore."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from compliance import scans
from compliance.accounts.roles import Role, needs, person_of
from compliance.lib.parsing import number_in
from compliance.models import PlanDraft, PlanVersion
from compliance.queries.plans import in_words, lines, version_of
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository
from compliance.views.plan import check_plan_source

COLUMNS = ("version", "in_force", "name", "target_percent", "since", "by", "from", "digest")


@require_safe
def versions_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return all versions as CSV, newest first."""
    repository = find_repository(slug)
    columns = ("pk", "number", "name", "target_percent", "created_at", "author__username", "source", "digest")
    rows = repository.plans.order_by("-number").values_list(*columns).iterator(chunk_size=500)
    told = ([number, "yes" if pk == repository.plan_id else "no", *rest] for pk, number, *rest in rows)
    return stream_csv(f"{slug}-plan-versions", COLUMNS, told)


@require_safe
def version_text(_request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Return one version's text as a download."""
    version = version_of(find_repository(slug), number)
    response = HttpResponse(version.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-plan-{number}.yaml"'
    return response


@require_safe
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the changes between version `from` and version `to` or a draft: a summary, then a line-by-line
    diff.
    """
    repository = find_repository(slug)
    holds = scans.current(repository)
    number = holds.number if holds else 1
    old = version_of(repository, number_in(request.GET.get("from", "")) or max(1, number - 1))
    wanted = request.GET.get("to", "")
    draft = number_in(request.GET.get("draft", "") or wanted.partition("draft-")[2])
    made = repository.drafts.filter(pk=draft).first() if draft else None
    new: PlanVersion | PlanDraft = made or version_of(repository, number_in(wanted) if wanted else number)
    unread, words = in_words(old, new)
    context = {
        "repository": repository,
        "section": "settings",
        "heading": f"Version {old.number} to {_name(new)}",
        "unread": unread,
        "old": old,
        "new": new,
        "draft": made,
        "holds": holds,
        "words": words,
        "lines": list(lines(old.text, new.text)),
        "versions": list(repository.plans.only("number", "name", "repository").order_by("-number")),
    }
    return render(request, "plan/compare.html", context)


def _name(plan: PlanVersion | PlanDraft) -> str:
    return f"version {plan.number}" if isinstance(plan, PlanVersion) else "your draft"


@require_POST
@needs(Role.MANAGER)
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Restore an earlier version."""
    repository = find_repository(slug)
    version = version_of(repository, number)
    if not check_plan_source(request, repository):
        return redirect("plan", slug=slug)
    try:
        scans.restore(version, number_in(request.POST.get("base", "")) or 0, person_of(request))
    except scans.ConflictError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            f"Plan version {number} is being restored. Commits since then are evaluated first; until then, "
            "figures are those of the version before.",
        )
        return redirect("overview", slug=slug)
    return redirect("plan", slug=slug)


REPOSITORY_URLS = [
    path("plan/compare/", compare, name="plan-compare"),
    path("plan/versions.csv", versions_csv, name="plan-versions-csv"),
    path("plan/versions/<int:number>.yaml", version_text, name="plan-text"),
    path("plan/versions/<int:number>/restore/", restore, name="plan-restore"),
]
