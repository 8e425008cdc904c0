"""Writes plans from candidates: scope and categories by layout, their rules, and one issue with phases."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from yaml.nodes import CollectionNode, MappingNode, SequenceNode

from scanner.plan import Plan
from scanner.planfile import PlanError, read_plan
from scanner.planfile.yaml_nodes import compose
from scanner.proposals.model import Candidate, Proposal
from scanner.proposals.rule_lines import rule_line
from scanner.proposals.survey import Layout
from scanner.wording import counted

_NAME = 'name: "Migration"'
_COUNTS = "compliance_counts: [production]"
_TARGET = 95.0
_ALMOST = 90.0
"""Percentage from which everything is the target: 95 would be reached at once, or leave little to do."""
_FIRST_KEY = "#1"


def plan_head(layout: Layout) -> list[str]:
    """Return the lines of a plan up to its rules, for the layout of a repository."""
    lines = [
        f"# Proposed from {len(layout.paths):,} Python files; check every line.",
        "version: 1",
        _NAME,
        _target(_TARGET),
        "",
        "scope:",
        '  include: ["**/*.py"]',
        f"  exclude: {json.dumps(layout.excluded)}",
        f"  source_roots: {json.dumps(layout.roots)}",
        "",
    ]
    if layout.categories:
        lines += ["categories:  # the first matching category applies; other files are production"]
        lines += [f"  {name}: {json.dumps(globs)}" for name, globs in layout.categories.items()]
    return [*lines, _COUNTS]


def compose_plan(proposal: Proposal, keys: Collection[str], *, others: bool = False) -> str:
    """Return the text of a plan with the candidates that have these keys, named after them.

    Its target lies above what complies today. With `others`, the other candidates follow as comments. Raises
    `ValueError` if no key is known.
    """
    chosen = _chosen(proposal, keys)
    title = _title(chosen)
    rest = [each for each in proposal.candidates if each.key not in keys] if others else []
    counts = json.dumps(list(dict.fromkeys(group for each in chosen for group in each.counted)))
    given = {
        _NAME: f"name: {_quoted(title)}",
        _COUNTS: f"compliance_counts: {counts}",
        _target(_TARGET): _target(100.0 if _expected(chosen) >= _ALMOST else _TARGET),
    }
    lines = [
        *(given.get(line, line) for line in proposal.head),
        "",
        "rules:",
        *(line for each in chosen for line in _rules(each)),
        *_commented(rest),
        "",
        "issues:",
        *_issue(chosen, _FIRST_KEY, title),
    ]
    return "\n".join([*lines, ""])


def extend_plan(text: str, proposal: Proposal, keys: Collection[str]) -> str:
    """Return the text of a plan with the rules of more candidates, and one more issue with a phase for each.

    All other bytes stay. Raises `ValueError` with the reason if no key is known, or if the text has a form
    that cannot be extended.
    """
    plan = read_plan(text, "the plan")
    root = compose(text, "the plan")
    parts = {key.value: value for key, value in root.value} if isinstance(root, MappingNode) else {}
    chosen = _renamed(_chosen(proposal, keys), [rule.id for rule in plan.rules])
    key = _free("proposed", [issue.key for issue in plan.issues])
    taken = [phase.id for issue in plan.issues for phase in issue.phases]
    text = text if text.endswith("\n") else text + "\n"
    lines = text.split("\n")[:-1]
    rules = [(parts.get("rules"), [line for each in chosen for line in _rules(each)])]
    issue = _issue(chosen, key, _title(chosen), taken)
    if "issues" in parts:
        rules.append((parts["issues"], issue))
    for node, added in sorted(rules, key=lambda pair: -_end(pair[0])):
        at, indent = _end(node), _indent(node)
        lines[at:at] = [" " * indent + line[2:] for line in added]
    if "issues" not in parts:
        lines += ["", "issues:", *issue]
    made = "\n".join([*lines, ""])
    _require_unchanged(plan, made)
    return made


def _require_unchanged(plan: Plan, made: str) -> None:
    """Raise `ValueError` unless a text has everything that a plan had, in its order."""
    try:
        now = read_plan(made, "the plan")
    except PlanError as error:
        raise ValueError(f"The rules cannot be added to this plan automatically: {error}") from error
    rest = replace(
        now, digest=plan.digest, rules=now.rules[: len(plan.rules)], issues=now.issues[: len(plan.issues)]
    )
    if asdict(rest) != asdict(plan):
        raise ValueError("The rules cannot be added to this plan automatically. Add them in its editor.")


def _end(node: Any) -> int:
    """Return the number of the line after the last one of a list in block style."""
    if not isinstance(node, SequenceNode) or node.flow_style or not node.value:
        raise ValueError(
            "The rules or issues of this plan are in one pair of brackets. Write them as a list with dashes, "
            "then candidates can be added."
        )
    last = node.value[-1]
    while isinstance(last, CollectionNode) and not last.flow_style and last.value:
        last = last.value[-1][1] if isinstance(last, MappingNode) else last.value[-1]
    line, column = int(last.end_mark.line), int(last.end_mark.column)
    return line + (column > 0)


def _indent(node: Any) -> int:
    return int(node.start_mark.column)


def _chosen(proposal: Proposal, keys: Collection[str]) -> list[Candidate]:
    found = [each for each in proposal.candidates if each.key in keys]
    if not found:
        raise ValueError("None of the chosen candidates is in the newest proposal. Choose again.")
    return found


def _target(percent: float) -> str:
    return f"target_percent: {percent}"


def _expected(chosen: Sequence[Candidate]) -> float:
    """Return the highest compliance that a plan of these candidates can have today: that of the one with the
    least.
    """
    return min((each.percent for each in chosen if each.percent is not None), default=0.0)


def _title(chosen: Sequence[Candidate]) -> str:
    """Return the name of a plan or an issue: from what to what the best candidate leads."""
    first, more = chosen[0].title, len(chosen) - 1
    return f"{first} and {counted(more, 'more migration')}" if more else first


def _renamed(chosen: Sequence[Candidate], taken: Collection[str]) -> list[Candidate]:
    """Return candidates whose rules have ids that aren't taken."""
    used = set(taken)
    made = []
    for each in chosen:
        entries: list[Mapping[str, Any]] = []
        for entry in each.rules:
            entries.append({**entry, "id": _free(entry["id"], used)})
            used.add(entries[-1]["id"])
        made.append(replace(each, rules=tuple(entries)))
    return made


