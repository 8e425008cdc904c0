"""The patch for a file at the newest commit, and the job that creates it on demand."""

from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from compliance import jobs
from compliance.models import File, Job, Patch, Repository


class PatchLine(NamedTuple):
    """A line of a patch. `kind` is added, removed, place, name or empty."""

    kind: str
    text: str


def patch_lines(text: str) -> list[PatchLine]:
    """Return the complete lines of a patch with their kinds."""
    return [_line(line) for line in text.split("\n")[:-1]]


def _line(line: str) -> PatchLine:
    if line.startswith(("diff ", "index ", "--- ", "+++ ")):
        return PatchLine("name", line)
    kinds = {"+": "added", "-": "removed", "@": "place"}
    return PatchLine(kinds.get(line[:1], ""), line)


def made_of(repository: Repository, file: File) -> Patch | None:
    """Return the patch, or None if it has not been created."""
    return Patch.objects.filter(file=file, commit=repository.head_id, plan=repository.plan_id).first()


def asked_for(repository: Repository, file: File, cause: str) -> Job | None:
    """Queue the job that creates the patch, unless it was already queued, and return the file's latest patch
    job.

    Return None if there is nothing to fix. A newly queued job is not returned; the caller finds it on the
    next request.
    """
    if not (file.left_to_fix and repository.plan_id and repository.head_id):
        return None
    job = Job.objects.filter(repository=repository, kind="patch", key=str(file.pk)).order_by("-pk").first()
    if job is None or job.state == Job.State.DONE:
        jobs.enqueue("patch", repository, key=str(file.pk), priority=jobs.Priority.HIGH, cause=cause)
    return job


def with_patches(repository: Repository, files: QuerySet[File]) -> QuerySet[File]:
    """Add `patch_fixes` to files: how many violations the file's patch fixes, or None if none has been
    created for the newest commit, and `patch_tried`, which is true if one was looked for.
    """
    tried = Patch.objects.filter(file=OuterRef("pk"), commit=repository.head_id, plan=repository.plan_id)
    return files.annotate(patch_fixes=patch_fixes(repository, "pk"), patch_tried=Exists(tried))


def patch_fixes(repository: Repository, key: str) -> Subquery:
    """Return the expression for `patch_fixes` of the file whose primary key is in the column `key`."""
    return Subquery(_made(repository).filter(file=OuterRef(key)).values("fixed")[:1])


def patched(repository: Repository) -> Exists:
    """Return the condition that a file has a patch for the newest commit that fixes something."""
    return Exists(_made(repository).filter(file=OuterRef("pk")))


def patched_anywhere() -> Exists:
    """Return the condition of `patched` for files of any repository."""
    head, plan = OuterRef("repository__head"), OuterRef("repository__plan")
    return Exists(Patch.objects.filter(file=OuterRef("pk"), commit=head, plan=plan).exclude(text=b""))


def patches_of(repository: Repository, files: QuerySet[File]) -> QuerySet[Patch]:
    """Return the patches of these files for the newest commit, without empty ones, ordered by path."""
    return _made(repository).filter(file__in=files).select_related("file").order_by("file__path")


def _made(repository: Repository) -> QuerySet[Patch]:
    """Return the patches for the newest commit that fix something."""
    made = Patch.objects.filter(commit=repository.head_id, plan=repository.plan_id)
    return made.exclude(text=b"")
