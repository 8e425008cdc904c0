"""Changing the plan by hand: drafts, versions put in force and restored, and where the plan lives."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from compliance import jobs
from compliance.jobs import Priority
from compliance.models import PlanDraft, PlanVersion, Repository
from compliance.scans import plan_versions
from compliance.scans.plan_diff import changes
from scanner import read_plan

KEEP = timedelta(days=30)
"""How long a draft is kept that nobody put in force."""

LONGEST_PATH = 1000
"""Characters of the path of a plan."""

ON_THE_PAGE = "edited here"


class ConflictError(Exception):
    """The plan was changed by somebody else meanwhile; `version` is what holds now."""

    def __init__(self, version: PlanVersion | None) -> None:
        self.version = version
        holds = f"version {version.number} holds now" if version else "no plan holds now"
        super().__init__(f"The plan was changed meanwhile: {holds}. Nothing was put in force.")


class HomeError(Exception):
    """The plan cannot be kept there, or lives elsewhere; the message says what to do."""


def check_home(repository: Repository, *, keep_here: bool) -> None:
    """Raise `HomeError` where a file of the repository is the plan and nobody says that it be kept here."""
    if repository.plan_path and not keep_here:
        raise HomeError(
            f"The plan lives at {repository.plan_path} in the repository. Commit the change there, or say "
            "that the plan is kept here from now on. Nothing was put in force."
        )


def current(repository: Repository) -> PlanVersion | None:
    """The version that holds: the one a person chose, also before the next scan, else the one in force."""
    return repository.chosen_plan if not repository.plan_path and repository.chosen_plan else repository.plan


def draft(repository: Repository, text: str, person: User) -> PlanDraft:
    """Keep an edited text and have its preview made. Raises `PlanError` with all that is wrong with it."""
    text = text.replace("\r\n", "\n")
    read_plan(text, "line")
    with transaction.atomic():
        old = PlanDraft.objects.filter(repository=repository, version=None)
        old.filter(created_at__lt=timezone.now() - KEEP).delete()
        made = PlanDraft.objects.create(
            repository=repository, base=current(repository), text=text, person=person
        )
        look_again(made, person)
    return made


def look_again(made: PlanDraft, person: User) -> None:
    """Have the preview of a draft made, once more if need be."""
    detail = {"draft": made.pk}
    cause = "preview of a plan"
    jobs.enqueue(
        "preview",
        made.repository,
        key=str(made.pk),
        detail=detail,
        priority=Priority.HIGH,
        cause=cause,
        person=person,
    )


def adopt(made: PlanDraft, person: User) -> PlanVersion:
    """Put a draft in force: history is then judged again. Raises `ConflictError`."""
    with transaction.atomic():
        repository = _locked(made.repository_id)
        holds = current(repository)
        if (holds.pk if holds else None) != made.base_id:
            raise ConflictError(holds)
        version = plan_versions.keep(repository, made.text, ON_THE_PAGE, person)
        PlanDraft.objects.filter(pk=made.pk).update(version=version)
        _choose(repository, version, person)
    return version


def restore(version: PlanVersion, base: int, person: User) -> None:
    """Put an earlier version in force again; `base` is the number of the one that held when it was asked for.

    Raises `ConflictError` where another one holds by now.
    """
    with transaction.atomic():
        repository = _locked(version.repository_id)
        holds = current(repository)
        if holds and holds.number != base:
            raise ConflictError(holds)
        _choose(repository, version, person)


def follow(repository: Repository, path: str, person: User) -> str:
    """Let the file at this path of the repository say what holds, from the next scan on; the path plainly.

    Raises `HomeError` for what can be no path.
    """
    path = path.strip().strip("/")
    if not path or len(path) > LONGEST_PATH or "\0" in path:
        raise HomeError("Name the plan's file as it lies in the repository, such as ssot-plan.yaml.")
    with transaction.atomic():
        locked = _locked(repository.pk)
        locked.plan_path, locked.chosen_plan, locked.chosen_by = path, None, person
        locked.save(update_fields=("plan_path", "chosen_plan", "chosen_by"))
        _scan(locked, person)
    return path


def differences(old: PlanVersion | PlanDraft | None, new: PlanVersion | PlanDraft) -> list[str]:
    """What changed from one text to another, in words."""
    return changes(read_plan(old.text, "old"), read_plan(new.text, "new")) if old else []


def _locked(pk: int) -> Repository:
    return Repository.objects.select_for_update(of=("self",)).select_related("plan", "chosen_plan").get(pk=pk)


def _choose(repository: Repository, version: PlanVersion, person: User) -> None:
    plan_versions.choose(repository, version, person)
    _scan(repository, person)


def _scan(repository: Repository, person: User) -> None:
    jobs.enqueue("update", repository, priority=Priority.HIGH, cause="plan changed", person=person)
