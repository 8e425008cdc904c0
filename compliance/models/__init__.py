"""The records, one room a file; import them from here."""

from compliance.models.delivery import Delivery, Notice
from compliance.models.evidence import Approval, Measurement, TestCase, TestRun
from compliance.models.history import Change, Commit, File, FileState, Repair, Snapshot, Violation
from compliance.models.repository import PlanVersion, Repository
from compliance.models.tracker import Issue, Phase, Step
from compliance.models.work import Claim, Heartbeat, Job, Waiver

__all__ = [
    "Approval",
    "Change",
    "Claim",
    "Commit",
    "Delivery",
    "File",
    "FileState",
    "Heartbeat",
    "Issue",
    "Job",
    "Measurement",
    "Notice",
    "Phase",
    "PlanVersion",
    "Repair",
    "Repository",
    "Snapshot",
    "Step",
    "TestCase",
    "TestRun",
    "Violation",
    "Waiver",
]
