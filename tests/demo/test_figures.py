"""Every figure of the migration, at its commit, counted by the engine; some counted again by git alone."""

from collections import Counter

import pytest

from scanner import Finding
from tests.demo.conftest import Counted, Repository

pytestmark = pytest.mark.slow

ACCESSOR = "netra_backend.app.agents.supervisor.agent_instance_factory.get_agent_instance_factory"
APP = "netra_backend/app"

# place -> line and risk of its worst finding, from the inventory of #1102
INVENTORY = {
    f"{APP}/agents/supervisor_ssot.py": (90, "critical"),
    f"{APP}/smd.py": (1676, "critical"),
    f"{APP}/agents/supervisor/agent_instance_factory.py": (1128, "critical"),
    f"{APP}/routes/demo_websocket.py": (185, "high"),
    f"{APP}/dependencies.py": (32, "medium"),
    f"{APP}/agents/supervisor/execution_engine_factory.py": (40, "low"),
}
RISKS = ("critical", "high", "medium", "low")


def accessor_findings(commit: Counted) -> list[Finding]:
    return [f for result in commit.files.values() for f in result.violations if f.symbol == ACCESSOR]


def consumers(commit: Counted) -> set[str]:
    rules = {"agent-instance-factory", "agent-factory-configuration"}
    return {path for path, result in commit.files.items() if any(f.rule in rules for f in result.violations)}


def test_the_earlier_reading(demo: Repository, counted: list[Counted]) -> None:
    sha = demo.git("rev-parse", "baseline^{commit}").strip()
    position, baseline = next((i, c) for i, c in enumerate(counted) if c.revision.sha == sha)
    assert position < 6
    assert (baseline.tally.violations, baseline.tally.files_with_violations) == (333, 135)


def test_the_status_of_1274(status: Counted) -> None:
    tally = status.tally
    assert (tally.violations, tally.files_with_violations) == (285, 118)
    assert (tally.clean, tally.files, tally.percent) == (804, 922, 87.2)


def test_the_violations_are_of_several_kinds(status: Counted) -> None:
    production = [r for r in status.files.values() if r.category == "production"]
    rules = Counter(f.rule for result in production for f in result.violations)
    assert len(rules) >= 5
    assert max(rules.values()) < 285


def test_references_to_the_accessor(demo: Repository, status: Counted) -> None:
    found = accessor_findings(status)
    assert (len(found), len({f.path for f in found})) == (326, 109)
    words = demo.lines("grep", "-ohw", "get_agent_instance_factory", status.revision.sha, "--", "*.py")
    files = demo.lines("grep", "-lw", "get_agent_instance_factory", status.revision.sha, "--", "*.py")
    assert (len(words), len(files)) == (326, 109)
    issue = status.tally.by["issue"]["#1274"]
    assert (issue.violations, issue.files_with_violations) == (326, 109)


def test_consumers_by_category(status: Counted) -> None:
    categories = Counter(status.files[path].category for path in consumers(status))
    assert categories == {"production": 6, "integration": 45, "unit": 35, "e2e": 20, "golden_path": 12}
    assert status.tally.by["issue"]["#1102"].files_with_violations == 118


def test_test_files_have_no_other_violations(status: Counted) -> None:
    by = status.tally.by["category"]
    assert {
        name: by[name].files_with_violations for name in ("integration", "unit", "e2e", "golden_path")
    } == {
        "integration": 45,
        "unit": 35,
        "e2e": 20,
        "golden_path": 12,
    }


def test_the_production_consumers_are_those_of_the_inventory(status: Counted) -> None:
    assert {path for path in consumers(status) if path.startswith(APP)} == INVENTORY.keys()


@pytest.mark.parametrize("path", INVENTORY)
def test_the_finding_with_the_highest_risk_is_at_the_inventoried_location(status: Counted, path: str) -> None:
    worst = min(status.files[path].violations, key=lambda f: (RISKS.index(f.risk), f.line))
    assert (worst.line, worst.risk) == INVENTORY[path]


def test_one_site_of_thirteen_is_migrated(status: Counted) -> None:
    assert (status.tally.old_sites, status.tally.new_sites) == (12, 1)
    golden = status.files["tests/integration/golden_path/test_golden_path_stations.py"]
    assert (golden.old_sites, golden.new_sites) == (12, 1)


def test_progress_is_steady_but_for_one_regression(counted: list[Counted]) -> None:
    counts = [commit.tally.violations for commit in counted]
    rises = [
        counted[i].revision.subject
        for i in range(1, len(counted))
        if counts[i] > counts[i - 1] and counted[i].tally.percent
    ]
    assert rises == [
        "services: show changes on the sockets of a run",
        "demo: load the agents before the first visitor (hotfix)",
    ]
    repaired = next(i for i, c in enumerate(counted) if c.revision.subject.startswith("demo: back to"))
    assert f"{APP}/routes/demo_websocket.py" not in consumers(counted[repaired])
    assert f"{APP}/routes/demo_websocket.py" in consumers(counted[repaired - 1])


def test_the_last_commit_is_past_93_and_not_done(counted: list[Counted]) -> None:
    assert counted[-1].tally.percent is not None
    assert 93.0 < counted[-1].tally.percent < 95.0
    assert consumers(counted[-1])


def test_the_new_function_is_there_before_it_is_used(counted: list[Counted]) -> None:
    used = [commit.tally.new_sites for commit in counted]
    assert used[0] == 0
    assert used == sorted(used[: used.index(1) + 1]) + used[used.index(1) + 1 :]
    assert used[-1] > 1


def test_one_file_does_not_parse_for_a_while(counted: list[Counted]) -> None:
    broken = [commit for commit in counted if commit.tally.unparsed]
    assert [c.revision.subject.partition(":")[0] for c in broken] == ["cache", "tests"]
    (result,) = [r for r in broken[0].files.values() if r.unparsed]
    assert result.path == f"{APP}/cache/completion_cache.py"
    assert counted[-1].tally.unparsed == 0


def test_one_suppression_with_a_reason(counted: list[Counted]) -> None:
    suppressed = [f for result in counted[-1].files.values() for f in result.findings if f.suppressed]
    assert [f.path for f in suppressed] == [f"{APP}/cache/handshake_cache.py"]
    assert "gateway" in suppressed[0].reason
    assert "unexplained-ignore" not in {
        f.rule for result in counted[-1].files.values() for f in result.findings
    }
