"""What an administrator does with a tracked repository: rename, archive, delete, restore, or cancel its first
scan. The rows and the mirror of a deleted repository are removed 30 days later, by a job.
"""

import fcntl
import logging
import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from compliance import jobs
from compliance.jobs import JobRun, Priority, repository_removal
from compliance.lib.field_types import one_line
from compliance.models import FormerSlug, Repository, lock_slugs
from compliance.scans.problems import TroubleError
from compliance.scans.repository_setup import is_taken
from compliance.scans.setup_errors import SetupError
from compliance.scans.tracking import check_values
from scanner import remove_abandoned

log = logging.getLogger(__name__)

PURGE = "purge"
"""The kind of the job that removes the rows and the mirror of a deleted repository."""

MIRRORS_EVERY = 600.0
"""Seconds between two searches of a process for mirrors of removed repositories."""

_last_search = 0.0


def rename(repository: Repository, name: str, slug: str) -> None:
    """Give a repository another name and another slug; an empty one stays. The former slug leads to it from
    now on. Raises `SetupError`.
    """
    name, slug = one_line(name, 1000).strip(), slug.strip()
    try:
        check_values(name=name, slug=slug)
    except TroubleError as error:
        raise SetupError("slug" if slug else "name", str(error)) from None
    with transaction.atomic():
        lock_slugs()
        repository.refresh_from_db(fields=["name", "slug"])  # somebody else may just have renamed it
        name, slug = name or repository.name, slug or repository.slug
        if slug != repository.slug:
            FormerSlug.objects.filter(slug=slug, repository=repository).delete()  # it was an earlier one
            if is_taken(slug):
                raise SetupError("slug", f"The short name “{slug}” is taken. Choose another one.")
            FormerSlug.objects.create(slug=repository.slug, repository=repository)
        repository.name, repository.slug = name, slug
        repository.save(update_fields=["name", "slug"])


def archive(repository: Repository) -> None:
    """Stop all work for a repository. Its pages remain as they are, and nothing about it can be changed."""
    if repository.archived_at is None:
        repository.archived_at = timezone.now()
        repository.save(update_fields=["archived_at"])
    jobs.stop(repository, "The repository was archived.")


def unarchive(repository: Repository, person: User | None) -> None:
    """Continue the work for a repository, with a scan of what has been pushed in the meantime."""
    with transaction.atomic():
        repository.archived_at = None
        repository.save(update_fields=["archived_at"])
        jobs.enqueue("update", repository, priority=Priority.HIGH, cause="unarchived", person=person)


def delete(repository: Repository) -> None:
    """Delete a repository. It can be restored for 30 days."""
    repository.deleted_at = timezone.now()
    repository.save(update_fields=["deleted_at"])
    jobs.stop(repository, "The repository was deleted.")


def restore(repository: Repository, person: User | None) -> None:
    """Restore a deleted repository, with a scan of what has been pushed in the meantime, unless it is
    archived. Raises `SetupError` if it is too late.
    """
    with transaction.atomic():
        rows = Repository.everything.select_for_update(of=("self",), no_key=True)
        found = rows.filter(pk=repository.pk).first()
        if found is None or found.deleted_at is None or found in repository_removal.overdue():
            raise SetupError("", f"{repository.name} can't be restored: it is no longer deleted, or gone.")
        found.deleted_at = None
        found.save(update_fields=["deleted_at"])
        if found.archived_at is None:
            jobs.enqueue("update", found, priority=Priority.HIGH, cause="restored", person=person)


def may_cancel(repository: Repository) -> bool:
    """Return true while the first scan of a repository waits or runs, so that nothing would be lost. A plan
    that a person has chosen would be.
    """
    if repository.head_id is not None or repository.chosen_plan_id is not None:
        return False
    return jobs.pending_of(repository).filter(kind="update").exists()


def cancel(repository: Repository, person: User | None) -> None:
    """Cancel the first scan of a repository, and remove all that there is of it. Raises `SetupError` if
    something has been recorded.
    """
    long_ago = timezone.now() - repository_removal.RESTORABLE - timedelta(minutes=1)
    # In one statement, because the scan may be about to record its first commit.
    unread = Repository.objects.filter(pk=repository.pk, head=None, chosen_plan=None)
    if not may_cancel(repository) or not unread.update(deleted_at=long_ago):
        raise SetupError(
            "",
            f"The first scan of {repository.name} has ended, or it has a plan that would be lost. Delete the "
            "repository instead; it can be restored for 30 days.",
        )
    repository.deleted_at = long_ago
    jobs.stop(repository, "The first scan was cancelled.")
    _request_purge(repository, person)


def _request_purge(repository: Repository, person: User | None = None) -> None:
    jobs.enqueue(PURGE, key=str(repository.pk), priority=Priority.LOW, cause=repository.name, person=person)


def purge_due() -> None:
    """Queue the removal of the repositories that were deleted 30 days ago."""
    for repository in repository_removal.overdue():
        _request_purge(repository)


def purge(run: JobRun) -> bool:
    """Remove the rows of a deleted repository, and its mirror on this machine. Return False if more is
    left.
    """
    with transaction.atomic():
        # Waits for somebody who is just restoring it. From then on, it can't be restored.
        found = repository_removal.overdue().select_for_update(no_key=True).filter(pk=run.job.key).first()
    if found is not None:
        jobs.stop(found, "The repository was deleted.")
        if not repository_removal.remove_rows(found, run.should_yield):
            return False
        log.info("Removed the repository %s", found.slug)
    remove_mirrors()
    return True


def remove_mirrors_sometimes() -> None:
    """Remove the mirrors on this machine whose repositories have been removed, if that was not done
    lately.
    """
    global _last_search  # noqa: PLW0603  (a time of this process)
    if time.monotonic() - _last_search > MIRRORS_EVERY or not _last_search:
        _last_search = time.monotonic()
        remove_mirrors()


def remove_mirrors() -> list[str]:
    """Remove the mirrors on this machine whose repositories have been removed, and return their names."""
    folder = Path(settings.DATA_DIR) / "mirrors"
    remove_abandoned(folder)
    names = {path: path.name.partition(".")[0] for path in folder.glob("*")}
    present = {path: int(name) for path, name in names.items() if name.isdecimal()}
    known = set(Repository.everything.filter(pk__in=present.values()).values_list("pk", flat=True))
    locks = folder / ".locks"
    left = {path: key for path, key in present.items() if key not in known}
    return [path.name for path, key in left.items() if _remove(path, locks / str(key))]


def _remove(path: Path, lock: Path) -> bool:
    """Remove a mirror unless a process is still busy with it. Return true if it is gone."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        shutil.rmtree(path, ignore_errors=True)
        lock.unlink(missing_ok=True)
    return not path.exists()
