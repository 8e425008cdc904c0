"""The `plan check`, `plan show`, `plan init` and `plan schema` commands.

They report errors and unused parts, print an outline, write a proposed plan, and print the JSON Schema.
"""

import json
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from scanner.commands import UsageError, warn, write
from scanner.commands.inputs import find_plan, read_file, scan_revision
from scanner.commands.plan_outline import outline
from scanner.commands.proposed_plan import proposed_plan
from scanner.formats import Scan
from scanner.git.repository import Repository, open_repository
from scanner.model import RepoPath, decode_path
from scanner.plan import Plan
from scanner.planfile import read_plan
from scanner.planfile.json_schema import json_schema
from scanner.planfile.unused import earlier_paths, idle_parts
from scanner.wording import counted


def run(options: Namespace) -> int:
    """Run one of the plan actions."""
    return _ACTIONS[options.action](options)


def _check(options: Namespace) -> int:
    """Raise PlanError if the plan has errors, and warn about unused parts.

    A plan file outside a repository is only checked for errors.
    """
    if Path(options.repository).is_file():
        if options.plan:
            raise UsageError(
                f"{options.repository} is a plan file, and --plan names a second one; give only one of them"
            )
        write([_summary(read_plan(read_file(options.repository), options.repository), "")])
        return 0
    plan, report, paths = _judged(options)
    earlier = partial(_earlier_paths, options.repository, report.revision.sha)
    for warning in idle_parts(plan, report.findings, paths, earlier):
        warn(f"warning: {warning}")
    write([_summary(plan, f" at {report.revision.sha[:10]}")])
    return 0


def _summary(plan: Plan, where: str) -> str:
    phases = sum(len(issue.phases) for issue in plan.issues)
    parts = {"rule": len(plan.rules), "issue": len(plan.issues), "phase": phases}
    counts = ", ".join(counted(number, noun) for noun, number in parts.items())
    return f"{plan.name}: no errors{where}; {counts}; digest {plan.digest[:12]}"


def _show(options: Namespace) -> int:
    _, report, _ = _judged(options)
    write(outline(report))
    return 0


def _init(options: Namespace) -> int:
    if options.plan:
        raise UsageError(
            "plan init writes to standard output and does not accept --plan; redirect the output: `> FILE`"
        )
    with open_repository(options.repository) as repository:
        sha = repository.resolve(options.rev)
        write(proposed_plan(repository, sha).splitlines())
    return 0


def _schema(_: Namespace) -> int:
    write([json.dumps(json_schema(), indent=2)])
    return 0


def _judged(options: Namespace) -> tuple[Plan, Scan, list[RepoPath]]:
    """Return the plan, the revision scanned under it, and all paths in that revision."""
    with open_repository(options.repository) as repository:
        sha = repository.resolve(options.rev)
        plan = find_plan(repository, sha, options.plan, options.server)
        return plan, scan_revision(repository, plan, sha), _paths(repository, sha)


def _paths(repository: Repository, sha: str) -> list[RepoPath]:
    return [decode_path(path) for path, _ in repository.files(sha)]


def _earlier_paths(folder: str, sha: str) -> set[RepoPath]:
    with open_repository(folder) as repository:
        return earlier_paths(repository, sha)


_ACTIONS: dict[str, Callable[[Namespace], int]] = {
    "check": _check,
    "show": _show,
    "init": _init,
    "schema": _schema,
}
