"""Activates a plan version, which then determines the repository's figures, issues, phases and steps."""

from django.utils import timezone

from compliance.events import history_evaluated, plan_activated
from compliance.models import Issue, Marker, Phase, PlanVersion, Step
from compliance.progress import baseline
from compliance.progress.file_status import refresh
from compliance.scans import announcements
from compliance.scans.history import recorded
from compliance.scans.plan_diff import changes
from compliance.scans.recording import recording
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
    with recording(scan) as pending:
        former, known = repository.plan, repository.head
        pending.change(plan=version, head=recorded(version).get(position=scan.length), history_done=False)
        start = baseline.earliest_start(repository)
        _write_issues(scan)
        same_start = baseline.earliest_start(repository) == start
        baseline.hand_down(version, former if same_start else None, scan.length)
        if former and former.pk != version.pk:
            _mark_change(scan, former)
        refresh(repository, version)
        if known:
            announcements.announce(scan, known.height)
        plan_activated.send(repository)
        history_evaluated.send(repository)


def _write_issues(scan: Scan) -> None:
    """Write the plan's issues with their phases and steps. Issues that the plan no longer names are marked as
    removed.
    """
    repository = scan.repository
    Phase.objects.filter(issue__repository=repository).update(in_plan=False)
    known = {issue.key: issue for issue in Issue.objects.filter(repository=repository)}
    for order, spec in enumerate(scan.plan.issues):
        issue = known.pop(spec.key, None) or Issue(repository=repository, key=spec.key)
        _keep_issue(issue, order, spec)
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
    Issue.objects.filter(pk__in=[issue.pk for issue in known.values() if issue.in_plan]).update(in_plan=False)


def _keep_issue(issue: Issue, order: int, spec: IssueSpec) -> None:
    """Write what differs of an issue. A webhook of an issue that stays the same needn't wait for this."""
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
        issue.save(update_fields=changed)


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


def _mark_change(scan: Scan, former: PlanVersion) -> None:
    """Add a mark to the trend with the changes made by the activated version and the version's author.

    A plan that is stored in the product changes now, but a plan file changed at the time of its commit.
    """
    repository, version, head = scan.repository, scan.version, scan.repository.head
    if head is None:
        return
    at, person = timezone.now(), repository.chosen_by
    if former.digest == version.digest:
        person = None
    elif repository.plan_path:
        touched = scan.git.touching(head.sha, encode_path(decode_path(repository.plan_path.encode())))
        at, person = scan.dates.of(scan.git.revision(touched[0])) if touched else head.dated_at, None
    named = changes(read_plan(former.text, former.source), scan.plan) or [
        "the same plan, evaluated by a newer scanner release"
    ]
    words = "; ".join(named[:MOST_CHANGES]) + ("; …" if len(named) > MOST_CHANGES else "")
    Marker.objects.create(
        repository=repository,
        kind=Marker.Kind.PLAN,
        at=at,
        commit=head,
        text=f"plan version {version.number}: {words}",
        person=person,
    )
