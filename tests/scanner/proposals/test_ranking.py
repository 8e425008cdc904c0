"""In which order candidates stand, and what a plan of them aims at."""

import pytest

from scanner.planfile import read_plan
from scanner.proposals import Candidate, EarlierUse, Proposal, compose_plan
from scanner.proposals.ranking import ranked


def made(
    key: str, files: int, *, before: int = 0, evidence: str = "deprecated", percent: float = 50.0
) -> Candidate:
    rule = {"id": key, "kind": "deprecated-symbol", "symbols": ["shop.old"], "risk": "low"}
    return Candidate(
        key=key,
        title=f"{key} → new",
        why="It is deprecated.",
        evidence=evidence,
        rules=(rule,),
        counted=("production",),
        places=2 * files,
        files=files,
        production_places=2 * files,
        percent=percent,
        fixable=0,
        fix_note="",
        earlier=EarlierUse("0" * 40, "2020-01-01", before) if before else None,
        counted_places=2 * files,
        counted_files=files,
        replaced_in="repository",
    )


def test_finished_migrations_stand_between_what_is_left_to_do_and_what_is_small() -> None:
    candidates = [
        made("style", 400, evidence="style"),
        made("over", 0, before=300),
        made("nearly", 1, before=200),
        made("small", 2),
        made("most", 50),
        made("begun", 30, before=60),
    ]

    best = ranked(candidates, 40)

    assert [each.key for each in best] == ["begun", "most", "over", "nearly", "style", "small"]
    notes = ["", "", "finished, no use left", "nearly finished, 2 uses left", "", ""]
    assert [each.finished_note for each in best] == notes


@pytest.mark.parametrize(
    ("percents", "target"),
    [((98.4,), 100.0), ((90.0,), 100.0), ((89.9,), 95.0), ((98.4, 40.0), 95.0), ((100.0,), 100.0)],
)
def test_a_plan_begins_below_its_target(percents: tuple[float, ...], target: float) -> None:
    candidates = tuple(made(f"rule-{number}", 9, percent=percent) for number, percent in enumerate(percents))
    proposal = Proposal(
        "0" * 40,
        ('name: "Migration"', "version: 1", "target_percent: 95.0", "compliance_counts: [production]"),
        candidates,
    )

    plan = read_plan(compose_plan(proposal, [each.key for each in candidates]), "plan")

    assert plan.target_percent == target
