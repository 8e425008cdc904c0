"""Stores and selects versions of a repository's plan, and finds the one that applies."""

from django.contrib.auth.models import User
from django.db import transaction

from compliance.models import PlanVersion, Repository
from compliance.scans.problems import Kind, TroubleError
from scanner import Repository as GitRepository
from scanner import (
    decode_path,
    engine_version,
    path_pattern,
    read_plan,
)


def keep(repository: Repository, text: str, source: str, author: User | None = None) -> PlanVersion:
    """Return the version with this text's content, creating it if needed. Raises `PlanError`."""
    plan = read_plan(text, source)
    with transaction.atomic():
        Repository.objects.select_for_update(no_key=True).only("pk").get(pk=repository.pk)
        same = PlanVersion.objects.filter(repository=repository, digest=plan.digest)
        known = same.order_by("-number").first()
        if known:
            if known.text != text:  # changes to layout and comments don't create a new version
                known.text = text
                known.save(update_fields=("text",))
            return known
        return PlanVersion.objects.create(
            repository=repository,
            number=repository.next_plan_number(),
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


def choose(repository: Repository, version: PlanVersion, person: User | None) -> None:
    """Store the plan in the product from now on, as this version. The next scan activates it."""
    repository.plan_path, repository.chosen_plan, repository.chosen_by = "", version, person
    written = ["plan_path", "chosen_plan", "chosen_by"]
    if repository.trouble_kind == Kind.NO_PLAN:
        repository.trouble = repository.trouble_kind = repository.trouble_job = ""
        written += ["trouble", "trouble_kind", "trouble_job"]
    repository.save(update_fields=written)


def wanted(repository: Repository, git: GitRepository, tip: str) -> PlanVersion:
    """Return the version that applies: the one that a person chose, or the plan file at the tip.

    Raises `PlanError`, or `TroubleError` if there is no plan.
    """
    if not repository.plan_path:
        chosen = PlanVersion.objects.filter(repository=repository, chosen_for=repository).first()
        if chosen is None:
            raise TroubleError("There is no plan. Write one under Settings, Plan.", Kind.NO_PLAN)
        return chosen
    text = git.text(tip, decode_path(repository.plan_path.encode()))
    if text is None:
        raise TroubleError(
            f"There is no readable {repository.plan_path} at {tip[:10]} of {repository.branch}. "
            "Commit one, or write a plan under Settings, Plan; `python -m scanner plan init` prints a "
            "template.",
            Kind.NO_PLAN,
        )
    return keep(repository, text, f"{repository.plan_path} at {tip[:10]}")
