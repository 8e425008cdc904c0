"""Begin to track a repository, or say something new about one that is tracked."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from compliance import jobs
from compliance.jobs import Priority
from compliance.models import Repository
from compliance.scans import mirror, plan_versions
from scanner import DEFAULT_PATH, read_plan, split_access


def track(
    url: str,
    *,
    name: str = "",
    slug: str = "",
    branch: str = "",
    plan: str | None = None,
    plan_source: str = "the plan given",
    person: User | None = None,
) -> Repository:
    """Track one branch of a repository, by URL or by the full path of a folder; its first scan is enqueued.

    What opens an https address (`https://user:password@host/...`) is kept apart from it, encrypted.
    `plan` is the text of the plan, by default the repository's own `ssot-plan.yaml` at each tip. The same
    address again changes what is given and scans. Raises `PlanError` for the plan, `RemoteError` for an
    address that does not answer, `TroubleError` where there is no such branch or no commit.
    """
    if plan is not None:
        read_plan(plan, plan_source)
    url, access = split_access(url)
    known = Repository.objects.filter(slug=slug).first() if slug else None
    known = known or Repository.objects.filter(url=url).first()
    if not access and known and known.url == url:
        access = known.access
    branch, _ = mirror.ask(url, branch or (known.branch if known else ""), access)
    with transaction.atomic():
        repository = known or Repository(slug=slug or _free_slug(url, name))
        repository.url, repository.access = url, access
        # What it says is of the past: the address answered, and the job that is asked for says what is now.
        repository.trouble = repository.trouble_kind = ""
        repository.name = name or repository.name or repository.slug
        repository.branch = branch
        if known is None:
            repository.plan_path = DEFAULT_PATH
        repository.save()
        if plan is not None:
            plan_versions.choose(
                repository, plan_versions.keep(repository, plan, plan_source, person), person
            )
        jobs.enqueue("update", repository, priority=Priority.HIGH, cause="tracked", person=person)
    return repository


def _free_slug(url: str, name: str) -> str:
    last = url.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
    wish = slugify(name or last)[:40] or "repository"
    taken = set(Repository.objects.filter(slug__startswith=wish).values_list("slug", flat=True))
    return next(
        slug
        for number in range(1, len(taken) + 2)
        if (slug := wish if number == 1 else f"{wish}-{number}") not in taken
    )
