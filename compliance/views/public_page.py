"""Pages for holders of a public link: a repository's read-only overview and its badge.

They contain no e-mail addresses, no names of accounts, no notes, no forms, and no links to pages that require
a sign-in. The subjects and authors of commits are shown only if the link says so.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.accounts import public_links
from compliance.charts import issues, phases, risks, series, sparkline, trend
from compliance.charts.context import ChartContext, chart_context
from compliance.charts.texts import with_public_texts
from compliance.lib.figures import percent
from compliance.lib.http_cache import conditional_response, etag_of
from compliance.models import PublicLink, Repository
from compliance.progress.regressions import regressions
from compliance.progress.summary import summaries
from compliance.views import badge
from compliance.views.charts import FORMAT, cached
from compliance.views.lookup import history, state_token
from compliance.views.pace import forecast_context

TREND = (880, 180)
MOST = 300
"""Maximum number of points on the trend, and of rows in its table."""
Opened = Callable[[HttpRequest, PublicLink], HttpResponseBase]


def _public(view: Opened) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Wrap a view so that it receives the link with a valid key. All invalid keys lead to the same 404
    page.
    """

    @login_not_required
    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, key: str) -> HttpResponseBase:
        link = public_links.opened(key)
        if link:
            response = view(request, link)
        else:
            response = render(request, "public_page/invalid_link.html", status=404)
            response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded


@_public
def overview(request: HttpRequest, link: PublicLink) -> HttpResponseBase:
    """Show the read-only overview, or return 304 if nothing has changed."""
    return conditional_response(
        request,
        _etag(link, "page"),
        lambda: render(
            request,
            "public_page/page.html",
            {**_figures(link.repository), "link": link},
        ),
    )


@_public
def trend_json(request: HttpRequest, link: PublicLink) -> HttpResponseBase:
    """Return the data of the trend, without notes, or return 304 if nothing has changed."""

    def draw() -> JsonResponse:
        context = replace(chart_context(link.repository), notes=False, subjects=link.show_commits)
        return JsonResponse(with_public_texts(trend.draw(context)))

    return cached(request, _etag(link, "trend"), draw)


@_public
def badge_svg(request: HttpRequest, link: PublicLink) -> HttpResponseBase:
    """Return the badge as SVG."""
    return badge.svg_response(request, link.repository, "public")


@_public
def badge_json(request: HttpRequest, link: PublicLink) -> HttpResponseBase:
    """Return the badge in the format of a shields.io endpoint."""
    return badge.shields_response(request, link.repository, "public")


def _etag(link: PublicLink, part: str) -> str:
    # depends on the current date, because the forecast does
    shown = "with commits" if link.show_commits else ""
    return etag_of(
        f"{FORMAT} shared {part} {shown} {state_token(link.repository.slug)} {timezone.localdate()}"
    )


def _figures(repository: Repository) -> dict[str, Any]:
    summary = summaries([repository])[repository.pk]
    scene = ChartContext(repository, summary.recorded)
    # Thinning keeps the lowest and the highest point, so they are correct for the complete history.
    read = series.read(repository, {}, value=trend.CHOSEN_BY["percent"], most=MOST)
    points = [(dot, value) for dot in read.points if (value := percent(dot.clean, dot.files)) is not None]
    values = [value for _, value in points]
    return {
        # Not named `repository`, because the page header would then show links that require a sign-in.
        "shown": repository,
        "summary": summary,
        "snapshot": summary.snapshot,
        "trend": sparkline.spark(
            [sparkline.Dot(dot.at, dot.clean, dot.files) for dot, _ in points], *TREND, target=summary.target
        ),
        "points": points[::-1],
        "lowest": min(values, default=None),
        "highest": max(values, default=None),
        "phases": phases.draw(scene),
        "forecast": forecast_context(scene.prospect) if scene.prospect else None,
        "issues": issues.draw(scene),
        "risks": risks.draw(scene),
        "broken": regressions(repository),
        "dated": any(phase.start for phase in scene.phases),
        "history": history(repository),
    }


URLS = [
    path("shared/<str:key>/", overview, name="shared"),
    path("shared/<str:key>/trend.json", trend_json, name="shared-trend"),
    path("shared/<str:key>/badge.svg", badge_svg, name="shared-badge"),
    path("shared/<str:key>/shields.json", badge_json, name="shared-shields"),
]
