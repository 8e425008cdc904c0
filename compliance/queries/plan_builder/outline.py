"""The outline of a plan: its rules, issues with their phases, categories, suites and risk overrides."""

from dataclasses import dataclass
from typing import Any

from compliance import scans


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the outline that opens, moves and removes one part."""

    path: str
    title: str
    detail: str = ""
    rows: "tuple[Row, ...]" = ()
    has_problem: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A list of the outline. `kinds` are what can be added, and `is_named` if a new entry needs a name."""

    path: str
    title: str
    noun: str
    rows: tuple[Row, ...]
    kinds: tuple[tuple[str, str], ...] = ()
    is_named: bool = False


Outline = list[Group]


def outline(document: scans.PlanDocument, faulty: set[str]) -> Outline:
    """Return the outline. `faulty` are the paths of the plan's problems."""
    content = document.plain()
    content = content if isinstance(content, dict) else {}

    def row(path: str, title: Any, detail: Any = "", rows: tuple[Row, ...] = ()) -> Row:
        has_problem = any(place == path or place.startswith(f"{path}/") for place in faulty)
        return Row(path, str(title or "(without a name)"), str(detail or ""), rows, has_problem)

    def each(key: str, source: Any = None) -> list[tuple[int, dict[str, Any]]]:
        items = (content if source is None else source).get(key)
        pairs = enumerate(items if isinstance(items, list) else ())
        return [(place, item) for place, item in pairs if isinstance(item, dict)]

    def named(key: str) -> tuple[Row, ...]:
        values = content.get(key)
        pairs = values.items() if isinstance(values, dict) else ()
        return tuple(row(f"{key}/{name}", name, _globs(part)) for name, part in pairs)

    rules = tuple(row(f"rules/{n}", rule.get("id"), rule.get("kind")) for n, rule in each("rules"))
    issues = tuple(
        row(
            f"issues/{n}",
            issue.get("key"),
            issue.get("title"),
            tuple(
                row(f"issues/{n}/phases/{m}", phase.get("id"), _dates(phase))
                for m, phase in each("phases", issue)
            ),
        )
        for n, issue in each("issues")
    )
    overrides = tuple(
        row(f"risk_overrides/{n}", override.get("risk"), _globs(override.get("paths")))
        for n, override in each("risk_overrides")
    )
    kinds = tuple((kind.kind, f"{kind.kind}: {kind.summary()}") for kind in scans.kinds())
    return [
        Group("rules", "Rules", "rule", rules, kinds),
        Group("issues", "Issues and phases", "issue", issues),
        Group("categories", "Categories", "category", named("categories"), is_named=True),
        Group("suites", "Suites", "suite", named("suites"), is_named=True),
        Group("risk_overrides", "Risk overrides", "risk override", overrides),
    ]


def _globs(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("match")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _dates(phase: dict[str, Any]) -> str:
    due = f", due {phase['due']}" if phase.get("due") else ""
    return f"{phase.get('title', '')}{due}"
