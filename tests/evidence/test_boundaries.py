"""The edges of criteria, and the order in which commits and evidence count."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from compliance.evidence import criterion_results, rebuild_timeline
from compliance.evidence.intake import received_at
from compliance.models import Commit, Marker, Measurement, Phase, Snapshot
from tests.evidence.conftest import phase
from tests.views.cast import World

HOUR = timedelta(hours=1)
NO_VIOLATIONS = {"kind": "violations", "max": 0}
LATENCY = {"kind": "measurement", "name": "latency", "max": 100}


def criteria(*asked: dict[str, object]) -> None:
    """Let these be the criteria of the one phase that the tests look at."""
    Phase.objects.filter(key="cleanup").delete()
    Phase.objects.update(criteria=list(asked))


def state(netra: World) -> str:
    row = phase("golden-path")
    snapshot = Snapshot.objects.get(commit=netra.repository.head)
    (result,) = criterion_results(netra.repository, [row], snapshot)[row.pk]
    return result.state


def measured(netra: World, commit: Commit, value: float, at: datetime) -> None:
    place = {"repository": netra.repository, "sha": commit.sha, "commit": commit}
    Measurement.objects.create(**place, name="latency", value=value, received_at=at)


def marks(netra: World) -> list[tuple[str, datetime, str]]:
    rebuild_timeline(netra.repository)
    found = Marker.objects.select_related("commit").order_by("at", "pk")
    return [(mark.kind, mark.at, mark.commit.subject if mark.commit else "") for mark in found]


@pytest.mark.parametrize(("value", "held"), [(80, True), (79.9, False), (90, True), (90.1, False)])
def test_a_measurement_at_its_bound_holds(netra: World, value: float, held: bool) -> None:
    criteria({"kind": "measurement", "name": "latency", "min": 80, "max": 90})
    measured(netra, netra.head, value, timezone.now())
    assert state(netra) == ("holds" if held else "fails")


@pytest.mark.parametrize(("least", "held"), [(90.0, True), (90.1, False)])
def test_compliance_at_its_bound_holds(netra: World, least: float, held: bool) -> None:
    criteria({"kind": "compliance", "min": least})
    Snapshot.objects.filter(commit=netra.head).update(clean=36, files=40)
    assert state(netra) == ("holds" if held else "fails")


@pytest.mark.parametrize(("more", "held"), [(0, True), (-1, False)])
def test_violations_at_their_bound_hold(netra: World, more: int, held: bool) -> None:
    left = Snapshot.objects.get(commit=netra.head).by["phase"]["golden-path"][0]
    criteria({"kind": "violations", "max": left + more})
    assert state(netra) == ("holds" if held else "fails")


def test_evidence_arrives_now_at_the_latest() -> None:
    now = timezone.now()
    assert received_at(now - HOUR) == now - HOUR
    assert now <= received_at(now + HOUR) < now + HOUR
    assert now <= received_at(None)


def test_evidence_counts_before_a_commit_of_the_same_moment(netra: World) -> None:
    criteria(NO_VIOLATIONS, LATENCY)
    migrated = netra.commit("Migrate", fix=len(netra.standing))
    broken = netra.commit("Break", by="Cy", breaks=(netra.files[0],))
    measured(netra, migrated, 50, broken.committed_at)

    assert marks(netra) == [
        ("phase closed", broken.committed_at, "Migrate"),
        ("phase reopened", broken.committed_at, "Break"),
    ]


def test_evidence_does_not_count_before_its_own_commit(netra: World) -> None:
    criteria(NO_VIOLATIONS, LATENCY)
    migrated = netra.commit("Migrate", fix=len(netra.standing))
    broken = netra.commit("Break", by="Cy", breaks=(netra.files[0],))
    measured(netra, broken, 50, migrated.committed_at + HOUR)

    assert marks(netra) == []


def test_a_commit_whose_clock_is_behind_happens_after_its_parent(netra: World) -> None:
    criteria(NO_VIOLATIONS)
    before = netra.head.committed_at
    migrated = netra.commit("Migrate", fix=len(netra.standing))
    Commit.objects.filter(pk=migrated.pk).update(committed_at=before - timedelta(days=30))

    assert marks(netra) == [("phase closed", before, "Migrate")]


@pytest.mark.parametrize(("values", "closed"), [((140, 50), True), ((50, 140), False)])
def test_of_two_results_for_a_commit_the_later_counts(
    netra: World, values: tuple[float, float], closed: bool
) -> None:
    criteria(NO_VIOLATIONS, LATENCY)
    commit = netra.commit("Migrate", fix=len(netra.standing))
    for number, value in enumerate(values):
        measured(netra, commit, value, commit.committed_at + number * HOUR)

    rebuild_timeline(netra.repository)

    assert (phase("golden-path").closed_at is not None) is closed


def test_a_commit_that_changes_the_percentage_alone_can_close_a_phase(netra: World) -> None:
    criteria({"kind": "compliance", "min": 90.0})
    Snapshot.objects.update(clean=30, files=40, by={"phase": {}})
    Snapshot.objects.filter(commit__position__gt=5).update(clean=36)

    ((kind, _, _),) = marks(netra)

    assert kind == "phase closed"
    assert phase("golden-path").closed_by == Commit.objects.get(position=6)
