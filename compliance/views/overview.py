"""The overview of a repository, which updates itself while it is open."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from compliance.accounts.roles import role_of
from compliance.charts import issues, phases, risks
from compliance.charts.context import ChartContext
from compliance.charts.dimensions import DIMENSIONS, slices
from compliance.charts.series import ghosts
from compliance.charts.trend import MEASURES, asked
from compliance.lib.http_cache import etag_of
from compliance.lib.single_flight import once
from compliance.lib.theme import number
from compliance.models import Claim, File, FileState, Job, Repository, Waiver
from compliance.progress.forecast.reached import QUICK
from compliance.progress.regressions import regressions
from compliance.progress.summary import summaries
from compliance.queries.patches import patched_anywhere
from compliance.queries.pull_requests import failed_count, open_count
from compliance.queries.trend import DATES, option_problems
from compliance.scans import lifecycle, plan_editing
from compliance.scans.owners import owners_of
from compliance.views.lookup import PageState, find_repository, history, page_state, pulse, with_state
from compliance.views.navigation import NavigationLink
from compliance.views.next_actions import next_actions
from compliance.views.pace import forecast_context, target_reached_since
from compliance.views.roadmap import roadmap_context

PARAMETERS = ("measure", "by", "range", "from", "to", "ghost")
MOST_REGRESSIONS = 3
ENDING = timedelta(days=3)
"""A claim that ends within this time is an action of the person who holds it."""
SHARED_SECONDS = 10
"""Seconds for which the parts of a changed page are kept for open pages of readers with that role."""
RANGES = {"": "All", "1y": "1 year", "90d": "90 days", "30d": "30 days"}


@require_safe
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the whole page."""
    state = page_state(slug)
    return render(request, "overview/page.html", _whole(request, slug, state))


@require_safe
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Return 204 if nothing has changed since `seen`, otherwise the parts of the page that contain
    figures.
    """
    state = page_state(slug)
    if request.GET.get("seen") == state.token:
        return with_state(HttpResponse(status=204), state)
    if request.GET.get("empty"):
        return _live_before_figures(request, slug, state)
    parts = once(_live_key(request, slug, state), lambda: _parts(request, slug, state), SHARED_SECONDS)
    response = HttpResponse(parts)
    response["HX-Trigger"] = json.dumps({"figures-changed": {}})
    return with_state(response, state)


def _live_before_figures(request: HttpRequest, slug: str, state: PageState) -> HttpResponse:
    """Return the parts of a page without figures, which may have a form of its reader. Once there are
    figures, the page is loaded again, because it lacks the parts that show them.
    """
    context = _whole(request, slug, state)
    if context["snapshot"]:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return with_state(render(request, "overview/live.html", {**context, "live": True}), state)


def _live_key(request: HttpRequest, slug: str, state: PageState) -> str:
    """Return what the parts with figures depend on: all open pages ask for them at once after a change."""
    query = [(name, value) for name, value in sorted(request.GET.items()) if name != "seen"]
    zone = timezone.get_current_timezone_name()
    reader = role_of(request.user), *_own_numbers(request.user, slug)
    return etag_of(f"live {slug} {state} {query} {zone} {timezone.localdate()} {reader}")


def _own_numbers(reader: User | AnonymousUser, slug: str) -> list[Any]:
    """Return the numbers on the page that only this reader sees, in at most one query."""
    own = _own_claims(reader)
    if not isinstance(reader, User):
        return []
    return list(Repository.objects.filter(slug=slug).annotate(**own).values_list(*own))


def _parts(request: HttpRequest, slug: str, state: PageState) -> str:
    return render_to_string("overview/live.html", {**_whole(request, slug, state), "live": True}, request)


def _whole(request: HttpRequest, slug: str, state: PageState) -> dict[str, Any]:
    context = page_context(request, slug)
    return {**context, **pulse(context["repository"], state)}


def page_context(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Return everything that the overview shows, in a fixed number of queries."""
    repository = find_repository(
        slug,
        unparsed=_unread("unparsed"),
        skipped=_unread("skipped"),
        claimed=_claimed(),
        unclaimed=_unclaimed(),
        unclaimed_single=_unclaimed(violations=F("waived") + 1),
        unclaimed_patched=_unclaimed(patched_anywhere()),
        requested=_requested(),
        **_own_claims(request.user),
        open_pulls=open_count(),
        failed_pulls=failed_count(),
    )
    summary = summaries([repository])[repository.pk]
    scene = ChartContext(repository, summary.recorded, request.GET)
    drawn = phases.draw(scene)
    is_dated = any(phase.start for phase in scene.phases)
    broken = _regressions(repository, is_dated=is_dated)
    jobs = list(
        repository.jobs.filter(state__in=(Job.State.RUNNING, Job.State.WAITING, Job.State.BURIED))[:20]
    )
    return {
        "repository": repository,
        "section": "overview",
        "summary": summary,
        "forecast": forecast_context(scene.prospect) if scene.prospect else None,
        "reached_since": target_reached_since(repository, scene.prospect, QUICK),
        "snapshot": summary.snapshot,
        "counted": urlencode({"category": repository.plan.counted if repository.plan else []}, doseq=True),
        "phases": drawn,
        **roadmap_context(drawn),
        "issues": issues.draw(scene),
        "risks": risks.draw(scene),
        "broken": broken,
        "actions": next_actions(repository, drawn["rows"], broken, jobs, request.user),
        "dated": is_dated,
        "history": history(repository),
        "may_cancel": not repository.head_id and lifecycle.may_cancel(repository),
        "jobs": jobs,
        "is_busy": any(job.state != Job.State.BURIED for job in jobs),
        "holds": plan_editing.current(repository),
        **_controls(scene),
    }


