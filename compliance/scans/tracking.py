"""Starts tracking a repository, or updates one that is already tracked."""

from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from compliance import jobs
from compliance.jobs import Priority
from compliance.lib.product_files import IS_INSTALLED
from compliance.models import Connection, Repository, lock_slugs, taken_slugs
from compliance.scans import history_depth, plan_versions, remote_branches
from compliance.scans.branch_pull_requests import follow
from compliance.scans.depth import WHOLE, Depth
from compliance.scans.problems import Kind, TroubleError
from scanner import DEFAULT_PATH, read_plan, split_access

_WRITTEN = ("url", "access", "trouble", "trouble_kind", "trouble_job", "name", "branch")
"""The columns that are written if a repository that is already tracked is tracked again."""


def track(
    url: str,
    *,
    name: str = "",
    slug: str = "",
    branch: str = "",
    plan: str | None = None,
    plan_source: str = "given plan",
    person: User | None = None,
    replace_plan: bool = False,
    depth: Depth | None = None,
) -> Repository:
    """Track one branch of a repository, given by URL or absolute path, and enqueue its first scan.

    Credentials in an https URL (`https://user:password@host/...`) are stored separately and encrypted. `plan`
    is the text of the plan; by default, the repository's own `ssot-plan.yaml` at each tip is used. If the URL
    is already tracked, its values are updated and a scan is started. A plan that a person chose on a page or
    through the API is replaced only with `replace_plan`. `depth` limits how much of the history is read, by
    default nothing does; of a repository that is tracked already, history is read further back.

    Raises `PlanKeptError` if a plan would have to be replaced, `PlanError` if the plan is invalid,
    `RemoteError` if the remote doesn't respond, and `TroubleError` if it doesn't have that branch or has no
    commits, or if a value is longer than its limit. Raises `SetupError` if that much history is read already.
    """
    digest = read_plan(plan, plan_source).digest if plan is not None else ""
    url, access = split_access(url)
    check_values(url=url, name=name, slug=slug, branch=branch)
    check = partial(_check, slug=slug, digest="" if replace_plan else digest)
    known = _known(url, slug)
    check(known)
    if not access and known and known.url == url:
        access = known.access
    branch, _ = remote_branches.query(url, branch or (known.branch if known else ""), access)
    with transaction.atomic():
        lock_slugs()
        if known is None and (known := _known(url, slug)):  # somebody else has just added it
            check(known)
            access = access or known.access
        repository = known or Repository(slug=new_slug(slug, url, name))
        former = repository.branch
        repository.url, repository.access = url, access
        # The remote responded, so an earlier error is outdated. If an error remains, the enqueued job records
        # it.
        repository.trouble = repository.trouble_kind = repository.trouble_job = ""
        repository.name = name or repository.name or repository.slug
        repository.branch = branch
        if known is None:
            repository.plan_path = DEFAULT_PATH
            history_depth.limit(repository, depth or WHOLE)
        elif depth not in {None, Depth(known.history_since, known.history_commits)}:
            history_depth.extend(repository, depth, person)
        repository.save(update_fields=None if known is None else _WRITTEN)
        if former not in {"", branch}:
            follow(repository, branch)
        if plan is not None:
            plan_versions.choose(
                repository, plan_versions.keep(repository, plan, plan_source, person), person
            )
        jobs.enqueue("update", repository, priority=Priority.HIGH, cause="tracked", person=person)
    return repository


def _known(url: str, slug: str) -> Repository | None:
    by_slug = Repository.objects.filter(slug=slug).first() if slug else None
    return by_slug or Repository.objects.filter(url=url).first()


def _check(known: Repository | None, *, slug: str, digest: str) -> None:
    """Raise an error if a repository can't be tracked, or tracked again with a plan that has this digest."""
    check_writable(known, slug)
    if known and digest:
        _check_plan(known, digest)


def check_writable(known: Repository | None, slug: str) -> None:
    """Raise `TroubleError` if a repository is archived, or if a deleted one has the slug."""
    if known and known.archived_at:
        words = f"{known.name} is archived. Unarchive it on its settings page first."
        raise TroubleError(words, Kind.ADDRESS)
    if slug and known is None and Repository.everything.filter(slug=slug).exists():
        words = f"The slug {slug!r} belongs to a deleted repository. Restore that one, or give another slug."
        raise TroubleError(words, Kind.ADDRESS)


class PlanKeptError(ValueError):
    """The given plan would replace one that a person chose on a page."""


def _check_plan(known: Repository, digest: str) -> None:
    """Raise `PlanKeptError` if a person chose another plan than the one with this digest."""
    chosen = known.chosen_plan
    if chosen is None or chosen.digest == digest or not (known.chosen_by_id or chosen.author_id):
        return
    by = known.chosen_by or chosen.author
    raise PlanKeptError(
        f"The plan of {known.name}, version {chosen.number}, was edited on its page by {by} and differs from "
        "the given plan, which was not used. Give --replace-plan"
        f"{'' if IS_INSTALLED else ' (make up: REPLACE_PLAN=1)'} to replace it, or leave out the plan."
    )


def check_values(**given: str) -> None:
    """Raise `TroubleError` with the field and its limit for a value that can't be stored."""
    for name, value in given.items():
        field: Any = Repository._meta.get_field(name)  # noqa: SLF001  (Django's documented interface)
        try:
            if value:
                field.run_validators(value)
        except ValidationError as error:
            words = f"The {name} {value[:60]!r} can't be stored: {' '.join(error.messages)}"
            raise TroubleError(words, Kind.ADDRESS) from None


def new_slug(wish: str, url: str, name: str) -> str:
    """Return the slug for a new repository, which stays free until the transaction ends. Raises
    `TroubleError` if a connection has the wanted one.
    """
    lock_slugs()
    if not wish:
        return _free_slug(url, name)
    if Connection.objects.filter(slug=wish).exists():
        raise TroubleError(f"The slug {wish!r} belongs to a connection. Give another one.", Kind.ADDRESS)
    return wish


def _free_slug(url: str, name: str) -> str:
    last = url.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
    wish = slugify(name or last)[:40] or "repository"
    taken = taken_slugs(wish)
    return next(
        slug
        for number in range(1, len(taken) + 2)
        if (slug := wish if number == 1 else f"{wish}-{number}") not in taken
    )