def _free(name: str, taken: Collection[str]) -> str:
    numbers = range(2, len(taken) + 3)
    return next(each for each in (name, *(f"{name}-{number}" for number in numbers)) if each not in taken)


def _rules(candidate: Candidate) -> list[str]:
    files = f"{counted(candidate.counted_files, 'file')} of {', '.join(candidate.counted)}"
    places = f"{counted(candidate.counted_places, 'place')} in {files}"
    note = f"; {candidate.finished_note}" if candidate.is_finished else ""
    return [
        f"  # {_on_one_line(candidate.title)}: {places}{note}",
        f"  # {_on_one_line(candidate.why)}",
        *(rule_line(entry) for entry in candidate.rules),
    ]


def _on_one_line(text: str) -> str:
    """Return text that stays on one line."""
    return "".join(character if character.isprintable() else " " for character in text)


def _quoted(text: str) -> str:
    return json.dumps(_on_one_line(text)[:200], ensure_ascii=False)


def _commented(rest: Sequence[Candidate]) -> list[str]:
    if not rest:
        return []
    lines = ["", "  # More candidates: remove the # before a rule to use it."]
    for each in rest:
        lines += [line if line.startswith("  #") else f"  # {line.strip()}" for line in _rules(each)]
    return lines


def _issue(chosen: Sequence[Candidate], key: str, title: str, taken: Collection[str] = ()) -> list[str]:
    lines = [
        f"  - key: {json.dumps(key)}  # the key in your tracker; url: is its address",
        f"    title: {_quoted(title)}",
        f"    rules: {json.dumps([entry['id'] for each in chosen for entry in each.rules])}",
        "    phases:",
    ]
    used = set(taken)
    for number, each in enumerate(chosen, start=1):
        name = _free(f"phase-{number}", used)
        used.add(name)
        lines += [
            f"      - id: {name}",
            f"        title: {_quoted(each.title)}",
            f"        rules: {json.dumps([entry['id'] for entry in each.rules])}",
            "        criteria: [{kind: violations, max: 0}]",
        ]
    return lines
