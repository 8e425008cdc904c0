"""Receives test reports: parses each one, stores it once, and counts its tests for the plan's suites."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from compliance.evidence import junit, suites
from compliance.evidence.intake import commit_of, received_at
from compliance.evidence.timeline import reevaluate_since
from compliance.evidence.uploads import documents
from compliance.lib.field_types import CUT
from compliance.lib.locks import lock_records
from compliance.lib.wording import count_of
from compliance.models import Repository, TestCase, TestRun, Token

_BATCH = 2000
_ENVIRONMENT, _RUN = 100, 200


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of an upload: the stored report, whether it is new, and the number of its tests by outcome
    and by suite.
    """

    run: TestRun
    new: bool
    outcomes: dict[str, int]
    suites: dict[str, int]

    @property
    def words(self) -> str:
        """Return one or two sentences that describe the result."""
        tests = sum(self.outcomes.values())
        told = count_of(tests, "test")
        if not self.new:
            return f"This report of {told} has already been received; it counts only once."
        inside = ", ".join(f"{number:,} of {name}" for name, number in sorted(self.suites.items()) if number)
        belongs = f"{told}: {inside}." if inside else f"{told}, none of which belongs to a suite in the plan."
        waits = (
            ""
            if self.run.commit_id
            else (" The report will count as soon as the commit is recorded on the tracked branch.")
        )
        return belongs + waits


def receive_report(
    repository: Repository,
    sha: str,
    body: bytes,
    *,
    name: str = "",
    environment: str = "",
    run: str = "",
    token: Token | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Store a JUnit report (plain, gzip or zip) for the commit with this full SHA, and re-evaluate the
    phases.

    `at` is the time at which the tests ran, by default now. `environment` names a cell in a CI matrix;
    criteria must hold in every cell.

    A report that was already received is not stored again. With `run`, it is compared with the reports from
    the same run, otherwise only with the newest report for the environment: if a different report arrived in
    between, it counts as a new run.

    Raises:
        UploadError: if the content is not a valid report or exceeds a limit; nothing is stored.
    """
    cases = junit.read(documents(body))
    outcomes = dict(Counter(case.outcome for case in cases))
    digest = hashlib.sha256(repr([(*case.key, case.outcome) for case in cases]).encode()).hexdigest()
    patterns = repository.plan.suites if repository.plan else {}
    counted = {suite: suites.count_cases(pattern, cases) for suite, pattern in patterns.items()}
    with transaction.atomic():
        # Only one upload at a time is processed for a repository, so that two halves of a suite that arrive
        # at the same time are both counted.
        lock_records(repository.pk)
        cell, run = _shortened(environment, _ENVIRONMENT), _shortened(run, _RUN)
        same = {"repository": repository, "sha": sha, "environment": cell, "run": run}
        if known := _known(same, digest):
            return Receipt(known, new=False, outcomes=outcomes, suites=counted)
        made = TestRun.objects.create(
            **same,
            digest=digest,
            commit=commit_of(repository, sha),
            name=name[:300],
            token=token,
            received_at=received_at(at),
        )
        _write(repository, made, cases, patterns)
        reevaluate_since(repository, at)
    return Receipt(made, new=True, outcomes=outcomes, suites=counted)


def _shortened(name: str, limit: int) -> str:
    """Return a name of at most `limit` characters. Two names that differ only after that stay different."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{name[: limit - len(digest) - len(CUT)]}{CUT}{digest}"


def _known(same: dict[str, Any], digest: str) -> TestRun | None:
    """Return the stored report that is identical to a received one, or None."""
    if same["run"]:
        return TestRun.objects.filter(**same, digest=digest).first()
    others = TestRun.objects.filter(**{name: value for name, value in same.items() if name != "run"})
    newest = others.order_by("received_at", "pk").last()
    return newest if newest and newest.digest == digest else None


def _write(repository: Repository, run: TestRun, cases: list[junit.Case], patterns: dict[str, str]) -> None:
    rows = (
        TestCase(
            run=run,
            file=case.file,
            class_name=case.class_name,
            name=case.name,
            outcome=case.outcome,
            seconds=case.seconds,
            message=case.message,
            mixed=case.mixed,
        )
        for case in cases
    )
    TestCase.objects.bulk_create(rows, batch_size=_BATCH)
    suites.count(repository, [run.sha], patterns)
    suites.forget_old(repository)


def waiting(repository: Repository) -> int:
    """Return the number of reports whose commits have not been recorded or are not on the tracked branch."""
    off = Q(commit__isnull=True) | Q(commit__position__isnull=True)
    return TestRun.objects.filter(off, repository=repository).count()
