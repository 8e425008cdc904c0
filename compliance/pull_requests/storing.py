"""Stores judgements with their verdicts, and requests their publication."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from compliance.jobs import JobRun
from compliance.lib.batches import batches
from compliance.models import COUNT_COLUMNS, MOST_FINDINGS, CheckFinding, PullRequestCheck, Waiver
from compliance.people.codeowners import PLACES
from compliance.pull_requests import report
from compliance.pull_requests.blocked import follow_verdict
from compliance.pull_requests.override import override_of
from compliance.pull_requests.patches import keep_patches, limit_notes, request_patches
from compliance.pull_requests.policy import policy_of
from compliance.pull_requests.together import NOTHING, Together, report_on_causes
from compliance.pull_requests.verdict import (
    Evidence,
    Level,
    Policy,
    Verdict,
    decide,
    evidence_of,
    undetermined,
)
from compliance.pull_requests.waived import covered
from compliance.scans.judgements import Found, Judgement
from compliance.scans.judging import Base

Kind = CheckFinding.Kind
State = PullRequestCheck.State


@dataclass(frozen=True, slots=True)
class Basis:
    """What a head was judged against: its base, the tip of its target at that time, and the plan version."""

    base: Base
    target: str
    plan: int


def store(
    run: JobRun,
    check: PullRequestCheck,
    judgement: Judgement,
    basis: Basis,
    together: Together = NOTHING,
) -> None:
    """Store a judgement and the verdict on it, and publish it. Whatever an earlier one found is replaced."""
    evidence = evidence_of(judgement, together.found)
    waived = covered(check.repository, (*evidence.brought, *evidence.together, *evidence.hidden))
    policy = policy_of(check.repository)
    kinds = _kinds(judgement, evidence)
    counted = [found for found in evidence.brought if policy.level_of(found.risk) != Level.OFF]
    values = {
        "base_sha": basis.base.sha,
        "base_reason": basis.base.reason,
        "target_sha": basis.target,
        "plan_id": basis.plan,
        "clean_before": judgement.before.clean,
        "files_before": judgement.before.files,
        "clean_after": judgement.after.clean,
        "files_after": judgement.after.files,
        "notes": [
            *_notes(check, judgement),
            *limit_notes(found.path for found in judgement.brought),
            *([together.note] if together.note else []),
        ],
        "merge_note": together.note,
        "phases": {phase: list(numbers) for phase, numbers in judgement.phases.items()},
        **{COUNT_COLUMNS[kind]: len(found) for kind, found in kinds.items()},
        "uncounted": len(judgement.new) + len(judgement.restored) - len(counted),
        "waived": sum(found in waived for found in counted),
        "ignored": _ignored(kinds, policy),
    }
    with _locked(check) as row:
        decided = decide(evidence, policy, waived, override_of(row))
        kept = (_rows(row, kind, found, decided.blocking, waived) for kind, found in kinds.items())
        rows = list(chain.from_iterable(kept))
        _add_causes(rows, together)
        is_patched = keep_patches(row, basis.plan, rows)
        _write(run, row, decided, values, rows)
        if not is_patched:
            request_patches(row, run.job.cause)


def store_error(run: JobRun, check: PullRequestCheck, reason: str) -> None:
    """Store and publish why a head could not be judged. What an earlier judgement found is deleted."""
    counts = dict.fromkeys((*COUNT_COLUMNS.values(), "uncounted", "waived"), 0)
    values: dict[str, Any] = {**counts, "notes": [], "merge_note": "", "phases": {}, "ignored": {}}
    figures = ("clean_before", "files_before", "clean_after", "files_after")
    with _locked(check) as row:
        decided: Verdict[Found] = undetermined(reason, override_of(row))
        _write(run, row, decided, {**values, **dict.fromkeys(figures)}, [])


def _kinds(judgement: Judgement, evidence: Evidence[Found]) -> dict[Kind, Collection[Found]]:
    """Return what is stored. What left the plan's figures is neither fixed nor moved."""
    departed = set(judgement.moved_out)
    return {
        Kind.NEW: judgement.new,
        Kind.FIXED: [found for found in judgement.fixed if found not in departed],
        Kind.MOVED: [found for found in judgement.moved if found not in departed],
        Kind.MOVED_OUT: judgement.moved_out,
        Kind.SUPPRESSED: judgement.suppressed,
        Kind.RESTORED: judgement.restored,
        Kind.DOUBT: evidence.doubts,
        Kind.TOGETHER: evidence.together,
    }


