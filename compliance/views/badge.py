"""The badge of a repository, for signed-in users. For holders of a public link, `public_page` serves it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.lib.http_cache import conditional_response, etag_of
from compliance.models import Repository
from compliance.progress import badge
from compliance.progress.summary import summaries
from compliance.views.lookup import find_repository

ALONE = "default-src 'none'"
"""Content security policy for an SVG that is opened directly, which must not load anything."""


@require_safe
def badge_svg(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the badge as SVG."""
    return svg_response(request, find_repository(slug), "private")


@require_safe
def badge_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the badge in the format of a shields.io endpoint."""
    return shields_response(request, find_repository(slug), "private")


def svg_response(request: HttpRequest, repository: Repository, whose: str) -> HttpResponseBase:
    """Return the SVG. `whose` is the kind of cache that may store it: private or public."""
    said = badge.badge(repository, summaries([repository])[repository.pk])
    response = HttpResponse(badge.svg(said), content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = ALONE
    return _cached(request, response, whose)


def shields_response(request: HttpRequest, repository: Repository, whose: str) -> HttpResponseBase:
    """Return the JSON. `whose` is the kind of cache that may store it: private or public."""
    said = badge.badge(repository, summaries([repository])[repository.pk])
    return _cached(request, JsonResponse(badge.shields(said)), whose)


def _cached(request: HttpRequest, response: HttpResponse, whose: str) -> HttpResponseBase:
    age = f"{whose}, max-age={badge.CACHE_SECONDS}"
    return conditional_response(request, etag_of(response.content), lambda: response, age)


REPOSITORY_URLS = [
    path("badge.svg", badge_svg, name="badge"),
    path("shields.json", badge_json, name="shields"),
]
