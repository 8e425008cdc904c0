"""The public interface of the scan engine; the dashboard uses nothing else from this package."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from scanner.engine.cache import Key as ReportKey
from scanner.engine.cache import ReportStore, engine_version
from scanner.engine.certain_places import CertainPlace, certain_places
from scanner.engine.defined_since import defined_since
from scanner.engine.matching import MATCHING, compare, doubts_of, ran_out
from scanner.engine.movement import count_movement
from scanner.engine.revision_state import Files
from scanner.engine.saved_walk import WalkMemory
from scanner.engine.several_bases import compare_with_all, doubts_with_all, of_head_alone
from scanner.engine.walker import Visit, Walker
from scanner.engine.worker import reader_count
from scanner.git.address import host_keys, is_ssh, redacted, split_access
from scanner.git.batch import FILTERED, BlobChange
from scanner.git.command import (
    DamagedRepositoryError,
    EmptyRepositoryError,
    GitError,
    NotARepositoryError,
    Reason,
    RemoteError,
    UnknownRevisionError,
)
from scanner.git.estimate import Estimate, estimate
from scanner.git.hosts import embedded_address, is_inner, permit_networks, resolve_host
from scanner.git.links import Destination, Link, follow_links, links_at, new_links, regular_files
from scanner.git.local import git_dir_of, is_partial, is_shallow
from scanner.git.merge import Merge, MergeUnsupportedError, MergeWorkspace, merge_workspace
from scanner.git.refs import is_ref, keep_ref, list_refs
from scanner.git.remote import (
    Listing,
    branch_ref,
    clone_mirror,
    default_branch,
    fetch_commit,
    fetch_mirror,
    fetch_refs,
    follow_default_branch,
    is_complete,
    is_sound,
    list_remote,
    list_tips,
    ls_remote,
    renew_mirror,
)
from scanner.git.repository import Repository, open_repository
from scanner.git.ssh import SshAccess
from scanner.git.transfer import Watch
from scanner.git.upkeep import keep_up, needs_upkeep, remove_abandoned, remove_unfinished
from scanner.globs import glob_problem, path_matches, path_pattern
from scanner.model import (
    RISKS,
    Comparison,
    Difference,
    Fault,
    FileResult,
    Finding,
    Move,
    RepoPath,
    Revision,
    Risk,
    Slice,
    Suppression,
    Tally,
    decode_path,
    encode_path,
    percent,
)
from scanner.plan import IssueSpec, PhaseSpec, Plan
from scanner.planfile import DEFAULT_PATH, PlanError, read_plan
from scanner.planfile.description import Key as PlanKey
from scanner.planfile.description import Section as PlanSection
from scanner.planfile.description import plan_section
from scanner.planfile.editing import Document as PlanDocument
from scanner.planfile.editing import Edit as PlanEdit
from scanner.planfile.editing import EditError, apply_edit, read_fragment
from scanner.planfile.fields import is_id
from scanner.planfile.json_schema import json_schema as plan_schema
from scanner.planfile.unused import earlier_paths, idle_parts
from scanner.rules import kinds

if TYPE_CHECKING:
    from scanner.fixes.model import Guide, Refusal, Rewrite, Selection, Stage
    from scanner.fixes.requests import Series, rewrite_file, rewrite_revision
    from scanner.proposals import (
        Candidate,
        EarlierUse,
        Place,
        Proposal,
        compose_plan,
        extend_plan,
        is_covered,
        propose_plan,
    )

__all__ = [
    "DEFAULT_PATH",
    "FILTERED",
    "MATCHING",
    "RISKS",
    "BlobChange",
    "Candidate",
    "CertainPlace",
    "Comparison",
    "DamagedRepositoryError",
    "Destination",
    "Difference",
    "EarlierUse",
    "EditError",
    "EmptyRepositoryError",
    "Estimate",
    "Fault",
    "FileResult",
    "Files",
    "Finding",
    "GitError",
    "Guide",
    "IssueSpec",
    "Link",
    "Listing",
    "Merge",
    "MergeUnsupportedError",
    "MergeWorkspace",
    "Move",
    "NotARepositoryError",
    "PhaseSpec",
    "Place",
    "Plan",
    "PlanDocument",
    "PlanEdit",
    "PlanError",
    "PlanKey",
    "PlanSection",
    "Proposal",
    "Reason",
    "Refusal",
    "RemoteError",
    "RepoPath",
    "ReportKey",
    "ReportStore",
    "Repository",
    "Revision",
    "Rewrite",
    "Risk",
    "Selection",
    "Series",
    "Slice",
    "SshAccess",
    "Stage",
    "Suppression",
    "Tally",
    "UnknownRevisionError",
    "Visit",
    "WalkMemory",
    "Walker",
    "Watch",
    "apply_edit",
    "branch_ref",
    "certain_places",
    "clone_mirror",
    "compare",
    "compare_with_all",
    "compose_plan",
    "count_movement",
    "decode_path",
    "default_branch",
    "defined_since",
    "doubts_of",
    "doubts_with_all",
    "earlier_paths",
    "embedded_address",
    "encode_path",
    "engine_version",
    "estimate",
    "extend_plan",
    "fetch_commit",
    "fetch_mirror",
    "fetch_refs",
    "follow_default_branch",
    "follow_links",
    "git_dir_of",
    "glob_problem",
    "host_keys",
    "idle_parts",
    "is_complete",
    "is_covered",
    "is_id",
    "is_inner",
    "is_partial",
    "is_ref",
    "is_shallow",
    "is_sound",
    "is_ssh",
    "keep_ref",
    "keep_up",
    "kinds",
    "links_at",
    "list_refs",
    "list_remote",
    "list_tips",
    "ls_remote",
    "merge_workspace",
    "needs_upkeep",
    "new_links",
    "of_head_alone",
    "open_repository",
    "path_matches",
    "path_pattern",
    "percent",
    "permit_networks",
    "plan_schema",
    "plan_section",
    "propose_plan",
    "ran_out",
    "read_fragment",
    "read_plan",
    "reader_count",
    "redacted",
    "regular_files",
    "remove_abandoned",
    "remove_unfinished",
    "renew_mirror",
    "resolve_host",
    "rewrite_file",
    "rewrite_revision",
    "split_access",
]

_LATER = {
    **dict.fromkeys(("Series", "rewrite_file", "rewrite_revision"), "scanner.fixes.requests"),
    **dict.fromkeys(
        (
            "Candidate",
            "EarlierUse",
            "Place",
            "Proposal",
            "compose_plan",
            "extend_plan",
            "is_covered",
            "propose_plan",
        ),
        "scanner.proposals",
    ),
    **dict.fromkeys(("Guide", "Refusal", "Rewrite", "Selection", "Stage"), "scanner.fixes.model"),
}
"""Loaded on first use (PEP 562), because a scan fixes and proposes nothing."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
