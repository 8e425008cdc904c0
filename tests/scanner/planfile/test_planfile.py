"""The plan file: the documented example is read whole, and each mistake is named where it stands."""

from datetime import date

import pytest

from scanner.plan import Criterion, Plan
from scanner.planfile import PlanError, Problem, read_plan
from scanner.rules.pattern import Pattern
from tests.scanner.planfile.mistakes import CHANGES, EXAMPLE

SMALL = 'version: 1\nname: n\nrules:\n  - {id: a, kind: pattern, pattern: "x"}\n'


def read(text: str | bytes) -> Plan:
    return read_plan(text, "plan.yaml")


def problems(text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(PlanError) as caught:
        read(text)
    return caught.value.problems


def test_a_criterion_may_accept_waivers() -> None:
    changed = EXAMPLE.replace(
        "{kind: compliance, min: 95.0}", "{kind: compliance, min: 95.0, accept_waivers: true}"
    )
    changed = changed.replace(
        "{kind: violations, max: 0}", "{kind: violations, max: 0, accept_waivers: false}"
    )
    phases = read(changed).issues[0].phases
    assert phases[0].criteria[0] == Criterion("violations", {"max": 0, "accept_waivers": False})
    assert phases[1].criteria[0] == Criterion("compliance", {"min": 95.0, "accept_waivers": True})
    for wrong, words in (
        (changed.replace("accept_waivers: true", "accept_waivers: 1"), "accept_waivers"),
        (EXAMPLE.replace("{kind: approval, ", "{kind: approval, accept_waivers: true, "), "accept_waivers"),
    ):
        (problem,) = problems(wrong)
        assert words in f"{problem.key} {problem.message}"


def test_the_documented_example_is_read_whole() -> None:
    plan = read(EXAMPLE)
    assert plan.name == "Agent instance factory: singleton to per-request factory"
    assert plan.target_percent == 95.0
    assert plan.scope.exclude == ("backups/**", "**/migrations/**")
    assert list(plan.categories) == ["golden_path", "e2e", "integration", "unit", "test"]
    assert plan.compliance_counts == ("production",)
    assert [rule.id for rule in plan.rules][:3] == ["agent-instance-factory", "singletons", "shared-state"]
    first = plan.rules[0]
    assert first.message == "One factory shared by all users"
    assert first.options["symbols"][2].endswith("._factory_instance")
    assert first.replacement is not None
    assert list(first.replacement.arguments) == ["user_context"]
    assert isinstance(first.risk, dict)
    assert first.risk["stored-call"] == "critical"
    assert plan.rules[4].options == {
        "callables": (".create_agent",),
        "argument": "user_context",
        "position": 1,
    }
    assert plan.rules[5].options["only_none"] is True
    assert plan.risk_overrides[0].roles == ("unused-import",)
    issue = plan.issues[0]
    assert (issue.key, issue.priority, issue.rules) == (
        "#1274",
        "P0",
        ("agent-instance-factory", "agent-without-context"),
    )
    assert (issue.phases[0].start, issue.phases[0].due) == (date(2025, 9, 15), date(2025, 9, 19))
    assert issue.phases[0].criteria == (
        Criterion("violations", {"max": 0}),
        Criterion("tests", {"suite": "mission-critical", "expect": "pass", "at_least": 169}),
    )
    assert [step.title for step in issue.steps] == ["Add the new function", "SupervisorAgent"]
    assert plan.suites["mission-critical"] == ("tests/mission_critical/**",)


def test_a_short_plan_has_defaults() -> None:
    plan = read(SMALL)
    assert (plan.target_percent, plan.compliance_counts, plan.categories) == (100.0, ("production",), {})
    assert plan.scope.include == ("**/*.py",)
    assert plan.rules[0].risk is None
    assert plan.rules[0].message == ""


def test_the_digest_follows_the_content_and_not_the_layout() -> None:
    flowed = '{"rules": [{pattern: x, kind: "pattern", id: a}],   name: n, version: 1}  # the same\n'
    assert read(SMALL).digest == read(flowed).digest
    assert len(read(SMALL).digest) == 64
    assert read(SMALL).digest != read(SMALL.replace('"x"', '"y"')).digest
    one, other = 'categories: {a: ["a/**"], b: ["b/**"]}\n', 'categories: {b: ["b/**"], a: ["a/**"]}\n'
    assert read(SMALL + one).digest != read(SMALL + other).digest


def test_only_rules_and_source_roots_decide_how_a_file_is_read() -> None:
    digest = read(EXAMPLE).reading_digest
    for old, new in (
        ("2025-09-19", "2025-09-20"),
        ("call: high", "call: low"),
        ('e2e: ["tests/e2e/**"]', 'e2e: ["tests/ende/**"]'),
        ("target_percent: 95.0", "target_percent: 99.0"),
    ):
        assert read(EXAMPLE.replace(old, new)).digest != read(EXAMPLE).digest
        assert read(EXAMPLE.replace(old, new)).reading_digest == digest
    for old, new in (
        ('source_roots: ["."]', 'source_roots: ["src"]'),
        ('names: ["active_runs", "run_history"]', 'names: ["active_runs"]'),
        ('paths: ["netra_backend/app/agents/**"]', 'paths: ["netra_backend/**"]'),
        ('message: "Naive time"', 'message: "Local time"'),
    ):
        assert read(EXAMPLE.replace(old, new)).reading_digest != digest


def test_dates_may_be_quoted_and_bytes_may_begin_with_a_mark() -> None:
    quoted = EXAMPLE.replace("2025-09-15", '"2025-09-15"').encode("utf-8-sig")
    assert read(quoted).issues[0].phases[0].start == date(2025, 9, 15)


def test_aliases_are_followed() -> None:
    text = SMALL + 'categories: {a: &a ["a/**"], b: *a}\n'
    assert read(text).categories["b"] == ("a/**",)


@pytest.mark.parametrize(("old", "new", "line", "key", "words"), CHANGES)
def test_one_mistake_is_named_where_it_stands(old: str, new: str, line: int, key: str, words: str) -> None:
    assert EXAMPLE.count(old) == 1, "the change must be one"
    found = problems(EXAMPLE.replace(old, new))
    match = [problem for problem in found if problem.key == key]
    assert match, found
    assert match[0].line == line
    assert match[0].file == "plan.yaml"
    assert words in match[0].message


def test_all_mistakes_are_named_at_once_in_order_of_line() -> None:
    text = EXAMPLE
    for old, new, *_ in (CHANGES[0], CHANGES[8], CHANGES[15], CHANGES[30], CHANGES[40]):
        text = text.replace(str(old), str(new))
    found = problems(text)
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert len({problem.key for problem in found}) == 5


def test_a_kind_without_a_detector_is_refused_by_name() -> None:
    with pytest.raises(PlanError) as caught:
        read_plan(EXAMPLE, "plan.yaml", {"pattern": Pattern})
    of_rules = [problem for problem in caught.value.problems if problem.key.startswith("rules[")]
    assert all("has no detector yet" in problem.message for problem in of_rules)
    first = caught.value.problems[0]
    assert (first.line, first.key) == (20, "rules[0].kind")
    assert first.message == "the kind `deprecated-symbol` has no detector yet; installed kinds: pattern"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"", 1, "is empty"),
        (b"# only words\n", 1, "is empty"),
        (b"a: 1\nb: [", 2, "is not valid YAML"),
        (b"a: 1\n\tb: 2", 2, "is not valid YAML"),
        (b"a: 1\n---\nb: 2\n", 2, "single document"),
        (b"ok: 1\nbad: \xff\n", 2, "is not UTF-8"),
        ("name: x\n".encode("utf-16"), 1, "is not UTF-8"),
        ("ok: 1\nx: \udc80", 2, "is not UTF-8"),
        (b"a: 1\nb: \x01", 2, "the character U+0001"),
        (b'a: 1\nb: "\\0"', 2, "a character that text cannot contain"),
        (b'a: 1\nb: "\\ud800"', 2, "a character that text cannot contain"),
        (b"a: &a [*a]", 1, "refers to itself"),
        (b"a: *nowhere", 1, "undefined alias"),
        (b"[" * 5000, 1, "nested more than"),
        (b"- " * 5000, 1, "nested more than"),
        (b"a" * 600_000, 1, "has 600,000 bytes"),
        (b"- 1", 1, "must be a mapping, but is a list"),
        (b"? [a]\n: 1\n", 1, "a key that is not plain text"),
        (b"version: !!python/object:os.system 1", 1, "must be a whole number"),
        (b"version: 1" + b"0" * 6000, 1, "must be a whole number"),
    ],
)
def test_a_text_that_is_no_plan_is_refused(text: str | bytes, line: int, words: str) -> None:
    assert any(p.line == line and words in p.message for p in problems(text)), problems(text)


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 20)]
    (problem,) = problems("\n".join(lines))
    assert "expand to more than 100,000 values" in problem.message
    assert problem.line == 5  # a3 has 11,111 values
