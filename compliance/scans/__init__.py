"""Scans: reads git with the engine and records the results as rows. This is the only package that runs the
engine.
"""

from compliance.scans.baselines import BaselineError, measure_again, set_baseline
from compliance.scans.engine_upgrade import declare_release
from compliance.scans.folders import describe as describe_folder
from compliance.scans.patches import patch
from compliance.scans.plan_editing import (
    ConflictError,
    HomeError,
    adopt,
    check_home,
    current,
    differences,
    draft,
    follow,
    phases_of,
    restore,
)
from compliance.scans.plan_editing import (
    is_file as is_plan_a_file,
)
from compliance.scans.plan_trial import TrialState, cancel_trial, trial, trial_state, try_rule
from compliance.scans.polling import describe as describe_polling
from compliance.scans.polling import poll
from compliance.scans.preview import CHANGES, preview
from compliance.scans.problems import TroubleError
from compliance.scans.proposals import ProposalError, candidates_of, draft_from, propose, request_proposal
from compliance.scans.reading import read
from compliance.scans.source_texts import source
from compliance.scans.tracking import PlanKeptError, track
from compliance.scans.trial_text import text_with_rule
from compliance.scans.update import backfill, update
from compliance.scans.upkeep import upkeep
from scanner import (
    RISKS,
    Candidate,
    EditError,
    GitError,
    PlanDocument,
    PlanEdit,
    PlanError,
    PlanKey,
    PlanSection,
    apply_edit,
    engine_version,
    is_id,
    kinds,
    plan_schema,
    plan_section,
    read_fragment,
    read_plan,
)

__all__ = [
    "CHANGES",
    "RISKS",
    "BaselineError",
    "Candidate",
    "ConflictError",
    "EditError",
    "GitError",
    "HomeError",
    "PlanDocument",
    "PlanEdit",
    "PlanError",
    "PlanKeptError",
    "PlanKey",
    "PlanSection",
    "ProposalError",
    "TrialState",
    "TroubleError",
    "adopt",
    "apply_edit",
    "backfill",
    "cancel_trial",
    "candidates_of",
    "check_home",
    "current",
    "declare_release",
    "describe_folder",
    "describe_polling",
    "differences",
    "draft",
    "draft_from",
    "engine_version",
    "follow",
    "is_id",
    "is_plan_a_file",
    "kinds",
    "measure_again",
    "patch",
    "phases_of",
    "plan_schema",
    "plan_section",
    "poll",
    "preview",
    "propose",
    "read",
    "read_fragment",
    "read_plan",
    "request_proposal",
    "restore",
    "set_baseline",
    "source",
    "text_with_rule",
    "track",
    "trial",
    "trial_state",
    "try_rule",
    "update",
    "upkeep",
]
