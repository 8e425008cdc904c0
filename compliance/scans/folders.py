"""Tracked folders, which only some of the machines may have. The others leave their jobs to those."""

import logging
from pathlib import Path

from django.conf import settings
from django.db import connection

from compliance.jobs import ElsewhereError
from compliance.jobs.machine import running_machines
from compliance.lib.local_repositories import FolderError, check_folder
from compliance.lib.wording import join_names
from compliance.models import Repository
from compliance.scans.problems import Kind, TroubleError
from scanner import is_shallow

log = logging.getLogger(__name__)

_LACK = """
UPDATE compliance_repository SET missing_on = array_append(missing_on, %(machine)s)
WHERE id = %(id)s AND NOT %(machine)s = ANY(missing_on)
"""
_HAVE = """
UPDATE compliance_repository SET missing_on = array_remove(missing_on, %(machine)s) WHERE id = %(id)s
"""


def is_folder(repository: Repository) -> bool:
    """Return true if the repository is a folder, not an address that every machine can reach."""
    return repository.url.startswith("/")


def is_elsewhere(repository: Repository) -> bool:
    """Return true if this machine lacks the folder, and another one on which a worker runs may have it.

    This is recorded, so that this machine leaves the repository's jobs to the others until it has the
    folder.
    """
    if settings.EMBEDDED_POSTGRES or not is_folder(repository):
        return False
    name = settings.MACHINE_NAME
    if Path(repository.url).is_dir():
        if name in repository.missing_on:
            _write(_HAVE, repository)
        return False
    if not running_machines() - {name, *repository.missing_on}:
        return False
    _write(_LACK, repository)
    return True


def require_here(repository: Repository) -> None:
    """Raise `ElsewhereError` if a job of a folder must run on another machine, and `TroubleError` if the
    folder is no longer permitted.
    """
    if is_elsewhere(repository):
        raise ElsewhereError(
            f"{repository.url} does not exist on {settings.MACHINE_NAME}, so another machine runs this job"
        )
    require_permitted(repository)


def require_permitted(repository: Repository) -> None:
    """Raise `TroubleError` if a folder that was added on a page is not, or no longer, permitted."""
    if repository.is_confined:
        require_folder(repository.url)


def require_folder(folder: str) -> None:
    """Raise `TroubleError` unless a folder may be added on a page."""
    try:
        check_folder(folder)
    except FolderError as error:
        raise TroubleError(str(error), Kind.ADDRESS) from None


def refuse_shallow(folder: str) -> None:
    """Raise `TroubleError` if a folder lacks the older part of its history."""
    if is_shallow(folder):
        raise TroubleError(
            f"{folder} is a shallow clone: it lacks its older commits, so there would be no history. Run "
            "`git fetch --unshallow` in it, then check again, or add the repository that it was cloned from.",
            Kind.SHALLOW,
        )


def describe(repository: Repository) -> str:
    """Say which machines run the jobs of a folder, or return an empty string if all do."""
    if not is_folder(repository) or not repository.missing_on:
        return ""
    running = running_machines()
    lack = [name for name in repository.missing_on if name in running]
    have = sorted(running - set(lack))
    if not have:
        return (
            f"{repository.url} is a folder that no machine with a running worker has. Start a worker on a "
            "machine that has it."
        )
    if not lack:
        return ""
    return (
        f"{repository.url} is a folder that {join_names(lack)} {'lacks' if len(lack) == 1 else 'lack'}, so "
        f"its jobs run only on {join_names(have)}."
    )


def _write(statement: str, repository: Repository) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"machine": settings.MACHINE_NAME, "id": repository.pk})