def _ignored(kinds: Mapping[Kind, Collection[Found]], policy: Policy) -> dict[str, int]:
    """Return how many findings of other kinds than new ones are ignored because of their risk."""
    numbers = {
        kind.value: sum(policy.level_of(found.risk) == Level.OFF for found in kinds[kind])
        for kind in (Kind.SUPPRESSED, Kind.MOVED_OUT, Kind.TOGETHER)
    }
    return {kind: number for kind, number in numbers.items() if number}


@contextmanager
def _locked(check: PullRequestCheck) -> Iterator[PullRequestCheck]:
    """Yield a check as it is now, in a transaction in which nobody can override it."""
    with transaction.atomic():
        yield PullRequestCheck.objects.select_for_update(no_key=True, of=("self",)).get(pk=check.pk)


def _write(
    run: JobRun,
    row: PullRequestCheck,
    decided: Verdict[Found],
    values: Mapping[str, Any],
    rows: Sequence[CheckFinding],
) -> None:
    """Write a locked check and its findings, unless another worker has taken over the job."""
    row.findings.exclude(in_other=True).delete()
    for batch in batches(rows):
        CheckFinding.objects.bulk_create(batch)
    for name, value in values.items():
        setattr(row, name, value)
    row.state, row.reason, row.blocking = decided.state, decided.reason, len(decided.blocking)
    row.cause, row.judged_at = run.job.cause, Now()
    row.save()
    row.refresh_from_db()
    follow_verdict(row)
    report.publish(row)
    for other in report_on_causes(row.pull_request, rows) if row.pull_request else ():
        report.publish(other)
    run.lock()


def _rows(
    check: PullRequestCheck,
    kind: Kind,
    found: Collection[Found],
    blocking: Collection[Found],
    waived: Mapping[Found, Waiver],
) -> Iterator[CheckFinding]:
    """Yield the rows for findings of one kind, those that block first."""
    chosen = set(blocking) if kind in _MAY_BLOCK else set()
    for one in sorted(found, key=partial(_is_harmless, chosen))[:MOST_FINDINGS]:
        yield CheckFinding(
            pull_request_check=check,
            kind=kind,
            path=one.path,
            line=one.line,
            column=one.column,
            rule=one.rule,
            role=one.role,
            symbol=one.symbol,
            scope=one.scope,
            snippet=one.snippet,
            message=one.message,
            reason=one.reason,
            risk=one.risk,
            category=one.category,
            phases=list(one.phases),
            issues=list(one.issues),
            fingerprint=one.fingerprint,
            former_path=one.former_path,
            former_line=one.former_line,
            is_blocking=one in chosen,
            is_locked=one.is_locked,
            ran_out=one.ran_out,
            waiver=waived.get(one) if kind in _MAY_BLOCK else None,
        )


_MAY_BLOCK = {Kind.NEW, Kind.TOGETHER, Kind.RESTORED, Kind.SUPPRESSED, Kind.MOVED_OUT}


def _is_harmless(chosen: Collection[Found], found: Found) -> bool:
    return found not in chosen


def _add_causes(rows: Iterable[CheckFinding], together: Together) -> None:
    """Set what causes the findings that are there only together with newer commits."""
    causes = {_place(found): cause for found, cause in together.causes.items()}
    for row in rows:
        if row.kind == Kind.TOGETHER:
            cause = causes[_place(row)]
            row.cause_sha, row.other = cause.sha, cause.pull


def _place(found: Found | CheckFinding) -> tuple[str, int, int, str, str]:
    return found.path, found.line, found.column, found.rule, found.fingerprint


def _notes(check: PullRequestCheck, judgement: Judgement) -> list[str]:
    """Return sentences about changes that have no effect on the head's own verdict."""
    plan = check.repository.plan_path
    places = [path for path in (plan, *PLACES) if path and path in judgement.paths]
    return [f"The pull request changes {path}, which has no effect on its own verdict." for path in places]
