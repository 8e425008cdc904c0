"""The job `patch`, which creates the patch for one file on demand and stores it for its commit and plan."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from difflib import SequenceMatcher
from typing import Any

import scanner
from compliance.jobs import JobRun
from compliance.models import File, Patch, Repository
from compliance.scans import mirror
from compliance.scans.report_store import report_store
from scanner import Guide, Refusal, RepoPath, Rewrite, read_plan


def patch(run: JobRun) -> bool:
    """Create the patch for a file, whose id is the job's key, at the newest commit under the active plan."""
    repository = Repository.objects.select_related("plan", "head").get(pk=run.repository.pk)
    file = File.objects.filter(repository=repository, pk=run.job.key).first()
    if file is None or repository.plan is None or repository.head is None:
        return True
    plan = read_plan(repository.plan.text, repository.plan.source)
    with report_store() as store, mirror.read(repository, repository.head.sha) as git:
        # Not imported above, because it loads LibCST.
        made = scanner.rewrite_file(git, repository.head.sha, RepoPath(file.path), plan, store)
    lines = lines_before(made)
    Patch.objects.filter(file=file).exclude(commit=repository.head, plan=repository.plan).delete()
    Patch.objects.update_or_create(
        file=file,
        commit=repository.head,
        plan=repository.plan,
        defaults={
            "text": made.patch,
            "fixed": len(made.fixed),
            "fixes": [found.fingerprint for found in made.fixed if found.path == made.path],
            "refused": [_told(refusal, lines) for refusal in made.refused],
            "guides": [_told(guide, lines) for guide in made.guides],
        },
    )
    return True


def lines_before(made: Rewrite) -> dict[int, int]:
    """Map line numbers in the patched file, which the engine reports, to line numbers in the current file."""
    matcher = SequenceMatcher(None, made.before.splitlines(), made.after.splitlines(), autojunk=False)
    return {
        after + number + 1: before + number + 1
        for before, after, size in matcher.get_matching_blocks()
        for number in range(size)
    }


def _told(left: Refusal | Guide, lines: Mapping[int, int]) -> dict[str, Any]:
    """Return the fields that pages show, with all line numbers mapped to the current file."""

    def lead(found: re.Match[str]) -> str:
        line = int(found[1])
        return f"line {lines.get(line, line)}"

    def mapped(value: Any) -> Any:
        if isinstance(value, str):
            return re.sub(r"\bline (\d+)", lead, value)
        return [mapped(part) for part in value] if isinstance(value, (list, tuple)) else value

    told = {key: mapped(value) for key, value in asdict(left).items()}
    return {**told, "line": lines.get(left.line, left.line)}
