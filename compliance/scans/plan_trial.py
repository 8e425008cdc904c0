"""The job `trial`, which evaluates one rule of an edited plan at the newest commit.

Only this rule and the rules that differ from the active plan's are evaluated. The places of the others are
those that are recorded, so a trial costs what was edited.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from itertools import groupby, islice
from typing import Any, Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from compliance import jobs
from compliance.jobs import JobRun, Priority, ReportedError, StoppedError
from compliance.lib.field_types import storable
from compliance.models import Job, PlanTrial, Repository, Violation
from compliance.scans import mirror
from compliance.scans.problems import TroubleError
from compliance.scans.report_store import walking
from compliance.scans.trial_progress import EXAMPLES, FILES, SoFar, read_in_slices
from scanner import CertainPlace, Finding, GitError, Plan, PlanError, read_plan
from scanner import Repository as GitRepository

KEEP = timedelta(days=1)
"""Lifetime of a trial."""

MOST = 20
"""Number of trials that a repository keeps."""

AROUND = 2
"""Number of lines that are shown before and after a place."""

_WIDTH = 200

Place = tuple[str, int, int]
"""The path, the line and the column of a finding."""


@dataclass
class Outcome:
    """The result of a trial. `places` and `files` are counted in all categories, without suppressed places,
    and `counted` are the places in the counted categories, which are named in `categories`.

    `examples` are `{path, line, role, symbol, message, lines}`, in which `lines` are pairs of number and
    text. `overlaps` are `{rule, places, examples}` for each rule that reports some of the same places, with
    up to three of them as `path:line`.

    Until all files have been read, `is_complete` is false: `read` of `total` files have been, and `places`,
    `files` and `counted` are lower bounds without overlaps.
    """

    commit: str
    rule: str
    places: int
    files: int
    counted: int
    suppressed: int
    roles: dict[str, int]
    categories: list[str] = field(default_factory=list)
    examples: list[dict[str, Any]] = field(default_factory=list)
    overlaps: list[dict[str, Any]] = field(default_factory=list)
    is_complete: bool = True
    read: int = 0
    total: int = 0


class _CancelledError(Exception):
    """Raised if the rule that is tried has changed."""


@dataclass(frozen=True)
class TrialState:
    """Where a trial stands: “running”, “done” or “failed”, and for a failed one why."""

    name: Literal["running", "done", "failed"]
    trouble: str = ""


def trial_state(made: PlanTrial) -> TrialState:
    """Return where a trial stands. It has also failed if its job ended without a result."""
    if made.trouble:
        return TrialState("failed", made.trouble)
    if has_ended(made):
        return TrialState("done")
    jobs_of_trial = Job.objects.filter(repository=made.repository_id, kind="trial", key=str(made.pk))
    job = jobs_of_trial.order_by("-pk").first()
    if job is not None and job.state in (Job.State.BURIED, Job.State.REPLACED):
        return TrialState("failed", job.error or "The job ended without a result. Try the rule again.")
    return TrialState("running")


def has_ended(made: PlanTrial) -> bool:
    """Return whether a trial has its exact result."""
    return made.outcome is not None and made.outcome.get("is_complete", True)


def cancel_trial(made: PlanTrial) -> None:
    """Cancel a trial that has no exact result yet, because its rule has changed. A running one soon stops."""
    if not has_ended(made):
        made.delete()


def try_rule(repository: Repository, text: str, rule: str, person: User) -> PlanTrial:
    """Store a plan's text and enqueue a trial of one of its rules. Raises `PlanError` with all problems."""
    plan = read_plan(text, "line")
    if rule not in {spec.id for spec in plan.rules}:
        raise PlanError([])
    with transaction.atomic():
        made = PlanTrial.objects.create(repository=repository, person=person, text=text, rule=rule)
        kept = PlanTrial.objects.filter(repository=repository).order_by("-pk")
        old = kept.filter(created_at__lt=timezone.now() - KEEP).values_list("pk", flat=True)
        over = kept.values_list("pk", flat=True)[MOST : MOST + 200]
        PlanTrial.objects.filter(pk__in=[*old[:200], *over]).delete()
        jobs.enqueue(
            "trial",
            repository,
            key=str(made.pk),
            detail={"trial": made.pk},
            priority=Priority.HIGH,
            cause="trial of a rule",
            person=person,
        )
    return made


def trial(run: JobRun) -> bool:
    """Evaluate the rule at the newest commit, and store the result with the trial."""
    made = PlanTrial.objects.filter(pk=run.job.detail.get("trial")).first()
    if made is None or has_ended(made):
        return True
    try:
        with mirror.read_newest(run.repository) as (git, sha):
            outcome = _evaluate(run, git, made, sha)
    except _CancelledError:
        return True
    except (GitError, TroubleError) as error:
        PlanTrial.objects.filter(pk=made.pk).update(trouble=storable(str(error)))
        if isinstance(error, GitError):
            raise ReportedError from error
        return True
    PlanTrial.objects.filter(pk=made.pk).update(outcome=asdict(outcome), trouble="")
    return True


