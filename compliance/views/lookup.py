"""Finds the objects that are named in a URL, or raises Http404."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.http import Http404, HttpResponse

from compliance.jobs.health import SILENCE_WITH_WORK, describe_problems
from compliance.lib.wording import format_duration
from compliance.models import (
    Commit,
    Delivery,
    Issue,
    Job,
    Marker,
    PullRequest,
    PullRequestCheck,
    RejectedDelivery,
    Repository,
    Snapshot,
    Waiver,
)
from compliance.progress.preliminary import MEASURED_ANEW, measured_anew
from compliance.scans.history_rate import seconds_left


def find_repository(slug: str, **asked: Combinable) -> Repository:
    """Return the repository with its plan, its latest commit and the annotations `asked`, in one query.

    Raises Http404 if no repository has this slug.
    """
    rows = Repository.objects.select_related("plan", "line_plan", "chosen_plan", "head")
    rows = rows.annotate(**{MEASURED_ANEW: measured_anew()}, **asked)
    repository = rows.filter(slug=slug).first()
    if repository is None:
        raise Http404(f"There is no tracked repository “{slug}”.")
    return repository


@dataclass(frozen=True)
class PageState:
    """The state of a repository's pages. `token` changes whenever their content, or the reason why jobs can't
    run, changes.
    """

    token: str
    problems: list[str]


EVERY, EVERY_WHILE_FILLING = 2, 5
"""Seconds between two requests of an open page. While history is being filled in, each of them redraws it."""


def pulse(repository: Repository, state: PageState) -> dict[str, Any]:
    """Return what the part of a page needs that asks for changes."""
    is_filling = repository.plan_id and repository.head_id and not repository.history_done
    return {
        "seen": state.token,
        "poll_seconds": EVERY_WHILE_FILLING if is_filling else EVERY,
        "service_problems": state.problems,
    }


def with_state(response: HttpResponse, state: PageState) -> HttpResponse:
    """Add the header by which the web server answers for a page that has not changed."""
    response["X-Page-State"] = state.token
    return response


def state_token(slug: str) -> str:
    """Return the token for `page_state`."""
    return page_state(slug).token


def page_state(slug: str) -> PageState:
    """Return the state of a repository's figures, plan, problem and jobs, in one query while jobs are being
    run.

    Raises Http404 if no repository has this slug.
    """
    snapshots = Snapshot.objects.filter(plan=OuterRef("plan")).order_by("-pk")
    jobs = Job.objects.filter(repository=OuterRef("pk"))
    waiting = Job.objects.filter(state=Job.State.WAITING)
    now = Snapshot.objects.filter(plan=OuterRef("plan"), commit=OuterRef("head"))
    ended = jobs.filter(finished_at__isnull=False).order_by("-finished_at")
    marks = Marker.objects.filter(repository=OuterRef("pk")).order_by()
    requested = Waiver.State.REQUESTED
    waiting_waivers = Waiver.objects.filter(repository=OuterRef("pk"), state=requested).order_by()
    told = Issue.objects.filter(repository=OuterRef("pk"), heard_at__isnull=False)
    delivered = Delivery.objects.filter(repository=OuterRef("pk")).order_by("-received_at")
    rejected = RejectedDelivery.objects.filter(repository=OuterRef("pk")).order_by("-pk")
    open_pulls = PullRequest.objects.filter(repository=OuterRef("pk"), state="open").order_by()
    checks = PullRequestCheck.objects.filter(repository=OuterRef("pk"), pull_request__state="open")
    verdicts = checks.order_by().values("repository")
    state = (
        Repository.objects.filter(slug=slug)
        .values_list(
            *("pk", "plan_id", "line_plan_id", "chosen_plan_id", "head_id", "history_done", "history_floor"),
            "trouble",
        )
        .annotate(
            newest=Subquery(snapshots.values("pk")[:1]),
            # included because a waiver changes what is shown beside figures that have already been recorded
            waived=Subquery(now.values("waived")[:1]),
            requested=Subquery(waiting_waivers.values("repository").annotate(n=Count("pk")).values("n")),
            progress=Subquery(jobs.filter(state=Job.State.RUNNING).values("done_steps")[:1]),
            doing=Subquery(jobs.filter(state=Job.State.RUNNING).values("doing")[:1]),
            asked=Subquery(jobs.order_by("-pk").values("pk")[:1]),
            ended=Subquery(ended.values("finished_at")[:1]),
            newest_mark=Subquery(marks.values("repository").annotate(newest=Max("pk")).values("newest")),
            marks=Subquery(marks.values("repository").annotate(number=Count("pk")).values("number")),
            told=Subquery(told.order_by("-heard_at").values("heard_at")[:1]),
            delivered=Subquery(delivered.values("received_at")[:1]),
            pulls=Subquery(open_pulls.values("repository").annotate(n=Count("pk")).values("n")),
            judged=Subquery(verdicts.annotate(last=Max("judged_at")).values("last")),
            failed=Subquery(verdicts.filter(state="failed").annotate(n=Count("pk")).values("n")),
            rejected=Subquery(rejected.values("pk")[:1]),
            overdue=Exists(waiting.filter(due_at__lte=Now() - SILENCE_WITH_WORK)),
        )
        .first()
    )
    if state is None:
        raise Http404(f"There is no tracked repository “{slug}”.")
    *_, overdue = state
    problems = describe_problems() if overdue else []
    shown = state, [problem.partition(":")[0] for problem in problems]
    return PageState(hashlib.sha256(repr(shown).encode()).hexdigest()[:16], problems)


def history(repository: Repository) -> dict[str, Any]:
    """Return the oldest evaluated commit and the number of commits left to evaluate, in one or two queries.

    While history is being re-evaluated, the trend of the previous plan version is shown. `until` is the
    oldest commit of that trend, at which the re-evaluation ends. `unread` is the number of older commits that
    are not read.
    """
    line = Commit.objects.filter(repository=repository, position__isnull=False).order_by("position")
    oldest = line.filter(snapshots__plan=repository.plan_id).first()
    until = line.filter(snapshots__plan=repository.line_plan_id).first() if repository.rejudging else None
    lowest = max((until.position if until else None) or 1, repository.history_floor)
    to_go = 0 if repository.history_done or oldest is None else max(0, (oldest.position or 1) - lowest)
    total = repository.line_length - lowest + 1
    done = max(0, total - to_go)
    seconds = seconds_left(repository, to_go, done)
    return {
        "oldest": oldest,
        "until": until,
        "to_go": to_go,
        "time": f", about {format_duration(seconds)} at the present rate" if seconds is not None else "",
        "total": total,
        "done": done,
        "unread": repository.unread_commits,
    }
