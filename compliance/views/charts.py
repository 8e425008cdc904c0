"""The data for one chart, as JSON for the chart script and as CSV. The trend is also available as SVG."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.charts import CHARTS, svg, trend
from compliance.charts.context import chart_context
from compliance.charts.texts import drawn, with_texts
from compliance.lib.dates import written
from compliance.lib.http_cache import conditional_response, etag_of
from compliance.lib.single_flight import once
from compliance.lib.wording import count_of
from compliance.models import Repository
from compliance.progress.summary import summaries
from compliance.queries.trend import option_problems
from compliance.views.csv_response import refuse, stream_csv
from compliance.views.lookup import find_repository, state_token

CACHE_SECONDS = 24 * 3600
"""Number of seconds for which a response is cached. The cache key includes the state of the data, so a cached
response is never outdated.
"""
FORMAT = 6
"""Part of the cache key. Increase it when the content of a response changes for the same data."""


def _cached(
    request: HttpRequest, slug: str, name: str, draw: Callable[[Repository], HttpResponse]
) -> HttpResponseBase:
    """Return the response from `draw`, cached until the data changes, or 304 if the client already has it."""
    # the response depends on the current date
    state = f"{FORMAT} {name}?{request.GET.urlencode()}#{state_token(slug)} {timezone.localdate()}"
    return cached(request, etag_of(state), lambda: draw(find_repository(slug)))


def cached(request: HttpRequest, etag: str, draw: Callable[[], HttpResponse]) -> HttpResponseBase:
    """Return the response from `draw`, cached under `etag`, or 304 if the client already has it.

    If several clients ask for it at the same time, it is drawn once.
    """

    def drawn() -> tuple[bytes, str]:
        response = draw()
        return response.content, response["Content-Type"]

    def make() -> HttpResponse:
        content, content_type = once(etag, drawn, CACHE_SECONDS)
        return HttpResponse(content, content_type=content_type)

    return conditional_response(request, etag, make)


def _chart(name: str) -> ModuleType:
    if name not in CHARTS:
        raise Http404(f"There is no chart named “{name}”. Available charts: {', '.join(CHARTS)}.")
    return CHARTS[name]


@require_safe
def chart(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """Return one chart's data as JSON."""
    drawing = _chart(name)
    return _cached(
        request,
        slug,
        name,
        lambda repository: JsonResponse(drawn(drawing, chart_context(repository, request.GET))),
    )


@require_safe
def chart_csv(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """Return one chart's data as CSV, with every commit and every line, however many the chart draws. Invalid
    options are refused, as they are in the API. If older commits are not read, the file's name says so.
    """
    drawing, repository = _chart(name), find_repository(slug)
    if problems := option_problems(request.GET):
        return refuse(f"{problem}." for problem in problems.values())
    data = drawing.draw(chart_context(repository, request.GET, whole=True))
    unread = count_of(repository.unread_commits, "older commit").replace(" ", "-").replace(",", "")
    file = f"{slug}-{name}-without-{unread}" if repository.unread_commits else f"{slug}-{name}"
    if "points" in data:
        causes = data["step_columns"][1:] if data.get("steps") else []
        unclean = data["unclean_columns"] if data.get("unclean") else []
        return stream_csv(file, [*data["columns"], *unclean, *causes], _points(data))
    names = list(data["rows"][0]) if data["rows"] else data["columns"]
    return stream_csv(file, names, (list(row.values()) for row in data["rows"]))


@require_safe
def trend_svg(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the trend as a self-contained SVG; with `download`, as an attachment."""
    response = _cached(request, slug, "trend.svg", lambda repository: _picture(request, repository))
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{slug}-trend.svg"'
    return response


def _picture(request: HttpRequest, repository: Repository) -> HttpResponse:
    data = with_texts(trend.draw(chart_context(repository, request.GET)))
    told = summaries([repository])[repository.pk]
    subtitle = told.headline
    if repository.head:
        subtitle += f" Commit {repository.head.sha[:10]}, {written(repository.head.committed_at)}."
    drawn = svg.svg(data, f"{data['title']}: {repository.name}", subtitle)
    return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")


def _points(data: dict[str, Any]) -> Iterator[list[Any]]:
    """Yield the points with the files that aren't clean and the causes of their steps, which are one commit
    each in a whole chart.
    """
    blank: list[Any] = [None] * len(data.get("step_columns", ())) if data.get("steps") else [None]
    steps = data.get("steps") or [blank] * len(data["points"])
    unclean = data.get("unclean") or [[]] * len(data["points"])
    for (seconds, *values), step, files in zip(data["points"], steps, unclean, strict=True):
        _, *causes = step or blank
        yield [datetime.fromtimestamp(seconds, UTC).isoformat(), *values, *files, *causes]


REPOSITORY_URLS = [
    path("charts/<slug:name>.json", chart, name="chart"),
    path("charts/trend.svg", trend_svg, name="trend-svg"),
    path("charts/<slug:name>.csv", chart_csv, name="chart-csv"),
]
