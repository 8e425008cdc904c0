"""Handles force pushes: rolls the records back to the last commit that the old and the new branch have in
common.
"""

from compliance.events import history_evaluated
from compliance.models import Commit, PlanVersion, Snapshot
from compliance.progress import baseline
from compliance.progress.file_status import refresh
from compliance.scans import row_rollback
from compliance.scans.recording import recording
from compliance.scans.scan import Scan


def join(scan: Scan) -> None:
    """Roll back the records of commits that are no longer on the branch, and store the branch's new
    length.
    """
    repository = scan.repository
    known = Commit.objects.filter(repository=repository, position__isnull=False).order_by("-position")
    top = known.first()
    if top is not None and not _continues(scan, top):
        roll_back(scan, _find_fork(scan))
    repository.line_length = scan.length
    repository.save(update_fields=("line_length",))


def _continues(scan: Scan, top: Commit) -> bool:
    """Return true if the newest recorded commit is still on the branch, at the same position."""
    above = scan.length - top.height
    return above >= 0 and list(scan.git.line(scan.tip, limit=above + 1))[-1].sha == top.sha


def _find_fork(scan: Scan) -> int:
    """Return the highest position at which the records and the branch have the same commit, or 0 if there is
    none.
    """
    line = {scan.length - index: revision.sha for index, revision in enumerate(scan.git.line(scan.tip))}
    known = Commit.objects.filter(repository=scan.repository, position__isnull=False).order_by("-position")
    for position, sha in ((row.position or 0, row.sha) for row in known.only("position", "sha").iterator()):
        if line.get(position) == sha:
            return position
    return 0


def roll_back(scan: Scan, fork: int) -> None:
    """Remove every commit after a position from the history of all plan versions, in one transaction.

    Rows that were opened later are deleted, rows that were closed later are reopened, and later moves are
    undone. The commits keep their figures and changes, so that their pages remain available.
    """
    repository = scan.repository
    with recording(scan) as pending:
        for version in PlanVersion.objects.filter(repository=repository):
            row_rollback.undo(version, fork)
        row_rollback.leave_branch(Commit.objects.filter(repository=repository, position__gt=fork))
        baseline.roll_back(repository, scan.length)
        newest = Snapshot.objects.filter(plan=repository.plan, commit__position=fork).first()
        pending.change(head=newest.commit if newest else None)
        if fork < repository.history_floor:  # nothing of what was read is left
            pending.change(history_done=False, history_floor=1 if repository.history_floor == 1 else 0)
        if repository.plan and repository.head:
            refresh(repository, repository.plan)
        history_evaluated.send(repository)
