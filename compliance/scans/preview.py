"""The job `preview`, which evaluates the newest commit under an edited plan and under the plan that it is
based on.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

from compliance.jobs import JobRun, ReportedError
from compliance.lib.field_types import storable
from compliance.lib.wording import count_of, join_names
from compliance.models import PlanDraft, PlanVersion
from compliance.progress.repairs import fixed_since_baseline
from compliance.scans import mirror
from compliance.scans.history_depth import commits_to_read
from compliance.scans.plan_diff import changes
from compliance.scans.preview_waivers import Accepts, accepting
from compliance.scans.problems import TroubleError
from compliance.scans.report_store import walking
from scanner import Finding, GitError, Plan, Tally, decode_path, earlier_paths, idle_parts, read_plan
from scanner import Repository as GitRepository

CHANGES = ("enters", "leaves", "violating now", "clean now", "changed")
"""The kinds of effects on a file: newly counted or no longer counted, violating or clean, or changed
numbers. Of a first plan, only the violating files are listed: nothing was counted before.
"""

MOST_OVERLAPS, OVERLAP_EXAMPLES = 10, 3
"""Maximum number of pairs of rules that are named, and of the places that are named for each."""

DIMENSIONS = ("phase", "issue", "rule", "risk", "category")

Stand = tuple[str, int, bool]
"""A file's category, its number of violations, and a flag that says if it is counted."""


@dataclass
class Look:
    """The figures for one revision under one plan. `waived` says how many of the counted violations are
    waived, and `accepted` how many of the counted files would be clean without them.
    """

    plan: Plan
    tally: Tally
    waived: int = 0
    accepted: int = 0
    files: dict[str, Stand] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Outcome:
    """The effect of a draft. `before` is null if no plan was active.

    The figures include waived violations; `waived` contains their number for each side. `by` has rows
    `{dimension, key, title, before, after}`, in which each side is `[violations, files]`, or null if that
    plan lacks the slice. Rules and risks count the counted categories only, and phases and issues all that
    they include. Rows of rules also have `everywhere`, in which each side is `[violations, definitions]` in
    all categories, the definitions being those violations that define what the rule reports.

    `changed` maps each kind of effect to its number of files. `idle` lists the parts of the plan that match
    nothing although nothing was fixed in them, and `overlaps` the rules that report the same places.
    `commits` is the number of commits that are evaluated once the draft is activated.
    """

    commit: str
    words: list[str]
    idle: list[str]
    before: dict[str, Any] | None
    after: dict[str, Any]
    by: list[dict[str, Any]]
    changed: dict[str, int]
    overlaps: list[str] = field(default_factory=list)
    commits: int = 0


def preview(run: JobRun) -> bool:
    """Evaluate the newest commit under both plans and store the differences with the draft."""
    draft = PlanDraft.objects.select_related("base").filter(pk=run.job.detail.get("draft")).first()
    if draft is None:
        return True
    try:
        with mirror.read_newest(run.repository) as (git, sha):
            outcome, files = _compare(run, git, sha, draft)
    except (GitError, TroubleError) as error:
        PlanDraft.objects.filter(pk=draft.pk).update(trouble=storable(str(error)))
        if isinstance(error, GitError):
            raise ReportedError from error
        return True
    PlanDraft.objects.filter(pk=draft.pk).update(outcome=asdict(outcome), files=files, trouble="")
    return True


def _compare(run: JobRun, git: GitRepository, sha: str, draft: PlanDraft) -> tuple[Outcome, list[list[Any]]]:
    run.progress(0, 2)
    new = read_plan(draft.text, "the edited plan")
    after = look(git, new, sha, accepting(run.repository, None))
    run.progress(1, 2)
    base = draft.base
    waived = accepting(run.repository, base.pk if base else None)
    before = look(git, read_plan(base.text, base.source), sha, waived) if base else None
    run.progress(2, 2)
    files = differing(before, after)
    paths = [decode_path(path) for path, _ in git.files(sha)]
    idle = idle_parts(new, after.findings, paths, lambda: earlier_paths(git, sha))
    told = Outcome(
        commit=sha,
        words=changes(before.plan, new) if before else [],
        idle=[words for words in idle if words not in _done(new, base)],
        before=_figures(before) if before else None,
        after=_figures(after),
        by=_slices(before, after),
        changed={name: sum(row[0] == name for row in files) for name in CHANGES},
        overlaps=_overlaps(after.findings),
        commits=commits_to_read(run.repository, git, sha),
    )
    return told, files


def _done(plan: Plan, base: PlanVersion | None) -> set[str]:
    """Return the texts about parts that match nothing only because everything in them has been fixed."""
    fixed = fixed_since_baseline([base.pk])[base.pk] if base else {"phase": {}, "issue": {}}
    told = set()
    for issue in plan.issues:
        if issue.key in fixed["issue"]:
            told.add(f"issue `{issue.key}` includes no findings")
        for phase in issue.phases:
            if phase.id in fixed["phase"]:
                told.add(f"phase `{phase.id}` of issue `{issue.key}` includes no findings")
    return told


