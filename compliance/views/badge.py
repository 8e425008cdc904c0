"""The badge of a repository, for whoever may read its pages; `shared` gives the same to holders of a key."""

import hashlib

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from compliance.models import Repository
from compliance.progress import badge
from compliance.progress.summary import verdicts
from compliance.views.lookup import tracked

ALONE = "default-src 'none'"
"""What a drawing that is opened by itself may load: nothing."""


@require_safe
def drawing(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The badge as SVG."""
    return as_svg(request, tracked(slug), "private")


@require_safe
def endpoint(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The badge as shields' endpoint wants it."""
    return as_shields(request, tracked(slug), "private")


def as_svg(request: HttpRequest, repository: Repository, whose: str) -> HttpResponseBase:
    """The drawing; `whose` cache may keep it: private or public."""
    said = badge.badge(repository, verdicts([repository])[repository.pk])
    response = HttpResponse(badge.svg(said), content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = ALONE
    return _kept(request, response, whose)


def as_shields(request: HttpRequest, repository: Repository, whose: str) -> HttpResponseBase:
    """The JSON; `whose` cache may keep it: private or public."""
    said = badge.badge(repository, verdicts([repository])[repository.pk])
    return _kept(request, JsonResponse(badge.shields(said)), whose)


def _kept(request: HttpRequest, response: HttpResponse, whose: str) -> HttpResponseBase:
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:20]}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"{whose}, max-age={badge.CACHE_SECONDS}"
    answer: HttpResponseBase = get_conditional_response(request, etag, response=response) or response
    return answer
