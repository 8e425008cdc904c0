"""Manual changes to the plan: drafts, activating and restoring versions, and where the plan is stored."""

from datetime import date, timedelta
from types import EllipsisType

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from compliance import jobs
from compliance.jobs import Priority
from compliance.lib.field_types import is_storable
from compliance.models import PlanDraft, PlanVersion, Repository
from compliance.scans import plan_versions
from compliance.scans.plan_diff import changes
from scanner import read_plan

KEEP = timedelta(days=30)
"""Lifetime of a draft that isn't activated."""

LONGEST_PATH = 1000
"""Maximum length of a plan's path."""

ON_THE_PAGE = "edited here"


class ConflictError(Exception):
    """Raised if another change to the plan came first. `version` is the one that is current now."""

    def __init__(self, version: PlanVersion | None) -> None:
        self.version = version
        holds = f"version {version.number} is current" if version else "no plan is current"
        super().__init__(f"The plan was changed in the meantime: {holds}. Nothing was activated.")


class HomeError(Exception):
    """Raised if the plan can't be stored there, or is stored elsewhere. The message says what to do."""


def is_file(repository: Repository) -> bool:
    """Return true if the plan is read from a file in the repository. A repository that was found to have no
    such file, and never had one, doesn't lose anything if its first plan is kept here.
    """
    lacks_plan = repository.plan_id is None and repository.trouble_kind == Repository.Trouble.NO_PLAN
    return bool(repository.plan_path) and not lacks_plan


def check_home(repository: Repository, *, keep_here: bool) -> None:
    """Raise `HomeError` if the plan is a file in the repository and the caller doesn't move it here."""
    if is_file(repository) and not keep_here:
        raise HomeError(
            f"The plan is read from {repository.plan_path} in the repository. Commit the change there, or "
            "choose to manage the plan here from now on. Nothing was activated."
        )


def current(repository: Repository) -> PlanVersion | None:
    """Return the current version: the one that a person chose, even before the next scan, or else the active
    one.
    """
    return repository.chosen_plan if not repository.plan_path and repository.chosen_plan else repository.plan


def phases_of(made: PlanDraft) -> dict[str, tuple[str, date | None]]:
    """Return the title and the due date of each phase of a draft, by its key. Raises `PlanError` if this
    release can't read the text.
    """
    plan = read_plan(made.text, "the draft")
    return {phase.id: (phase.title, phase.due) for issue in plan.issues for phase in issue.phases}


def draft(
    repository: Repository, text: str, person: User, base: PlanVersion | EllipsisType | None = ...
) -> PlanDraft:
    """Store an edited plan and enqueue its preview. Raises `PlanError` with all problems in the text.

    `base` is the version that the person began with, by default the current one. A draft that is based on
    another version than the current one can't be activated. The text gets the line ends of its base.
    """
    base = current(repository) if base is ... else base
    text = text.replace("\r\n", "\n")
    if base and base.text.count("\r\n") * 2 > base.text.count("\n"):
        text = text.replace("\n", "\r\n")
    read_plan(text, "line")
    with transaction.atomic():
        old = PlanDraft.objects.filter(repository=repository, version=None)
        old.filter(created_at__lt=timezone.now() - KEEP).delete()
        made = PlanDraft.objects.create(repository=repository, base=base, text=text, person=person)
        look_again(made, person)
    return made


def look_again(made: PlanDraft, person: User) -> None:
    """Enqueue the preview of a draft. This may be repeated."""
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
    """Activate a draft as the plan and re-evaluate history. Raises `ConflictError`."""
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
    """Restore an earlier version. `base` is the number of the version that the person saw as the current one.

    Raises `ConflictError` if another version is current by now.
    """
    with transaction.atomic():
        repository = _locked(version.repository_id)
        holds = current(repository)
        if holds and holds.number != base:
            raise ConflictError(holds)
        _choose(repository, version, person)


def follow(repository: Repository, path: str, person: User) -> str:
    """Read the plan from this path in the repository, beginning with the next scan. Return the normalised
    path.

    Raises `HomeError` if the path is invalid.
    """
    path = path.strip().strip("/")
    if not path or len(path) > LONGEST_PATH or not is_storable(path):
        raise HomeError("Give the path of the plan file in the repository, such as ssot-plan.yaml.")
    with transaction.atomic():
        locked = _locked(repository.pk)
        locked.plan_path, locked.chosen_plan, locked.chosen_by = path, None, person
        locked.save(update_fields=("plan_path", "chosen_plan", "chosen_by"))
        _scan(locked, person)
    return path


def differences(old: PlanVersion | PlanDraft | None, new: PlanVersion | PlanDraft) -> list[str]:
    """Return the changes between two plan texts, with one sentence for each."""
    return changes(read_plan(old.text, "old"), read_plan(new.text, "new")) if old else []


def _locked(pk: int) -> Repository:
    rows = Repository.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("plan", "chosen_plan").get(pk=pk)


def _choose(repository: Repository, version: PlanVersion, person: User) -> None:
    plan_versions.choose(repository, version, person)
    _scan(repository, person)


def _scan(repository: Repository, person: User) -> None:
    jobs.enqueue("update", repository, priority=Priority.HIGH, cause="plan changed", person=person)
