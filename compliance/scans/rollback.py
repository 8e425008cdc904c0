"""Handles force pushes: rolls the records back to the last commit that the old and the new branch have in
common.
"""

from django.db import connection

from compliance.events import history_evaluated
from compliance.lib.batches import index_plans
from compliance.models import Commit, Snapshot
from compliance.progress import baseline
from compliance.progress.file_status import refresh
from compliance.scans.recording import recording
from compliance.scans.scan import Scan

# A version whose history doesn't reach back to the fork has no state to return to, so it is deleted entirely.
_GONE = """(%(fork)s = 0 OR NOT EXISTS (
    SELECT FROM compliance_snapshot AS figures
    JOIN compliance_commit AS commit ON commit.id = figures.commit_id
    WHERE figures.plan_id = plan.id AND commit.position <= %(fork)s))"""

_ROLL_BACK = (
    # Changes are self-contained, so they are kept when the rows of their violations are deleted.
    f"""UPDATE compliance_change SET violation_id = NULL WHERE violation_id IN (
        SELECT violation.id FROM compliance_violation AS violation
        JOIN compliance_planversion AS plan ON plan.id = violation.plan_id
        WHERE plan.repository_id = %(repository)s AND (violation.first > %(fork)s OR {_GONE}))""",  # noqa: S608  (built from constants only)
    f"""DELETE FROM compliance_violation AS violation USING compliance_planversion AS plan
        WHERE plan.id = violation.plan_id AND plan.repository_id = %(repository)s
        AND (violation.first > %(fork)s OR {_GONE})""",  # noqa: S608
    f"""DELETE FROM compliance_filestate AS said USING compliance_planversion AS plan
        WHERE plan.id = said.plan_id AND plan.repository_id = %(repository)s
        AND (said.first > %(fork)s OR {_GONE})""",  # noqa: S608
    # All rows that are open at the fork are temporarily closed there, because the statements below restore
    # the keys one by one, and two open rows must never share a key.
    """UPDATE compliance_violation AS violation SET last = %(fork)s, resolved_id = NULL, silenced = false
        FROM compliance_planversion AS plan
        WHERE plan.id = violation.plan_id AND plan.repository_id = %(repository)s
        AND (violation.last IS NULL OR violation.last >= %(fork)s)""",
    """UPDATE compliance_violation AS violation
        SET file_id = file.id, line = moved.old_line, snippet = moved.old_snippet,
            fingerprint = moved.old_fingerprint
        FROM (
            SELECT DISTINCT ON (change.violation_id) change.*
            FROM compliance_change AS change JOIN compliance_commit AS commit ON commit.id = change.commit_id
            WHERE commit.repository_id = %(repository)s AND commit.position > %(fork)s
                AND change.kind = 'moved' AND change.violation_id IS NOT NULL
            ORDER BY change.violation_id, commit.position
        ) AS moved
        JOIN compliance_file AS file ON file.repository_id + 0 = %(repository)s AND file.path = moved.old_path
        WHERE violation.id = moved.violation_id""",
    """UPDATE compliance_violation AS violation SET last = NULL FROM compliance_planversion AS plan
        WHERE plan.id = violation.plan_id AND plan.repository_id = %(repository)s
        AND violation.last = %(fork)s AND violation.resolved_id IS NULL""",
    """UPDATE compliance_filestate AS said SET last = NULL FROM compliance_planversion AS plan
        WHERE plan.id = said.plan_id AND plan.repository_id = %(repository)s AND said.last >= %(fork)s""",
    f"""DELETE FROM compliance_rename AS rename USING compliance_planversion AS plan
        WHERE plan.id = rename.plan_id AND plan.repository_id = %(repository)s
        AND (rename.position > %(fork)s OR {_GONE})""",  # noqa: S608
    """DELETE FROM compliance_repair AS repair USING compliance_planversion AS plan
        WHERE plan.id = repair.plan_id AND plan.repository_id = %(repository)s""",
    """INSERT INTO compliance_repair (plan_id, dimension, key, violations)
        SELECT violation.plan_id, part.dimension, part.key, count(*)
        FROM compliance_violation AS violation
        JOIN compliance_planversion AS plan ON plan.id = violation.plan_id
        CROSS JOIN LATERAL (
            SELECT 'phase' AS dimension, jsonb_array_elements_text(violation.phases) AS key
            UNION ALL SELECT 'issue', jsonb_array_elements_text(violation.issues)
        ) AS part
        WHERE plan.repository_id = %(repository)s AND violation.last IS NOT NULL
            AND NOT violation.suppressed AND NOT violation.silenced
        GROUP BY 1, 2, 3""",
    """UPDATE compliance_commit SET position = NULL
        WHERE repository_id = %(repository)s AND position > %(fork)s""",
)


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
        with index_plans(), connection.cursor() as cursor:
            for statement in _ROLL_BACK:
                cursor.execute(statement, {"repository": repository.pk, "fork": fork})
        baseline.roll_back(repository, scan.length)
        newest = Snapshot.objects.filter(plan=repository.plan, commit__position=fork).first()
        pending.change(
            head=newest.commit if newest else None, history_done=repository.history_done and fork > 0
        )
        if repository.plan and repository.head:
            refresh(repository, repository.plan)
        history_evaluated.send(repository)
