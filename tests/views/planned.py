"""What the plan of the recorded world declares: one issue with two phases and two steps."""

from datetime import date, timedelta

from django.utils import timezone

from compliance.models import Issue, Phase, Repository, Step


def plan_rows(repository: Repository) -> None:
    """Write them; one phase is past its date."""
    issue = Issue.objects.create(
        repository=repository,
        key="#1274",
        title="Migrate the remaining deprecated calls",
        priority="P0",
        order=1,
        url="https://git.example.org/netra/issues/1274",
        tracker_state="open",
        checklist=[{"text": "Group 1", "done": True}, {"text": "Group 2", "done": False}],
    )
    today = timezone.now().date()
    phases: tuple[tuple[str, str, date], ...] = (
        ("golden-path", "Phase 1: Golden Path", today - timedelta(days=9)),
        ("cleanup", "Phase 3: Validation and cleanup", today + timedelta(days=20)),
    )
    for order, (key, title, due) in enumerate(phases):
        Phase.objects.create(issue=issue, key=key, title=title, order=order, due=due)
    Step.objects.create(issue=issue, order=0, title="Add the new function", risk="minimal")
    Step.objects.create(issue=issue, order=1, title="SupervisorAgent", risk="medium")
