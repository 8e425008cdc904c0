"""Reports commits with which a repository reaches the target percentage of its plan."""

from datetime import timedelta

from django.utils import timezone

from compliance.events import emit
from compliance.lib.figures import percent
from compliance.models import Commit, NotificationEvent, Repository, Snapshot

TOPIC = "target.reached"

QUIET_FOR = timedelta(days=7)
"""Time within which the target isn't reported again. It may be lost and reached again within a day, and a
force push may replace the commit that reached it.
"""


def on_commit_recorded(sender: Repository, commit: Commit, **_: object) -> None:
    """Report a commit whose percentage reaches the target, if that of its parent didn't. Receives
    `commit_recorded`.

    Both are those under the active plan, so a plan with a lower target reaches nothing.
    """
    plan, position = sender.plan, commit.position
    if plan is None or position is None:
        return
    columns = ("commit__position", "clean", "files")
    rows = Snapshot.objects.filter(
        plan=plan, commit__repository=sender, commit__position__in=(position - 1, position)
    )
    figures = {at: (clean, files) for at, clean, files in rows.values_list(*columns)}
    if len(figures) < 2:
        return
    before, after = percent(*figures[position - 1]), percent(*figures[position])
    target = float(plan.target_percent)
    if before is None or after is None or not before < target <= after or _is_recent(sender):
        return
    clean, files = figures[position]
    detail = {"sha": commit.sha, "subject": commit.subject, "author": commit.author_name}
    emit(
        TOPIC,
        commit.sha,
        repository=sender,
        happened_at=timezone.now(),
        detail={**detail, "target": target, "percent": after, "clean": clean, "files": files},
    )


def _is_recent(repository: Repository) -> bool:
    since = timezone.now() - QUIET_FOR
    rows = NotificationEvent.objects.filter(repository=repository, topic=TOPIC)
    return rows.filter(recorded_at__gt=since).exists()
