"""Answers requests to the addresses of repositories that were renamed, or that are archived."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from compliance.models import FormerSlug, Repository

_READ = ("GET", "HEAD", "OPTIONS")

WRITABLE = frozenset(
    (
        *("unarchive-repository", "delete-repository", "rename-repository"),
        *("repository-notifications", "reset-notifications", "revoke-link", "revoke-token", "rotate-secret"),
    )
)
"""Names of the URLs that change something although the repository is archived: personal preferences, and what
takes access away.
"""


class RepositoryAddressMiddleware:
    """Redirects from a former slug of a repository, and refuses changes of an archived one.

    A page that exists costs no query. The API does the same for itself (`repository_of`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response, or a redirect instead of “not found”."""
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_FOUND and (slug := _slug(request)):
            former = FormerSlug.objects.filter(slug=slug, repository__deleted_at__isnull=True)
            found = former.select_related("repository").first()
            if found is not None:
                return _redirect(request, found.repository.slug)
        return response

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponseBase], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Return the page that says that an archived repository can't be changed, or None to continue."""
        slug = _slug(request)
        if not slug or request.method in _READ:
            return None
        match = request.resolver_match
        if match and match.url_name in WRITABLE:
            return None
        archived = Repository.objects.filter(slug=slug, archived_at__isnull=False).first()
        if archived is None:
            return None
        context = {"archived": archived}
        return render(request, "repositories/read_only.html", context, status=HTTPStatus.CONFLICT)


def _slug(request: HttpRequest) -> str:
    """Return the slug in the address of a repository's page, or an empty string for other addresses."""
    match = request.resolver_match
    if match is None or match.namespaces or not match.route.startswith("repositories/<slug:slug>/"):
        return ""
    return str(match.kwargs.get("slug", ""))


def _redirect(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the same address of the repository as it is called now. A form is sent there again."""
    match = request.resolver_match
    kwargs = {**(match.kwargs if match else {}), "slug": slug}
    path = reverse(str(match.url_name) if match else "overview", kwargs=kwargs)
    query = request.META.get("QUERY_STRING", "")
    is_form = request.method not in _READ
    return HttpResponseRedirect(f"{path}?{query}" if query else path, preserve_request=is_form)
