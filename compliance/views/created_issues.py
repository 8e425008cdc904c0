"""The issues that were created from a phase, and the form that creates one."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from compliance.accounts.roles import Role, needs, person_of
from compliance.integrations.issue_notes import phase_issues, policy
from compliance.models import Phase, Repository
from compliance.queries.created_issues import created
from compliance.queries.phases import find
from compliance.views.lookup import find_repository


@require_POST
@needs(Role.MANAGER)
def create(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Request an issue for a phase, in the project `prefix` (empty at a forge), with the type `kind`."""
    phase = find(find_repository(slug), key)
    prefix, kind = request.POST.get("prefix", ""), request.POST.get("kind", "")
    try:
        phase_issues.request_issue(phase, person_of(request), prefix, kind)
    except phase_issues.PhaseIssueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The issue is being created. Its key is shown here soon.")
    return redirect("phase", slug=slug, key=key)


def created_context(repository: Repository, phase: Phase) -> dict[str, Any]:
    """Return what the page of a phase shows of its created issues."""
    rows = created(phase)
    obstacle = phase_issues.closed_words(phase)
    return {
        "created_issues": rows,
        "issue_places": phase_issues.prefixes(repository),
        "may_create_issue": not obstacle and (not rows or rows[0].may_be_replaced),
        "no_issue_because": "" if rows else obstacle,
        "usual_kind": phase_issues.USUAL_KIND,
        "notes_enabled": partial(policy.is_enabled, repository),  # only who may create one is told
    }


REPOSITORY_URLS = [
    path("phases/<str:key>/issue/", create, name="create-issue"),
]
