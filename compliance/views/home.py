"""The first page: every tracked repository with its verdict; with only one, straight to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from compliance.models import Repository
from compliance.verdict import verdicts


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """List the repositories, or go to the only one."""
    repositories = list(Repository.objects.select_related("plan", "head"))
    if len(repositories) == 1:
        return redirect("overview", slug=repositories[0].slug)
    told = verdicts(repositories)
    rows = [{"repository": repository, "verdict": told[repository.pk]} for repository in repositories]
    return render(request, "home.html", {"rows": rows})