def _overlaps(findings: list[Finding]) -> list[str]:
    """Return a warning for each pair of rules that report the same places, which then count twice."""
    places: dict[tuple[str, int, int], set[str]] = {}
    for finding in findings:
        if not finding.suppressed:
            places.setdefault((finding.path, finding.line, finding.column), set()).add(finding.rule)
    shared: dict[tuple[str, str], list[str]] = {}
    for (path, line, _), rules in sorted(places.items()):
        for one, other in combinations(sorted(rules), 2):
            shared.setdefault((one, other), []).append(f"{path}:{line}")
    pairs = sorted(shared.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [_overlap(rules, found) for rules, found in pairs[:MOST_OVERLAPS]]


def _overlap(rules: tuple[str, str], places: list[str]) -> str:
    """Return the warning for two rules, with some of the places that both report."""
    named = list(dict.fromkeys(places))[:OVERLAP_EXAMPLES]
    return (
        f"The rules {' and '.join(rules)} both report {count_of(len(places), 'place')}, so the violations "
        f"there count twice, for example {join_names([f'`{storable(place)}`' for place in named])}. Exclude "
        "them from one of the rules, for example with `paths`."
    )


def look(git: GitRepository, plan: Plan, sha: str, waived: Accepts) -> Look:
    """Evaluate one revision. Unreadable files aren't counted."""
    with walking(git, plan) as walker:
        visit = next(walker.walk([sha]))
        files = dict(visit.files.items())
    seen = Look(plan, visit.tally)
    for path, result in files.items():
        counted = result.skipped is None and result.category in plan.compliance_counts
        found = len(result.violations)
        accepted = sum(map(waived, result.violations))
        if counted:
            seen.waived += accepted
            seen.accepted += accepted == found > 0 and not result.tainted
        seen.files[path] = (result.category, found, counted)
        seen.findings += result.findings
    return seen


def differing(before: Look | None, after: Look) -> list[list[Any]]:
    """Return the files that change, ordered by kind of change and path. For the format, see
    `PlanDraft.files`.
    """
    known = before.files if before else {}
    rows = []
    for path in known.keys() | after.files.keys():
        old, new = known.get(path, ("", 0, False)), after.files.get(path, ("", 0, False))
        if before is None:
            old = (old[0], old[1], new[2])
        if old != new and (before or new[1]):
            rows.append([_change(old, new), path, old[0], new[0], old[1], new[1]])
    return sorted(rows, key=lambda row: (CHANGES.index(row[0]), row[1]))


def _change(old: Stand, new: Stand) -> str:
    if old[2] != new[2]:
        return "enters" if new[2] else "leaves"
    if bool(old[1]) != bool(new[1]):
        return "violating now" if new[1] else "clean now"
    return "changed"


def _figures(seen: Look) -> dict[str, Any]:
    tally = seen.tally
    slices = tally.by["category"].values()
    names = ("clean", "files", "violations", "files_with_violations", "old_sites", "new_sites", "suppressed")
    return {
        "percent": tally.percent,
        "target": seen.plan.target_percent,
        "counted": list(seen.plan.compliance_counts),
        "all_violations": sum(part.violations for part in slices),
        "waived": seen.waived,
        "clean_with_waivers": tally.clean + seen.accepted,
        **{name: getattr(tally, name) for name in (*names, "unparsed", "skipped")},
    }


def _slices(before: Look | None, after: Look) -> list[dict[str, Any]]:
    titles = {
        key: title
        for seen in (before, after)
        if seen
        for issue in seen.plan.issues
        for key, title in ((issue.key, issue.title), *((phase.id, phase.title) for phase in issue.phases))
    }
    rows = []
    all_ = [_everywhere(seen) for seen in (before, after)]
    for dimension in DIMENSIONS:
        sides = [seen.tally.by.get(dimension, {}) if seen else {} for seen in (before, after)]
        for key in dict.fromkeys((*sides[1], *sides[0])):
            parts = [side.get(key) for side in sides]
            told = [[part.violations, part.files_with_violations] if part else None for part in parts]
            title = titles.get(key, "") if dimension in {"phase", "issue"} else ""
            row: dict[str, Any] = {
                "dimension": dimension,
                "key": key,
                "title": title,
                "before": told[0],
                "after": told[1],
            }
            if dimension == "rule":
                row["everywhere"] = [
                    side[key] if part else None for side, part in zip(all_, parts, strict=True)
                ]
            rows.append(row)
    return rows


def _everywhere(seen: Look | None) -> dict[str, list[int]]:
    """Return the numbers of violations and of definitions among them in all categories, by rule."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for finding in seen.findings if seen else ():
        if not finding.suppressed:
            found[finding.rule][0] += 1
            found[finding.rule][1] += finding.role == "definition"
    return found
