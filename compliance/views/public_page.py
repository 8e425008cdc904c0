"""Pages for holders of a public link: a repository's read-only overview and its badge.

They contain no e-mail addresses, no names of people, no forms, and no links to pages that require a sign-in.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.accounts import public_links
from compliance.charts import issues, phases, risks, series, sparkline, trend
from compliance.charts.context import ChartContext
from compliance.lib.figures import percent
from compliance.lib.http_cache import conditional_response, etag_of
from compliance.models import Repository
from compliance.progress.regressions import regressions
from compliance.progress.summary import summaries
from compliance.views import badge
from compliance.views.lookup import history, state_token
from compliance.views.pace import forecast_context

TREND = (880, 180)
MOST = 300
"""Maximum number of points on the trend, and of rows in its table."""
Opened = Callable[[HttpRequest, Repository], HttpResponseBase]


def _public(view: Opened) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Wrap a view so that it receives the repository for a valid key. All invalid keys lead to the same 404
    page.
    """

    @login_not_required
    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, key: str) -> HttpResponseBase:
        link = public_links.opened(key)
        if link:
            response = view(request, link.repository)
        else:
            response = render(request, "public_page/invalid_link.html", status=404)
            response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded


@_public
def overview(request: HttpRequest, repository: Repository) -> HttpResponseBase:
    """Show the read-only overview, or return 304 if nothing has changed."""
    # the page depends on the current date
    seen = f"shared {state_token(repository.slug)} {timezone.localdate()}"
    return conditional_response(
        request, etag_of(seen), lambda: render(request, "public_page/page.html", _figures(repository))
    )


@_public
def badge_svg(request: HttpRequest, repository: Repository) -> HttpResponseBase:
    """Return the badge as SVG."""
    return badge.svg_response(request, repository, "public")


@_public
def badge_json(request: HttpRequest, repository: Repository) -> HttpResponseBase:
    """Return the badge in the format of a shields.io endpoint."""
    return badge.shields_response(request, repository, "public")


def _figures(repository: Repository) -> dict[str, Any]:
    summary = summaries([repository])[repository.pk]
    scene = ChartContext(repository, summary.snapshot)
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
        "bottom": min(*values, summary.target) if values else None,
        "top": max(*values, summary.target) if values else None,
        "oldest": points[0][0].at if points else None,
        "newest": points[-1][0].at if points else None,
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
    path("shared/<str:key>/badge.svg", badge_svg, name="shared-badge"),
    path("shared/<str:key>/shields.json", badge_json, name="shared-shields"),
]
