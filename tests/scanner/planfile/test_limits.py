"""Texts and dates of a plan that no column could hold are errors with line, key and limit."""

import pytest

from scanner.planfile import PlanError, read_plan

PLAN = """version: 1
name: {name}
rules:
  - id: old
    kind: deprecated-symbol
    message: {message}
    symbols: [shop.old.call]
issues:
  - key: {key}
    title: {title}
    url: {url}
    priority: {priority}
    phases:
      - id: {id}
        title: {phase}
        start: {start}
        due: {due}
        criteria: [{{kind: approval, role: {role}}}]
    steps:
      - {{title: {step}, clean: ["a/*.py"]}}
"""
VALUES = {
    "name": "Plan",
    "message": "Old",
    "key": '"#7"',
    "title": "Issue",
    "url": "https://example.org/7",
    "priority": "high",
    "id": "first",
    "phase": "Phase",
    "start": "2025-01-01",
    "due": "2026-01-01",
    "role": "manager",
    "step": "Step",
}
ISSUE, PHASE = "issues[0]", "issues[0].phases[0]"
LIMITS = [
    ("name", 300, "name", 2),
    ("message", 2000, "rules[0].message", 6),
    ("key", 100, f"{ISSUE}.key", 9),
    ("title", 500, f"{ISSUE}.title", 10),
    ("url", 1000, f"{ISSUE}.url", 11),
    ("priority", 40, f"{ISSUE}.priority", 12),
    ("phase", 500, f"{PHASE}.title", 15),
    ("role", 40, f"{PHASE}.criteria[0].role", 18),
    ("step", 500, f"{ISSUE}.steps[0].title", 20),
]


def problems(**values: str) -> list[tuple[int, str, str]]:
    try:
        read_plan(PLAN.format(**{**VALUES, **values}), "plan.yaml")
    except PlanError as error:
        return [(problem.line, problem.key, problem.message) for problem in error.problems]
    return []


def text(name: str, length: int, letter: str = "x") -> str:
    begin = "https://example.org/" if name == "url" else ""
    return begin + letter * (length - len(begin))


@pytest.mark.parametrize(("name", "limit", "key", "line"), LIMITS)
@pytest.mark.parametrize("letter", ["x", "é", "\U0001d535"])
def test_a_text_is_accepted_to_its_limit_and_refused_beyond(
    name: str, limit: int, key: str, line: int, letter: str
) -> None:
    assert problems(**{name: text(name, limit, letter)}) == []
    for length in (limit + 1, 100_000):
        words = f"has {length:,} characters; at most {limit:,} are allowed"
        assert problems(**{name: text(name, length, letter)}) == [(line, key, words)]


@pytest.mark.parametrize("value", ['"a\\nb"', '"a\\tb"', '"a\\x1bb"', '"a\\u2028b"'])
@pytest.mark.parametrize("name", ["key", "priority", "role"])
def test_names_are_on_one_line(name: str, value: str) -> None:
    assert [message for _, _, message in problems(**{name: value})] == [
        f"must be {'the tracker' + chr(39) + 's key, as text' if name == 'key' else 'text'} on one line, "
        "without control characters"
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize(("name", "line"), [("start", 16), ("due", 17)])
def test_a_date_that_no_reader_could_shift_is_refused(name: str, line: int, day: str) -> None:
    words = f"must be a date on or after 1970-01-01 and before 2200-01-01, but is {day}"
    found = problems(**{name: day})
    assert (line, f"{PHASE}.{name}", words) in found


def test_a_refused_text_is_shown_in_part() -> None:
    found = problems(id="§" * 100_000)
    assert len(found[0][2]) < 300