def _regressions(repository: Repository, *, is_dated: bool) -> list[dict[str, Any]]:
    """Return the newest regressions with `owners` of their files and `responsible`, the people who must act:
    those who have claimed the files, else the owners, else the author if they are still active and could know
    the plan. `is_dated` says that a phase has a start: then the migration begins on that day, whenever the
    plan was activated.
    """
    shown = regressions(repository, most=MOST_REGRESSIONS, with_people=True)
    return [_with_people(row, owners_of(repository, row["open_files"]), is_dated=is_dated) for row in shown]


def _with_people(row: dict[str, Any], owners: list[str], *, is_dated: bool) -> dict[str, Any]:
    is_older = row["precedes_plan"] and not is_dated
    author = [row["author"]] if row["author_is_active"] and not is_older else []
    responsible = row["claimants"] or owners or author
    return {**row, "owners": owners, "responsible": responsible, "precedes_plan": is_older}


def _unread(how: str) -> Coalesce:
    """Return the number of files, in any category, that couldn't be read at the latest commit."""
    rows = FileState.objects.filter(~Q((how, "")), plan=OuterRef("plan"), last__isnull=True).order_by()
    return Coalesce(Subquery(rows.values("plan").annotate(number=Count("pk")).values("number")), 0)


def _claimed() -> Coalesce:
    """Return the number of claimed files in any category."""
    rows = Claim.objects.filter(file__repository=OuterRef("pk"), state=Claim.State.ACTIVE).order_by()
    counted = rows.exclude(file__status=File.Status.GONE).values("file__repository")
    return Coalesce(Subquery(counted.annotate(number=Count("pk")).values("number")), 0)


def _unclaimed(*conditions: Exists, **more: Combinable) -> Coalesce:
    """Return the number of files that the list of files shows for `who=nobody` and further conditions."""
    active = Claim.objects.filter(file=OuterRef("pk"), state=Claim.State.ACTIVE)
    rows = File.objects.filter(~Exists(active), repository=OuterRef("pk"), violations__gt=F("waived"))
    rows = rows.filter(*conditions, **more)
    counted = rows.exclude(status=File.Status.GONE).order_by().values("repository")
    return Coalesce(Subquery(counted.annotate(number=Count("pk")).values("number")), 0)


def _own_claims(reader: User | AnonymousUser) -> dict[str, Combinable]:
    """Return the numbers of claims that are offered to the reader, and of the reader's that end soon."""
    if not isinstance(reader, User):
        return {"offers": Value(0), "expiring": Value(0)}
    rows = Claim.objects.filter(file__repository=OuterRef("pk"), state=Claim.State.ACTIVE).order_by()
    ending = rows.filter(person=reader, until__lte=Now() + ENDING)
    return {
        name: _number(found)
        for name, found in (("offers", rows.filter(offered_to=reader)), ("expiring", ending))
    }


def _number(claims: QuerySet[Claim]) -> Coalesce:
    counted = claims.values("file__repository").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def _requested() -> Coalesce:
    """Return the number of waivers that wait for approval."""
    rows = Waiver.objects.filter(repository=OuterRef("pk"), state=Waiver.State.REQUESTED).order_by()
    return Coalesce(Subquery(rows.values("repository").annotate(number=Count("pk")).values("number")), 0)


def _controls(scene: ChartContext) -> dict[str, Any]:
    """Return the options for the trend's controls, the selected options and any invalid ones."""
    wanted = asked(scene.query)
    problems = option_problems(scene.query)
    query = {name: scene.query[name] for name in PARAMETERS if scene.query.get(name) and name not in problems}
    days = {name: query[name] for name in DATES if name in query}
    lines, of = slices(scene, wanted.split) if wanted.split else ([], 0)
    has_sites = scene.snapshot is None or scene.snapshot.new_sites or scene.snapshot.old_sites
    hidden = () if has_sites or wanted.measure == "sites" else ("sites",)  # no rule counts call sites
    return {
        "measures": {name: label for name, (label, _, _) in MEASURES.items() if name not in hidden},
        "measure": wanted.measure,
        "dimensions": DIMENSIONS,
        "split": wanted.split,
        "ranges": RANGES,
        "range": "" if days else query.get("range", ""),
        "days": days,
        "option_problems": [f"{problem}; the filter was ignored." for problem in problems.values()],
        "ghosts": ghosts(scene.repository),
        "ghost": query.get("ghost", ""),
        "lines": lines,
        "legend_note": _legend_note(len(lines), of),
        "chart_query": urlencode(query),
    }


def _legend_note(shown: int, total: int) -> str:
    """Explain how to read a legend with many lines, or return an empty string if the legend is short."""
    if shown <= number("distinguishable-lines"):
        return ""
    limit = f"Showing the {shown} with the most violations left, out of {total:,}. " if total > shown else ""
    return (
        f"{limit}The {number('highlighted-lines')} lines that are furthest behind are highlighted. "
        "Point at a name or "
        "line to highlight it. Click a name to hide its line."
    )


NAVIGATION = NavigationLink(10, "Overview", "overview")
REPOSITORY_URLS = [
    path("", overview, name="overview"),
    path("live/", live, name="overview-live"),
]
