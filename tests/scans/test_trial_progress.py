"""What a trial has found so far is counted as it comes, and enough of it is kept for examples."""

from compliance.scans.trial_progress import EXAMPLES, FILES, SoFar
from scanner import CertainPlace, read_plan
from scanner.model import RepoPath

PLAN = """\
version: 1
name: "Shop"
categories: {unit: ["tests/**"]}
compliance_counts: [production]
rules: [{id: old, kind: deprecated-symbol, symbols: [shop.old], risk: low}]
"""


def test_the_first_places_of_the_first_files_are_kept_in_whatever_order_they_come() -> None:
    plan = read_plan(PLAN, "plan")
    paths = [f"{folder}/page{number}.py" for number in (7, 1, 4, 0) for folder in ("tests", "shop", "admin")]
    found = SoFar(0, len(paths))

    for path in paths:
        places = [CertainPlace(RepoPath(path), line, 0, "call", "old") for line in (9, 3, 5)]
        found.add([*places, CertainPlace(RepoPath(path), 1, 5, "import", "old")], plan)

    assert (found.places, found.roles) == (48, {"call": 36, "import": 12})
    assert (len(found.files), found.counted) == (12, 32)
    assert sorted(found.first) == sorted(paths)[:FILES]
    assert EXAMPLES // FILES == 2
    assert [[place.line for place in places] for places in found.first.values()] == [[1, 3]] * FILES
