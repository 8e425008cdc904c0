"""What a plan says of a path and a finding: scope, category, module name, risk, issues and phases."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from scanner.plan import Criterion, IssueSpec, PhaseSpec, Plan, RiskOverride, RuleSpec, ScanScope, StepSpec

CATEGORIES = {
    "golden_path": ("**/golden_path/**", "**/test_golden_path*.py"),
    "e2e": ("tests/e2e/**",),
    "integration": ("**/tests/integration/**", "tests/integration/**"),
    "unit": ("**/tests/unit/**", "tests/unit/**"),
    "test": ("**/tests/**", "tests/**", "**/test_*.py", "**/conftest.py"),
}


def rule(name: str, **values: object) -> RuleSpec:
    return RuleSpec(
        **{"id": name, "kind": "x", "message": "", "risk": None, "paths": (), "options": {}, **values}  # type: ignore[arg-type]
    )


def plan(**values: object) -> Plan:
    return Plan(
        **{  # type: ignore[arg-type]
            "name": "p",
            "digest": "d",
            "target_percent": 95.0,
            "scope": ScanScope(exclude=("backups/**",)),
            "categories": CATEGORIES,
            "compliance_counts": ("production",),
            "rules": (),
            "risk_overrides": (),
            "issues": (),
            "suites": {},
            **values,
        }
    )


def test_scope_takes_what_is_included_and_not_excluded() -> None:
    p = plan()
    assert p.in_scope("app/a.py")
    assert not p.in_scope("app/a.txt")
    assert not p.in_scope("backups/a.py")


def test_the_first_category_wins_and_production_is_what_is_left() -> None:
    p = plan()
    assert p.category_of("app/tests/integration/golden_path/x.py") == "golden_path"
    assert p.category_of("tests/integration/test_golden_path_a.py") == "golden_path"
    assert p.category_of("app/tests/integration/x.py") == "integration"
    assert p.category_of("app/conftest.py") == "test"
    assert p.category_of("app/main.py") == "production"
    assert p.category_of("backups/tests/x.py") == "test"  # out of scope, still of a kind


def test_two_plans_do_not_share_what_they_remember() -> None:
    assert plan().category_of("tests/e2e/a.py") == "e2e"
    assert plan(categories={}).category_of("tests/e2e/a.py") == "production"


@pytest.mark.parametrize(
    "part",
    [
        plan(),
        rule("a"),
        ScanScope(),
        RiskOverride("high"),
        IssueSpec("#1", ""),
        PhaseSpec("a", ""),
        StepSpec(""),
        Criterion("tests", {}),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_plan_that_was_read_cannot_be_changed(part: Any) -> None:
    """What is remembered of a plan, such as the categories of paths, would no longer be true."""
    for name in part.__dataclass_fields__:
        with pytest.raises(FrozenInstanceError):
            setattr(part, name, getattr(part, name))


def test_modules_are_named_from_the_longest_source_root() -> None:
    p = plan(scope=ScanScope(source_roots=("src", "src/lib", "tools")))
    assert p.module_name("src/app/main.py") == "app.main"
    assert p.module_name("src/lib/thing/__init__.py") == "thing"
    assert p.module_name("src/library.py") == "library"
    assert p.module_name("other/a/b.py") == "other.a.b"
    assert p.module_name("srcs/a.py") == "srcs.a"
    assert p.module_name("tools/__init__.py") == ""
    assert plan().module_name("src/app/main.py") == "src.app.main"
    assert plan().module_name("setup.py") == "setup"


def test_risk_is_override_then_tombstone_then_map_then_single_then_medium() -> None:
    p = plan(
        rules=(rule("mapped", risk={"call": "high"}), rule("single", risk="critical"), rule("none")),
        risk_overrides=(
            RiskOverride("low", paths=("app/deps.py",), roles=("import",)),
            RiskOverride("critical", rules=("none",), categories=("test",)),
        ),
    )
    assert p.risk_of("mapped", "call", "app/deps.py", "production") == "high"
    assert p.risk_of("mapped", "import", "app/deps.py", "production") == "low"
    assert p.risk_of("mapped", "import", "app/a.py", "production") == "medium"
    assert p.risk_of("single", "x", "app/a.py", "production") == "critical"
    assert p.risk_of("single", "x", "app/a.py", "production", low=True) == "low"
    assert p.risk_of("none", "x", "app/a.py", "test", low=True) == "critical"
    assert p.risk_of("none", "x", "app/a.py", "production") == "medium"
    assert p.risk_of("unexplained-ignore", "unexplained-ignore", "app/a.py", "production") == "low"


def test_of_several_overrides_that_match_the_first_one_counts() -> None:
    p = plan(
        rules=(rule("a", risk="high"),),
        risk_overrides=(
            RiskOverride("low", paths=("app/deps.py",)),
            RiskOverride("critical", paths=("app/**",)),
            RiskOverride("medium"),
        ),
    )
    assert p.risk_of("a", "call", "app/deps.py", "production") == "low"
    assert p.risk_of("a", "call", "app/main.py", "production") == "critical"
    assert p.risk_of("a", "call", "lib/main.py", "production") == "medium"


def test_a_finding_is_in_every_issue_that_takes_it_and_in_the_first_phase_of_each() -> None:
    p = plan(
        rules=(rule("a"), rule("b", issues=("#2",)), rule("c")),
        issues=(
            IssueSpec(
                "#1",
                "all of the app",
                paths=("app/**",),
                phases=(
                    PhaseSpec("worst", "", risks=("critical",)),
                    PhaseSpec("tests", "", categories=("test", "unit")),
                    PhaseSpec("rest", ""),
                ),
            ),
            IssueSpec(
                "#2",
                "a, and b by its own word",
                rules=("a",),
                phases=(PhaseSpec("calls", "", roles=("call",)),),
            ),
        ),
    )
    assert p.issues_and_phases("a", "call", "app/x.py", "test", "critical") == (
        ("#1", "#2"),
        ("worst", "calls"),
    )
    assert p.issues_and_phases("b", "import", "app/x.py", "unit", "low") == (("#1", "#2"), ("tests",))
    assert p.issues_and_phases("c", "call", "app/x.py", "production", "low") == (("#1",), ("rest",))
    assert p.issues_and_phases("c", "call", "lib/x.py", "production", "low") == ((), ())


def test_ten_thousand_paths_have_their_category_and_scope() -> None:
    p = plan()
    paths = [f"netra_backend/app/agents/supervisor/folder_{i}/module_{i}.py" for i in range(10_000)]
    assert {p.category_of(path) for path in paths} == {"production"}
    assert all(p.in_scope(path) for path in paths)
