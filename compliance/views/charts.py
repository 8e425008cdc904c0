"""The numbers of one chart, as JSON for the script that draws it and as CSV for whoever wants the table."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import condition, require_safe

from compliance.charts import CHARTS, picture, trend
from compliance.charts.scene import scene
from compliance.verdict import verdicts
from compliance.views.spreadsheet import csv_of
from compliance.views.tracked import pulse, tracked


def _etag(request: HttpRequest, slug: str, name: str) -> str:
    query = request.GET.urlencode()
    return f'"{hashlib.sha256(f"{name}?{query}#{pulse(slug)}".encode()).hexdigest()[:20]}"'


def _picture_etag(request: HttpRequest, slug: str) -> str:
    return _etag(request, slug, "trend.svg")


def _chart(name: str) -> ModuleType:
    if name not in CHARTS:
        raise Http404(f"There is no chart named “{name}”; there are {', '.join(CHARTS)}.")
    return CHARTS[name]


@require_safe
@condition(etag_func=_etag)
def chart(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One chart's data; answers 304 while nothing has changed."""
    response = JsonResponse(_chart(name).draw(scene(tracked(slug), request.GET)))
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def chart_csv(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """The same numbers as a spreadsheet."""
    data = _chart(name).draw(scene(tracked(slug), request.GET))
    if "points" in data:
        return csv_of(f"{slug}-{name}", data["columns"], _points(data["points"]))
    names = list(data["rows"][0]) if data["rows"] else data["columns"]
    return csv_of(f"{slug}-{name}", names, (list(row.values()) for row in data["rows"]))


@require_safe
@condition(etag_func=_picture_etag)
def trend_svg(request: HttpRequest, slug: str) -> HttpResponse:
    """The trend as a picture that can be read alone; `download` makes it a file to save."""
    repository = tracked(slug)
    data = trend.draw(scene(repository, request.GET))
    told = verdicts([repository])[repository.pk]
    subtitle = told.headline
    if repository.head:
        subtitle += f" Commit {repository.head.sha[:10]} of {repository.head.committed_at:%-d %B %Y}."
    drawn = picture.svg(data, f"{data['title']}: {repository.name}", subtitle)
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{slug}-trend.svg"'
    return response


def _points(points: list[list[Any]]) -> Iterator[list[Any]]:
    for seconds, *values in points:
        yield [datetime.fromtimestamp(seconds, UTC).isoformat(), *values]
