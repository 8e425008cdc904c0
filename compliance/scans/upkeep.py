"""The upkeep of mirrors: merges their packs, checks them from time to time, and removes abandoned clones."""

import logging
from pathlib import Path

from django.conf import settings

from compliance import jobs
from compliance.jobs import JobRun, Priority
from compliance.models import Repository
from compliance.scans import mirror
from scanner import GitError, keep_up, needs_upkeep, remove_abandoned

log = logging.getLogger(__name__)


def request(repository: Repository) -> None:
    """Enqueue the upkeep of a repository's mirror if it is due. No other job reads the mirror meanwhile."""
    path = mirror.folder(repository)
    if path.exists() and needs_upkeep(str(path)):
        jobs.enqueue("upkeep", repository, priority=Priority.LOW, cause="upkeep of the mirror")


def upkeep(run: JobRun) -> bool:
    """Keep up the repository's mirror on this machine. A damaged one is cloned again.

    A failure delays nothing: the mirror can be read as before, and the next update requests the upkeep again.
    """
    repository = run.repository
    for name in remove_abandoned(Path(settings.DATA_DIR) / "mirrors"):
        log.warning("Removed %s, which a process that was killed had left behind", name)
    path = mirror.folder(repository)
    if not path.exists():  # another machine has it
        return True
    try:
        if not keep_up(str(path)):
            mirror.renew(repository)
    except GitError as error:
        log.warning("The upkeep of the mirror of %s failed: %s", repository.slug, error)
    return True
