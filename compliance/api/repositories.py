"""A repository as programs see it: what is tracked, and how far it is recorded."""

from django.http import HttpRequest
from ninja import Router, Schema

from compliance.api.access import repository_of

router = Router(tags=["repositories"])


class RepositoryOut(Schema):
    """`head` is the SHA of the newest recorded commit; null while nothing is recorded."""

    slug: str
    name: str
    branch: str
    head: str | None
    history_done: bool


@router.get("/{slug}", response=RepositoryOut)
def show(request: HttpRequest, slug: str) -> RepositoryOut:
    """One repository."""
    repository = repository_of(request, slug)
    return RepositoryOut(
        slug=repository.slug,
        name=repository.name,
        branch=repository.branch,
        head=repository.head.sha if repository.head else None,
        history_done=repository.history_done,
    )
