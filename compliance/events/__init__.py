"""What rooms tell each other: signals within a transaction, and events about which people are notified."""

from compliance.events.emission import JOB, MOST_VALUES, emit, resume
from compliance.events.signals import (
    check_requested,
    commit_recorded,
    figures_changed,
    history_evaluated,
    issue_heard,
    phases_changed,
    plan_activated,
    pull_request_left,
)

__all__ = [
    "JOB",
    "MOST_VALUES",
    "check_requested",
    "commit_recorded",
    "emit",
    "figures_changed",
    "history_evaluated",
    "issue_heard",
    "phases_changed",
    "plan_activated",
    "pull_request_left",
    "resume",
]