def _evaluate(run: JobRun, git: GitRepository, made: PlanTrial, sha: str) -> Outcome:
    repository = run.repository
    plan = read_plan(made.text, "the edited plan")
    recorded, others = _known_rules(repository, plan, made.rule)
    evaluated = [spec for spec in plan.rules if spec.id == made.rule or spec.id in others]

    def show(found: SoFar) -> None:
        run.tell(f"trying {made.rule}: {found.read:,} of {found.total:,} files")
        told = _told_so_far(git, plan, sha, made.rule, found)
        if not PlanTrial.objects.filter(pk=made.pk).update(outcome=asdict(told)):
            raise _CancelledError
        if jobs.stopping.value:
            raise StoppedError

    findings = list(_findings(git, replace(plan, rules=tuple(evaluated), digest=""), sha, made.rule, show))
    own = [found for found in findings if found.rule == made.rule]
    shown = [found for found in own if not found.suppressed]
    places = {_place(found): found for found in shown}
    return Outcome(
        commit=sha,
        rule=made.rule,
        places=len(shown),
        files=len({found.path for found in shown}),
        counted=sum(found.category in plan.compliance_counts for found in shown),
        suppressed=len(own) - len(shown),
        roles=dict(Counter(found.role for found in shown).most_common()),
        categories=list(plan.compliance_counts),
        examples=list(_examples(git, sha, shown)),
        overlaps=_overlaps(places, findings, _recorded(repository, recorded, places)),
    )


def _known_rules(repository: Repository, plan: Plan, rule: str) -> tuple[list[str], list[str]]:
    """Return the ids of the other rules that are recorded as they are, and of those that are not."""
    active = repository.plan
    known: dict[str, Any] = {}
    if active is not None and repository.head is not None:
        try:
            read = read_plan(active.text, active.source)
        except PlanError:  # a plan of an earlier release
            read = None
        if read is not None and (read.scope, read.categories) == (plan.scope, plan.categories):
            known = {spec.id: spec for spec in read.rules}
    others = [spec for spec in plan.rules if spec.id != rule]
    same = [spec.id for spec in others if known.get(spec.id) == spec]
    return same, [spec.id for spec in others if spec.id not in same]


def _told_so_far(git: GitRepository, plan: Plan, sha: str, rule: str, found: SoFar) -> Outcome:
    return Outcome(
        commit=sha,
        rule=rule,
        places=found.places,
        files=len(found.files),
        counted=found.counted,
        suppressed=0,
        roles=dict(found.roles.most_common()),
        categories=list(plan.compliance_counts),
        examples=list(_examples(git, sha, [place for places in found.first.values() for place in places])),
        is_complete=False,
        read=found.read,
        total=found.total,
    )


def _findings(
    git: GitRepository, plan: Plan, sha: str, rule: str, show: Callable[[SoFar], None]
) -> Iterator[Finding]:
    with walking(git, plan) as walker:
        read_in_slices(walker, plan, sha, rule, show)
        for _, result in next(walker.walk([sha])).files.items():  # noqa: PERF102  (not a dict)
            yield from result.findings


def _place(found: Finding | CertainPlace) -> Place:
    return found.path, found.line, found.column


def _recorded(
    repository: Repository, rules: list[str], places: Iterable[Place]
) -> Iterator[tuple[Place, str]]:
    """Yield the places of other rules that are recorded at the newest commit, in the same files."""
    paths = {path for path, _, _ in places}
    if not rules or not paths:
        return
    rows = Violation.objects.filter(
        plan_id=repository.plan_id, resolved=None, last=None, suppressed=False, rule__in=rules
    )
    for path, line, column, rule in rows.values_list("file__path", "line", "column", "rule").iterator():
        if path in paths:
            yield (path, line, column), rule


def _overlaps(
    places: dict[Place, Finding], findings: Iterable[Finding], recorded: Iterable[tuple[Place, str]]
) -> list[dict[str, Any]]:
    shared: dict[str, set[Place]] = {}
    rule = next((found.rule for found in places.values()), "")
    evaluated = ((_place(found), found.rule) for found in findings if not found.suppressed)
    for pairs in (evaluated, recorded):
        for place, other in pairs:
            if other != rule and place in places:
                shared.setdefault(other, set()).add(place)
    rows = sorted(shared.items(), key=lambda row: (-len(row[1]), row[0]))
    return [
        {
            "rule": other,
            "places": len(found),
            "examples": [f"{path}:{line}" for path, line, _ in sorted(found)[:3]],
        }
        for other, found in rows
    ]


def _examples(
    git: GitRepository, sha: str, found: Sequence[Finding | CertainPlace]
) -> Iterator[dict[str, Any]]:
    """Yield places in several files, with the lines around each."""
    by_file = groupby(sorted(found, key=_place), key=lambda finding: finding.path)
    for path, group in islice(by_file, FILES):
        lines = (git.text(sha, path) or "").splitlines()
        for finding in islice(group, EXAMPLES // FILES):
            first = max(0, finding.line - 1 - AROUND)
            around = lines[first : finding.line + AROUND]
            yield {
                "path": path,
                "line": finding.line,
                "role": finding.role,
                "symbol": storable(finding.symbol),
                "message": storable(finding.message) if isinstance(finding, Finding) else "",
                "lines": [[first + n, storable(words[:_WIDTH])] for n, words in enumerate(around, 1)],
            }
