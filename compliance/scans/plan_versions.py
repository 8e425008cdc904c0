"""Versions of a repository's plan, and the issues, phases and steps that a plan names."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from compliance.models import Issue, Marker, Phase, PlanVersion, Repository, Step
from compliance.scans.plan_diff import changes
from compliance.scans.problems import Kind, TroubleError
from scanner import (
    IssueSpec,
    PhaseSpec,
    Plan,
    decode_path,
    encode_path,
    engine_version,
    path_pattern,
    read_plan,
)
from scanner import Repository as GitRepository

MOST_WORDS = 6
"""Changes that a mark on the trend names."""


def keep(repository: Repository, text: str, source: str, author: User | None = None) -> PlanVersion:
    """The version with this text's content, made if it is new. Raises `PlanError`."""
    plan = read_plan(text, source)
    with transaction.atomic():
        Repository.objects.select_for_update().only("pk").get(pk=repository.pk)
        same = PlanVersion.objects.filter(repository=repository, digest=plan.digest)
        known = same.order_by("-number").first()
        if known:
            if known.text != text:  # only layout and comments: the content is what makes a version
                known.text = text
                known.save(update_fields=("text",))
            return known
        return PlanVersion.objects.create(
            repository=repository,
            number=_next_number(repository),
            engine=engine_version(),
            digest=plan.digest,
            name=plan.name[:300],
            text=text,
            counted=list(plan.compliance_counts),
            target_percent=plan.target_percent,
            suites={name: path_pattern(globs) for name, globs in plan.suites.items()},
            source=source[:1100],
            author=author,
        )


def of_engine(version: PlanVersion) -> PlanVersion | None:
    """The version with the same content under which the engine at work records, if there is one."""
    same = PlanVersion.objects.filter(repository=version.repository_id, digest=version.digest)
    return same.filter(engine=engine_version()).first()


def copy(version: PlanVersion) -> PlanVersion:
    """The same content once more, for the engine at work."""
    with transaction.atomic():
        repository = Repository.objects.select_for_update().only("pk").get(pk=version.repository_id)
        made = PlanVersion.objects.get(pk=version.pk)
        made.pk, made.number, made.engine = None, _next_number(repository), engine_version()
        made.created_at = timezone.now()
        made.save(force_insert=True)
    return made


def _next_number(repository: Repository) -> int:
    highest: int = repository.plans.aggregate(highest=Max("number"))["highest"] or 0
    return highest + 1


def choose(repository: Repository, version: PlanVersion, person: User | None) -> None:
    """Keep the plan here from now on, in this version; the next scan puts it in force."""
    repository.plan_path, repository.chosen_plan, repository.chosen_by = "", version, person
    repository.save(update_fields=("plan_path", "chosen_plan", "chosen_by"))


def wanted(repository: Repository, git: GitRepository, tip: str) -> PlanVersion:
    """The version to judge by: the one that a person chose, or what the repository itself says at its tip.

    Raises `PlanError`, and `TroubleError` where there is no plan.
    """
    if not repository.plan_path:
        chosen = PlanVersion.objects.filter(repository=repository, chosen_for=repository).first()
        if chosen is None:
            raise TroubleError("There is no plan to judge by; write one under Settings, Plan.", Kind.NO_PLAN)
        return chosen
    text = git.text(tip, decode_path(repository.plan_path.encode()))
    if text is None:
        raise TroubleError(
            f"There is no readable {repository.plan_path} at {tip[:10]} of {repository.branch}. "
            "Commit one, or write a plan under Settings, Plan; `python -m scanner plan init` prints one "
            "to begin with.",
            Kind.NO_PLAN,
        )
    return keep(repository, text, f"{repository.plan_path} at {tip[:10]}")


def put_in_force(repository: Repository, version: PlanVersion, plan: Plan) -> None:
    """Let a version rule: the repository's page, its issues, phases and steps follow it."""
    Repository.objects.filter(pk=repository.pk).update(plan=version)
    repository.plan = version
    Issue.objects.filter(repository=repository).update(in_plan=False)
    Phase.objects.filter(issue__repository=repository).update(in_plan=False)
    for order, spec in enumerate(plan.issues):
        issue, _ = Issue.objects.update_or_create(
            repository=repository,
            key=spec.key,
            defaults={
                "title": spec.title,
                "url": spec.url,
                "priority": spec.priority,
                "selects": _selectors(spec, "rules", "paths"),
                "order": order,
                "in_plan": True,
            },
        )
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


def _keep_phase(issue: Issue, place: int, spec: PhaseSpec) -> None:
    """Write a phase under its issue; one that comes back or moved from another issue keeps its row."""
    known = Phase.objects.filter(issue__repository=issue.repository_id, key=spec.id)
    phase = known.filter(issue=issue).first() or known.order_by("-pk").first() or Phase(key=spec.id)
    phase.issue, phase.order, phase.in_plan = issue, place, True
    phase.title, phase.start, phase.due = spec.title, spec.start, spec.due
    phase.selects = _selectors(spec, "rules", "categories", "paths", "roles", "risks")
    phase.criteria = [{"kind": criterion.kind, **criterion.options} for criterion in spec.criteria]
    phase.save()


def _selectors(spec: IssueSpec | PhaseSpec, *names: str) -> dict[str, list[str]]:
    return {name: list(getattr(spec, name)) for name in names if getattr(spec, name)}


def mark_change(repository: Repository, git: GitRepository, former: PlanVersion, plan: Plan) -> None:
    """Put a mark on the trend that says what the plan in force changes, and who changed it.

    A plan that is kept here changes now; one of the repository itself with the commit that changed its file.
    """
    version, head = repository.plan, repository.head
    if version is None or head is None:
        return
    at, person = timezone.now(), repository.chosen_by
    if former.digest == version.digest:
        person = None
    elif repository.plan_path:
        touched = git.touching(head.sha, encode_path(decode_path(repository.plan_path.encode())))
        at, person = git.revision(touched[0]).committed_at if touched else head.committed_at, None
    told = changes(read_plan(former.text, former.source), plan) or [
        "the same plan, as a newer release of this scanner judges it"
    ]
    words = "; ".join(told[:MOST_WORDS]) + ("; …" if len(told) > MOST_WORDS else "")
    Marker.objects.create(
        repository=repository,
        kind=Marker.Kind.PLAN,
        at=at,
        commit=head,
        text=f"plan version {version.number}: {words}",
        person=person,
    )
