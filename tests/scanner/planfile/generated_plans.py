"""Plan documents as people write them: random content in random layouts, the same for each seed."""

import json
from random import Random
from typing import Any

WORDS = (
    *(
        "Session",
        "Zähler",
        "设计",
        "two words",
        "it's",
        'say "so"',
        "a # b",
        "key: value",
        "- dash",
        "[x]",
        "{y}",
    ),
    *(
        "yes",
        "null",
        "12",
        "1e3",
        "2025-01-01",
        "*glob",
        "&and",
        "%p",
        "@at",
        "`tick`",
        "!bang",
        "🚀 go",
        "a, b",
    ),
    *("tab\there", "back\\slash", "trailing?", "~", "0x1f", "é" * 5, "x" * 90, "non\u00a0breaking"),
    *("two\nlines", "one with its end\n", "a paragraph\n\nand another\n", "  indented\nlines"),
)
GLOBS = ("**/*.py", "src/**", "tests/unit/**", "a b/**", "ünï/*.py", "**/test_*.py", "x/[ab]*.py")
COMMENTS = ("why", "TODO: ask", "ä # twice", '"quoted"', "- not an item", "key: not a key", "")
RISKS = ("critical", "high", "medium", "low")


class Writer:
    """Writes values as YAML, each in a style of its own choice."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.step = random.choice((2, 2, 4))
        self.offset = random.choice((0, 2, 2, 4))
        self.newline = random.choice(("\n", "\n", "\n", "\r\n"))
        self.lines: list[str] = []
        self.scalars: set[str] = set()

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def comment(self) -> str:
        """Return a comment for the end of a line, or nothing."""
        return (
            " " * self.random.randint(1, 9) + f"# {self.random.choice(COMMENTS)}" if self.chance(0.2) else ""
        )

    def scalar(self, value: Any) -> str:
        if not isinstance(value, str):
            return json.dumps(value)
        style = self.random.choice(("plain", "single", "double"))
        simple = value.replace("_", "a").replace(".", "a").replace("-", "a").isalpha()
        if style == "plain" and simple and value not in {"yes", "null"}:
            return value
        if style == "single" and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=max(value, default="") < "\uffff" and self.chance(0.2))

    def flow(self, value: Any) -> str:
        space = self.random.choice(("", "", " "))
        comma = self.random.choice((", ", ", ", ","))
        if isinstance(value, dict):
            inside = comma.join(f"{self.scalar(key)}: {self.flow(part)}" for key, part in value.items())
            return "{" + space + inside + space + "}"
        if isinstance(value, list):
            end = "," if value and self.chance(0.1) else ""
            return "[" + space + comma.join(map(self.flow, value)) + end + space + "]"
        return self.scalar(value)

    def between(self, column: int) -> None:
        """Write what may stand between two entries: blank lines and comments."""
        if self.lines and self.lines[-1] in self.scalars:
            return  # a comment would belong to the block scalar
        if self.chance(0.1):
            self.lines.append("" if self.chance(0.7) else "  ")
        if self.chance(0.15):
            indent = column if self.chance(0.7) else self.random.randint(0, 8)
            self.lines.append(" " * indent + f"# {self.random.choice(COMMENTS)}")

    def mapping(self, value: dict[str, Any], column: int, *, first: str = "") -> None:
        """Write a block mapping. `first` is what stands before its first key, such as a dash."""
        for key, part in value.items():
            lead = first or " " * column
            if not first:
                self.between(column)
            first = ""
            self.entry(f"{lead}{self.scalar(key)}:", part, column)

    def entry(self, lead: str, value: Any, column: int) -> None:
        is_block = isinstance(value, (dict, list)) and value and self.chance(0.6)
        if isinstance(value, str) and value.isprintable() and value.strip() == value and self.chance(0.05):
            indent = " " * (column + self.step)
            self.lines += [f"{lead} {self.random.choice(('|-', '>-'))}", f"{indent}{value}"]
            self.scalars.add(self.lines[-1])
        elif not is_block:
            self.lines.append(f"{lead} {self.flow(value)}{self.comment()}")
        else:
            self.lines.append(lead + self.comment())
            if isinstance(value, dict):
                self.mapping(value, column + self.step)
            else:
                self.sequence(value, column + self.offset)

    def sequence(self, value: list[Any], column: int) -> None:
        for item in value:
            self.between(column)
            if isinstance(item, dict) and self.chance(0.6):
                gap = self.random.choice((1, 1, 1, 3))
                self.mapping(item, column + 1 + gap, first=" " * column + "-" + " " * gap)
            else:
                self.lines.append(f"{' ' * column}- {self.flow(item)}{self.comment()}")


def plan(random: Random) -> dict[str, Any]:
    """Return the content of a valid plan."""

    def some(values: Any, most: int) -> list[Any]:
        values = list(values)
        return random.sample(values, random.randint(1, min(most, len(values))))

    categories = {name: some(GLOBS, 3) for name in some(("unit", "e2e", "golden_path", "docs.x", "2024"), 3)}
    rules = [rule(random, number, some) for number in range(random.randint(1, 5))]
    ids = [found["id"] for found in rules]
    suites = {name: {"match": some(GLOBS, 2)} for name in some(("leaks", "checkout"), 2)}
    phases = []
    for number in range(random.randint(1, 4)):
        phase: dict[str, Any] = {"id": f"phase-{number}", "title": random.choice(WORDS)}
        if random.random() < 0.5:
            phase["rules"] = some(ids, 2)
        if random.random() < 0.5:
            phase["risks"] = some(RISKS, 2)
        if random.random() < 0.7:
            day = f"2026-0{random.randint(1, 9)}-1{random.randint(0, 9)}"
            phase["due"] = random.choice((day, day, day.replace("-", ""), "2026-W40-3"))
        if random.random() < 0.6:
            phase["criteria"] = some(
                (
                    {"kind": "violations", "max": random.randint(0, 9)},
                    {"kind": "compliance", "min": 95.5, "accept_waivers": True},
                    {"kind": "tests", "suite": next(iter(suites)), "expect": "pass", "at_least": 3},
                    {"kind": "approval", "role": "manager"},
                ),
                3,
            )
        phases.append(phase)
    content: dict[str, Any] = {
        "version": 1,
        "name": random.choice(WORDS),
        "target_percent": random.choice((95.0, 100, 12.5)),
        "scope": {"include": ["**/*.py"], "exclude": some(GLOBS, 3)},
        "categories": categories,
        "compliance_counts": some([*categories, "production"], 2),
        "rules": rules,
        "risk_overrides": [{"paths": some(GLOBS, 2), "risk": "low"}],
        "issues": [
            {"key": "#12", "title": random.choice(WORDS), "rules": some(ids, 3), "phases": phases},
            {"key": "SHOP-1", "title": random.choice(WORDS), "steps": [{"title": "Step", "defines": "a.b"}]},
        ],
        "suites": suites,
    }
    for key in ("target_percent", "scope", "risk_overrides"):
        if random.random() < 0.3:
            del content[key]
    return content


def rule(random: Random, number: int, some: Any) -> dict[str, Any]:
    """Return one rule of a random kind."""
    found: dict[str, Any] = {
        "id": f"rule-{number}",
        "kind": random.choice(("singleton", "symbol", "argument", "pattern")),
    }
    match found["kind"]:
        case "singleton":
            found["names"] = some(("*Factory", "Registry", "Ω*"), 3)
        case "symbol":
            found |= {"kind": "deprecated-symbol", "symbols": some(("a.b", "shop.session.get", "x.y.z"), 3)}
            found["replacement"] = {"symbol": "shop.new", "arguments": {"user": "shop.User"}}
        case "argument":
            found |= {"kind": "missing-argument", "callables": [".create"], "argument": "user", "position": 1}
        case "pattern":
            found["pattern"] = random.choice(("datetime.utcnow($$$)", "eval($A)", 'f("x", $A)'))
    if random.random() < 0.6:
        found["message"] = random.choice(WORDS)
    if random.random() < 0.7:
        found["risk"] = random.choice(RISKS)
    if random.random() < 0.3:
        found["paths"] = some(GLOBS, 2)
    return found


def document(seed: int) -> str:
    """Return the text of a plan document."""
    random = Random(seed)
    writer = Writer(random)
    writer.mapping(plan(random), 0)
    text = writer.newline.join(writer.lines)
    if random.random() < 0.9:
        text += writer.newline * random.randint(1, 3)
    return ("\ufeff" if random.random() < 0.1 else "") + text
