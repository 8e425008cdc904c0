"""The files that still contain violations included in a phase or an issue."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Subquery
from django.http import HttpRequest

from compliance.models import Claim, Repository
from compliance.queries.files import FileFilter
from compliance.queries.patches import patches_of, with_patches

PAGE = 25


def list_remaining(
    request: HttpRequest, repository: Repository, *, phase: str = "", issue: str = ""
) -> Page[Any]:
    """Return one page of files, most violations first, each with its `owner`, `owned_until` and
    `patch_fixes`, in two queries. `any_patch` says, in each row, whether one of all the files has a patch.
    """
    active = Claim.objects.filter(file=OuterRef("pk"), state=Claim.State.ACTIVE)
    files = FileFilter(phase=phase, issue=issue).files(repository)
    rows = with_patches(repository, files).annotate(
        owner=Subquery(active.values("person__username")),
        owned_until=Subquery(active.values("until")),
        any_patch=Exists(patches_of(repository, files)),
    )
    pages = Paginator(rows.order_by(F("violations").desc(), "path"), PAGE)
    return pages.get_page(request.GET.get("page"))
