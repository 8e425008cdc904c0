"""Evidence for closing phases: test reports, measurements, approvals, and the criteria that they must
meet.
"""

from compliance.evidence.approvals import ApprovalError, approve, may_approve, roles_wanted, withdraw
from compliance.evidence.criteria import CriterionResult, criteria_of
from compliance.evidence.measurements import receive_measurement
from compliance.evidence.phases import (
    criterion_results,
    on_commit_recorded,
    on_figures_changed,
    planned_phases,
)
from compliance.evidence.test_reports import Receipt, receive_report, waiting
from compliance.evidence.timeline import on_history_evaluated, rebuild_timeline
from compliance.evidence.uploads import UploadError

__all__ = [
    "ApprovalError",
    "CriterionResult",
    "Receipt",
    "UploadError",
    "approve",
    "criteria_of",
    "criterion_results",
    "may_approve",
    "on_commit_recorded",
    "on_figures_changed",
    "on_history_evaluated",
    "planned_phases",
    "rebuild_timeline",
    "receive_measurement",
    "receive_report",
    "roles_wanted",
    "waiting",
    "withdraw",
]
