"""Evidence that closes phases: test reports, measurements, approvals, and the verdicts drawn from them."""

from compliance.evidence.approvals import ApprovalError, approve, may_approve, roles_wanted, withdraw
from compliance.evidence.criteria import Verdict, criteria_of
from compliance.evidence.measurements import receive_measurement
from compliance.evidence.phases import in_plan, note_commit, note_figures, verdicts
from compliance.evidence.test_reports import Receipt, receive_report, waiting
from compliance.evidence.timeline import note_line, rejudge
from compliance.evidence.uploads import UploadError

__all__ = [
    "ApprovalError",
    "Receipt",
    "UploadError",
    "Verdict",
    "approve",
    "criteria_of",
    "in_plan",
    "may_approve",
    "note_commit",
    "note_figures",
    "note_line",
    "receive_measurement",
    "receive_report",
    "rejudge",
    "roles_wanted",
    "verdicts",
    "waiting",
    "withdraw",
]
