"""The database models, organised into one module per subject. Import them from this package."""

from compliance.models.access_change import AccessChange
from compliance.models.alert import Alert
from compliance.models.baseline import Baseline
from compliance.models.channel import Channel
from compliance.models.check_result import CheckResult
from compliance.models.commit import Commit, dated_at
from compliance.models.connection import Attachment, Connection, lock_slugs, taken_slugs
from compliance.models.delivery import Delivery, RejectedDelivery, RejectedWebhook
from compliance.models.draft import PlanDraft
from compliance.models.editor import EditorChoice
from compliance.models.evidence import Approval, Measurement, SuiteResult, TestCase, TestRun
from compliance.models.forecast import RecordedForecast
from compliance.models.gate_policy import GatePolicy
from compliance.models.history import INDEXED_PATH, Change, File, FileState, Snapshot, Violation
from compliance.models.identity import Address, Forge, Handle, Person, Team
from compliance.models.installation import EngineRelease, KeyFingerprint, MaintenanceMode
from compliance.models.issue_note import IssueNote, IssueNotePolicy, PhaseIssue
from compliance.models.job_total import DURATIONS, JobTotal
from compliance.models.known_issue import KnownIssue
from compliance.models.marker import Marker
from compliance.models.notification import (
    Cadence,
    DigestEntry,
    InboxEntry,
    NotificationEvent,
    NotificationRule,
    NotificationSettings,
    RepositoryWatch,
    TopicPreference,
    Way,
)
from compliance.models.outbox import OutboxItem
from compliance.models.path_parts import SHORTEST_PART, PathParts
from compliance.models.path_words import PathWords
from compliance.models.people import Account, ExternalLogin, Invitation, Membership
from compliance.models.plan_trial import PlanTrial
from compliance.models.proposal import PlanProposal
from compliance.models.pull_request_check import (
    COUNT_COLUMNS,
    MOST_FINDINGS,
    OF_NEWEST_HEAD,
    CheckFinding,
    PullRequestCheck,
)
from compliance.models.reading import ReadingRange, SharedReport
from compliance.models.rename import Rename
from compliance.models.repository import PlanVersion, Repository
from compliance.models.repository_setup import FormerSlug, RepositorySetup, UnreadHistory
from compliance.models.risk import Risk, risk_rank
from compliance.models.sharing import PublicLink, Subscription
from compliance.models.source import OwnersFile, SourceText
from compliance.models.token import Allowance, Token
from compliance.models.tracker import Issue, Phase, PullRequest, Step
from compliance.models.walk import WalkPart
from compliance.models.work import Claim, Heartbeat, Job, Patch, ScheduledTask, Waiver

__all__ = [
    "COUNT_COLUMNS",
    "DURATIONS",
    "INDEXED_PATH",
    "MOST_FINDINGS",
    "OF_NEWEST_HEAD",
    "SHORTEST_PART",
    "AccessChange",
    "Account",
    "Address",
    "Alert",
    "Allowance",
    "Approval",
    "Attachment",
    "Baseline",
    "Cadence",
    "Change",
    "Channel",
    "CheckFinding",
    "CheckResult",
    "Claim",
    "Commit",
    "Connection",
    "Delivery",
    "DigestEntry",
    "EditorChoice",
    "EngineRelease",
    "ExternalLogin",
    "File",
    "FileState",
    "Forge",
    "FormerSlug",
    "GatePolicy",
    "Handle",
    "Heartbeat",
    "InboxEntry",
    "Invitation",
    "Issue",
    "IssueNote",
    "IssueNotePolicy",
    "Job",
    "JobTotal",
    "KeyFingerprint",
    "KnownIssue",
    "MaintenanceMode",
    "Marker",
    "Measurement",
    "Membership",
    "NotificationEvent",
    "NotificationRule",
    "NotificationSettings",
    "OutboxItem",
    "OwnersFile",
    "Patch",
    "PathParts",
    "PathWords",
    "Person",
    "Phase",
    "PhaseIssue",
    "PlanDraft",
    "PlanProposal",
    "PlanTrial",
    "PlanVersion",
    "PublicLink",
    "PullRequest",
    "PullRequestCheck",
    "ReadingRange",
    "RecordedForecast",
    "RejectedDelivery",
    "RejectedWebhook",
    "Rename",
    "Repository",
    "RepositorySetup",
    "RepositoryWatch",
    "Risk",
    "ScheduledTask",
    "SharedReport",
    "Snapshot",
    "SourceText",
    "Step",
    "Subscription",
    "SuiteResult",
    "Team",
    "TestCase",
    "TestRun",
    "Token",
    "TopicPreference",
    "UnreadHistory",
    "Violation",
    "Waiver",
    "WalkPart",
    "Way",
    "dated_at",
    "lock_slugs",
    "risk_rank",
    "taken_slugs",
]
