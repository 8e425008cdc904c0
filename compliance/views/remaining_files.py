"""The files that still contain violations included in a phase or an issue."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest

from compliance.models import Claim, Repository
from compliance.queries.files import FileFilter

PAGE = 25


def list_remaining(
    request: HttpRequest, repository: Repository, *, phase: str = "", issue: str = ""
) -> Page[Any]:
    """Return one page of files, most violations first, each with its `owner` and `owned_until`, in two
    queries.
    """
    active = Claim.objects.filter(file=OuterRef("pk"), state=Claim.State.ACTIVE)
    rows = (
        FileFilter(phase=phase, issue=issue)
        .files(repository)
        .annotate(
            owner=Subquery(active.values("person__username")), owned_until=Subquery(active.values("until"))
        )
    )
    found = Paginator(rows.order_by(F("violations").desc(), "path"), PAGE)
    return found.get_page(request.GET.get("page"))
