"""Phases over a real repository: evidence waits, the scans close and open them, history is judged too."""

from pathlib import Path

import pytest

from compliance import scans
from compliance.evidence import receive_report
from compliance.models import Approval, Commit, Marker, Phase, SuiteResult
from tests.scans.factories import GOOD, PHASED, migrated
from tests.scans.upstream import OLD, PLAN, again, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def phase() -> Phase:
    return Phase.objects.select_related("closed_by").get(key="all")


def marks() -> list[str]:
    return [marker.kind for marker in Marker.objects.filter(phase__isnull=False)]


def test_the_scans_close_and_open_a_phase(folder: Path) -> None:
    repository = tracked(folder, PHASED)
    assert phase().closed_at is None
    tip = migrated(folder)
    receive_report(repository, tip, GOOD)
    assert phase().closed_at is None

    repository = again(repository)
    assert phase().closed_by == repository.head
    assert SuiteResult.objects.get().commit == repository.head

    push(folder, "Bring it back", app__b=OLD)
    again(repository)
    assert phase().closed_at is None
    assert marks() == ["phase closed", "phase reopened"]


def test_a_repository_that_is_tracked_late_is_judged_the_same(folder: Path) -> None:
    first = tracked(folder, PHASED)
    tip = migrated(folder)
    receive_report(first, tip, GOOD)
    again(first)
    push(folder, "Bring it back", app__b=OLD)
    again(first)
    live = list(Marker.objects.values_list("kind", "at", "commit__sha", "text"))

    second = scans.track(str(folder) + "/", slug="late", plan=PHASED)
    assert second.pk != first.pk
    run_jobs()
    second.refresh_from_db()
    at = Commit.objects.get(repository=second, sha=tip).committed_at
    receive_report(second, tip, GOOD, at=at)

    late = Marker.objects.filter(repository=second)
    assert [(m.kind, m.commit and m.commit.sha) for m in late] == [(kind, sha) for kind, _, sha, _ in live]


def test_a_phase_that_leaves_the_plan_comes_back_with_its_approvals(folder: Path) -> None:
    push(folder, "Plan", **{"ssot-plan.yaml": PHASED})
    repository = tracked(folder, None)
    approval = Approval.objects.create(phase=phase(), role="manager", comment="Fine.")
    before = phase().pk

    push(folder, "No phase", **{"ssot-plan.yaml": PLAN})
    again(repository)
    assert not phase().in_plan
    push(folder, "Phase again", **{"ssot-plan.yaml": PHASED.replace("#1", "#2")})
    again(repository)

    assert phase().in_plan
    assert (phase().pk, phase().issue.key) == (before, "#2")
    assert list(phase().approvals.all()) == [approval]


def test_a_force_push_takes_back_what_was_closed(folder: Path) -> None:
    repository = tracked(folder, PHASED)
    former = git(folder, "rev-parse", "main")
    receive_report(repository, migrated(folder), GOOD)
    repository = again(repository)
    assert phase().closed_at is not None

    git(folder, "update-ref", "refs/heads/main", former)
    again(repository)

    assert phase().closed_at is None
    assert marks() == []
