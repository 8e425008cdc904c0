"""Activates a plan version, which then determines the repository's figures, issues, phases and steps."""

from functools import partial

from django.utils import timezone

from compliance.events import history_evaluated, plan_activated
from compliance.integrations import known_issues
from compliance.lib.figures import percent
from compliance.lib.wording import count_of, format_percent
from compliance.models import Commit, Issue, Marker, Phase, PlanVersion, Snapshot, Step, WalkPart
from compliance.progress import baseline
from compliance.progress.effects import Effect
from compliance.progress.file_status import refresh
from compliance.scans import announcements
from compliance.scans.history import recorded
from compliance.scans.plan_diff import changes
from compliance.scans.recording import Recording, recording
from compliance.scans.scan import Scan
from scanner import IssueSpec, PhaseSpec, decode_path, encode_path, read_plan

MOST_CHANGES = 6
"""Maximum number of changes that are listed in a mark on the trend."""


def activate(scan: Scan) -> None:
    """Activate the scan's version once it has recorded the tip, unless its figures are already shown.

    Afterwards, `commit_recorded` is sent for the commits after the previous version's newest one.
    """
    repository, version = scan.repository, scan.version
    if scan.is_active and repository.head is not None and repository.head.sha == scan.tip:
        return
    former, known = repository.plan, repository.head
    marked = _mark(scan, former) if former and former.pk != version.pk else None
    reached = recorded(version)
    late = (
        reached.filter(position__gt=known.position).order_by("position") if known and known.position else ()
    )
    announced = announcements.prepare(scan, late)
    with recording(scan) as pending:
        pending.change(plan=version, head=reached.get(position=scan.length), history_done=False)
        WalkPart.objects.filter(plan__repository=repository).exclude(plan=version).delete()
        start = baseline.earliest_start(repository)
        _write_issues(scan, pending)
        same_start = baseline.earliest_start(repository) == start
        baseline.hand_down(version, former if same_start else None, scan.length)
        if marked and former:
            marked.commit = repository.head
            figures = _figures_changed(former, version, known)
            marked.text = f"plan version {version.number}: {figures}{marked.text}"
            marked.save()
        refresh(repository, version)
        announcements.announce(scan, announced)
        plan_activated.send(repository)
        history_evaluated.send(repository)


def _write_issues(scan: Scan, pending: Recording) -> None:
    """Write the plan's issues with their phases and steps. Issues that the plan no longer names are marked as
    removed.

    Existing issues are updated at the end, so that their webhooks needn't wait. They must not be locked yet
    when those of unknown issues have to wait.
    """
    repository = scan.repository
    pending.at_end(partial(known_issues.lock, repository))
    Phase.objects.filter(issue__repository=repository).update(in_plan=False)
    known = {issue.key: issue for issue in Issue.objects.filter(repository=repository)}
    for order, spec in enumerate(scan.plan.issues):
        issue = known.pop(spec.key, None) or Issue(repository=repository, key=spec.key)
        _keep_issue(issue, order, spec, pending)
        for place, phase in enumerate(spec.phases):
            _keep_phase(issue, place, phase)
        for place, step in enumerate(spec.steps):
            Step.objects.update_or_create(
                issue=issue,
                order=place,
                defaults={
                    "title": step.title,
                    "risk": step.risk,
                    "defines": step.defines,
                    "clean": list(step.clean),
                    "done_by": None,
                },
            )
        issue.steps.filter(order__gte=len(spec.steps)).delete()
    removed = [issue.pk for issue in known.values() if issue.in_plan]
    pending.at_end(lambda: Issue.objects.filter(pk__in=removed).update(in_plan=False))
    pending.at_end(partial(known_issues.catch_up, repository))


def _keep_issue(issue: Issue, order: int, spec: IssueSpec, pending: Recording) -> None:
    """Write what differs of an issue."""
    values = {
        "title": spec.title,
        "url": spec.url,
        "priority": spec.priority,
        "selects": _selectors(spec, "rules", "paths"),
        "order": order,
        "in_plan": True,
    }
    changed = [name for name, value in values.items() if getattr(issue, name) != value]
    for name in changed:
        setattr(issue, name, values[name])
    if issue.pk is None:
        issue.save()
    elif changed:
        pending.at_end(partial(issue.save, update_fields=changed))


def _keep_phase(issue: Issue, place: int, spec: PhaseSpec) -> None:
    """Write a phase under its issue. If it was removed before or is moved from another issue, it keeps its
    row.
    """
    known = Phase.objects.filter(issue__repository=issue.repository_id, key=spec.id)
    phase = known.filter(issue=issue).first() or known.order_by("-pk").first() or Phase(key=spec.id)
    phase.issue, phase.order, phase.in_plan = issue, place, True
    phase.title, phase.start, phase.due = spec.title, spec.start, spec.due
    phase.selects = _selectors(spec, "rules", "categories", "paths", "roles", "risks")
    phase.criteria = [{"kind": criterion.kind, **criterion.options} for criterion in spec.criteria]
    phase.save()


def _selectors(spec: IssueSpec | PhaseSpec, *names: str) -> dict[str, list[str]]:
    return {name: list(getattr(spec, name)) for name in names if getattr(spec, name)}


def _mark(scan: Scan, former: PlanVersion) -> Marker:
    """Return a mark for the trend with the changes made by the activated version and the version's author.

    A plan that is stored in the product changes now, but a plan file changed at the time of its commit.
    """
    repository, version = scan.repository, scan.version
    at, person = timezone.now(), repository.chosen_by
    if former.digest == version.digest:
        person = None
    elif repository.plan_path:
        touched = scan.git.touching(scan.tip, encode_path(decode_path(repository.plan_path.encode())))
        changed = scan.git.revision(touched[0] if touched else scan.tip)
        at, person = scan.dates.of(changed), None
    named = changes(read_plan(former.text, former.source), scan.plan) or [
        "the same plan, evaluated by a newer scanner release"
    ]
    words = "; ".join(named[:MOST_CHANGES]) + ("; …" if len(named) > MOST_CHANGES else "")
    return Marker(
        repository=repository,
        kind=Marker.Kind.PLAN,
        at=at,
        text=words,
        person=person,
    )


def _figures_changed(former: PlanVersion, version: PlanVersion, known: Commit | None) -> str:
    """Describe how the figures for one commit differ between two versions, or return an empty string if they
    aren't known.

    If the new version has recorded only later commits, the figures before the first of them are those after
    it less the step that it made.
    """
    then = Snapshot.objects.filter(plan=former, commit=known).first() if known else None
    rows = recorded(version).filter(position__gte=known.position) if known and known.position else None
    first = rows.order_by("position").first() if rows is not None else None
    now = Snapshot.objects.filter(plan=version, commit=first).first() if first else None
    if then is None or now is None or first is None or known is None or first.height > known.height + 1:
        return ""
    step = Effect(now) if first.height > known.height else None
    after = (
        percent(now.clean - (step.clean if step else 0), now.files - (step.files if step else 0)),
        now.violations - (step.violations if step else 0),
    )
    before = percent(then.clean, then.files), then.violations
    if before == after:
        return "figures unchanged; "
    sides = [f"{format_percent(share)} and {count_of(left, 'violation')}" for share, left in (before, after)]
    return f"{' became '.join(sides)}; "
