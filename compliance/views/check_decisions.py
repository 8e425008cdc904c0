"""The two forms on a pull request's page, by which a manager overrides the verdict and an engineer has the
head judged again.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from compliance.accounts.roles import Role, may, needs, person_of
from compliance.models import PullRequest, PullRequestCheck
from compliance.pull_requests import override as decisions
from compliance.views.lookup import find_repository


@require_POST
@needs(Role.MANAGER)
def override_check(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Accept the verdict on the head in the form for a reason."""
    row = _found(slug, number)
    reason = request.POST.get("reason", "").replace("\0", "")
    try:
        decisions.override(row, person_of(request), reason, request.POST.get("head", ""))
    except decisions.DecisionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Pull request #{number} passes at {row.head_sha[:10]}.")
    return redirect("pull-request", slug=slug, number=number)


@require_POST
@needs(Role.ENGINEER)
def rerun_check(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Queue another judgement of the head."""
    try:
        decisions.rerun(_found(slug, number), person_of(request))
    except decisions.DecisionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Pull request #{number} is being judged again.")
    return redirect("pull-request", slug=slug, number=number)


def decisions_context(
    row: PullRequest, check: PullRequestCheck | None, user: User | AnonymousUser
) -> dict[str, Any]:
    """Return what `pull_requests/decide.html` needs for a pull request and the check of its newest head."""
    problem = decisions.obstacle(row, check)
    return {
        "can_rerun": row.state == "open" and may(user, Role.ENGINEER),
        "can_override": not problem and may(user, Role.MANAGER),
        "longest_reason": decisions.LONGEST_REASON,
    }


def _found(slug: str, number: int) -> PullRequest:
    rows = PullRequest.objects.select_related("repository")
    return get_object_or_404(rows, repository=find_repository(slug), number=number)


REPOSITORY_URLS = [
    path("pull-requests/<int:number>/override/", override_check, name="override-check"),
    path("pull-requests/<int:number>/rerun/", rerun_check, name="rerun-check"),
]
