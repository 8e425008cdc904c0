"""Describes the plan format: every key with its shape, its title and what it is for.

The plan reader, the JSON Schema and the forms of the dashboard's plan builder are made from it. The keys that
belong to one rule kind are described by its detector (`scanner.rules.base.Option`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from scanner.model import RISKS
from scanner.planfile.fields import KEY, MESSAGE, NAME, PRIORITY, ROLE, TITLE, URL
from scanner.rules import kinds
from scanner.rules.base import Option, Rule

FORMAT_VERSION = 1

STEP_RISKS = (*RISKS, "minimal")

Shape = Literal[
    "version",
    "text",
    "line",
    "id",
    "name",
    "dotted",
    "url",
    "number",
    "count",
    "flag",
    "date",
    "choice",
    "choices",
    "path-globs",
    "folders",
    "globs",
    "symbols",
    "modules",
    "types",
    "risk",
    "mapping",
    "section",
    "list",
    "named",
    "named-globs",
]
Reference = Literal["", "categories", "rules", "roles", "issues", "suites"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping in a plan.

    `refers` names the part of the plan whose names are valid values, and `choices` the words that always are.
    `default` describes what an omitted key means. `of` describes the values of a `section`, a `list` of
    mappings, or a mapping with arbitrary keys (`named`). Shapes that are also shapes of a rule's option have
    the same meaning; `types` is a mapping of names to full dotted names, and `risk` one risk or one per role.
    """

    name: str
    shape: Shape
    title: str
    help: str = ""
    required: bool = False
    default: str = ""
    limit: int = 0
    low: float = 0
    high: float | None = None
    choices: tuple[str, ...] = ()
    refers: Reference = ""
    of: "Section | None" = None


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping with fixed keys. `variants` has the further keys of each value of the key `kind`, and
    `one_of` keys of which at least one is required.
    """

    title: str
    keys: tuple[Key, ...]
    variants: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> tuple[Key, ...]:
        """Return the keys of a mapping with this kind. Of an unknown kind, these are those of every kind."""
        return (*self.keys, *self.variants.get(kind, ()))

    def names(self, kind: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the names of the required and of the optional keys."""
        return split(self.of_kind(kind))


def split(keys: Iterable[Key]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the required and of the optional keys among these."""
    found = tuple(keys)
    return (
        tuple(key.name for key in found if key.required),
        tuple(key.name for key in found if not key.required),
    )


def option_key(option: Option) -> Key:
    """Return the description of a key that belongs to one rule kind."""
    title = option.title or option.name.replace("_", " ").capitalize()
    return Key(option.name, option.shape, title, option.help, option.required)


_PATHS = Key("paths", "path-globs", "Paths", "Only findings in files that match one of these globs.")
_RULES = Key("rules", "choices", "Rules", "Only findings of these rules.", refers="rules")
_ROLES = Key("roles", "choices", "Roles", "Only findings with these roles.", refers="roles")
_RISK = Key("risk", "choice", "Risk", "The risk of these findings.", choices=RISKS, required=True)
_CATEGORIES = Key(
    "categories", "choices", "Categories", "Only findings in files of these categories.", refers="categories"
)

SCOPE = Section(
    "Scope",
    (
        Key(
            "include",
            "path-globs",
            "Include",
            "`*` stays inside one folder, `**` crosses folders.",
            default="every Python file",
        ),
        Key("exclude", "path-globs", "Exclude", "Files that are never scanned.", default="none"),
        Key(
            "source_roots",
            "folders",
            "Source roots",
            "Folders from which dotted names start; `.` is the repository's root.",
            default="the repository's root",
        ),
    ),
)

REPLACEMENT = Section(
    "Replacement",
    (
        Key("symbol", "dotted", "New name", "The full dotted name that replaces the old one.", required=True),
        Key(
            "arguments",
            "types",
            "Arguments",
            "Arguments that each call must receive, with the full dotted names of their types.",
        ),
    ),
)

RULE = Section(
    "Rule",
    (
        Key("id", "id", "Id", "Letters, digits, `.`, `-` and `_`; unique in the plan.", required=True),
        Key("kind", "choice", "Kind", "What the rule searches for.", required=True),
        Key("message", "text", "Message", "Why it matters, in your team's words.", limit=MESSAGE),
        Key("risk", "risk", "Risk", "One risk for all findings, or one per role.", default="medium"),
        Key("paths", "path-globs", "Paths", "Limit the rule to these files.", default="all files in scope"),
        Key("replacement", "section", "Replacement", "What a patch writes instead.", of=REPLACEMENT),
        Key("issues", "choices", "Issues", "The issues that the rule belongs to.", refers="issues"),
    ),
)
"""What all rules have in common; `rule_section` adds the keys of the kinds."""

OVERRIDE = Section("Risk override", (_RISK, _PATHS, _RULES, _ROLES, _CATEGORIES))

_WAIVERS = Key(
    "accept_waivers", "flag", "Accept waivers", "Violations with an approved waiver count as fixed here."
)

CRITERION = Section(
    "Criterion",
    (Key("kind", "choice", "Kind", "What closes the phase.", required=True),),
    {
        "violations": (
            Key("max", "count", "At most", "The number of violations that may remain.", required=True),
            _WAIVERS,
        ),
        "compliance": (
            Key("min", "number", "At least", "The percentage to reach.", required=True, high=100),
            _WAIVERS,
        ),
        "tests": (
            Key("suite", "choice", "Suite", "A suite of this plan.", required=True, refers="suites"),
            Key("expect", "choice", "Expected outcome", choices=("pass", "fail"), default="pass"),
            Key("at_least", "count", "At least", "The number of tests that must have this outcome."),
        ),
        "measurement": (
            Key("name", "id", "Name", "The name under which the value is sent.", required=True),
            Key("min", "number", "At least"),
            Key("max", "number", "At most"),
        ),
        "approval": (
            Key("role", "line", "Role", "Somebody with this role approves.", required=True, limit=ROLE),
        ),
    },
)

STEP = Section(
    "Step",
    (
        Key("title", "text", "Title", "The subject of the commit.", required=True, limit=TITLE),
        Key("risk", "choice", "Risk", choices=STEP_RISKS),
        Key("defines", "dotted", "Defines", "Done once a commit defines this full dotted name."),
        Key("clean", "path-globs", "Clean", "Done once these files have no findings."),
    ),
    one_of=("defines", "clean"),
)

PHASE = Section(
    "Phase",
    (
        Key("id", "id", "Id", "Letters, digits, `.`, `-` and `_`; unique in the plan.", required=True),
        Key("title", "text", "Title", required=True, limit=TITLE),
        _CATEGORIES,
        _PATHS,
        _RULES,
        _ROLES,
        Key("risks", "choices", "Risks", "Only findings with these risks.", choices=RISKS),
        Key("start", "date", "Start"),
        Key("due", "date", "Due"),
        Key(
            "criteria",
            "list",
            "Criteria",
            "The phase closes when all of them are met.",
            default="no violations remain",
            of=CRITERION,
        ),
    ),
)

ISSUE = Section(
    "Issue",
    (
        Key("key", "line", "Key", "As in the tracker: `#12` or `SHOP-12`.", required=True, limit=KEY),
        Key("title", "text", "Title", required=True, limit=TITLE),
        Key("url", "url", "Address", "Makes the key a link.", limit=URL),
        Key("priority", "line", "Priority", "Shown beside the issue.", limit=PRIORITY),
        Key("rules", "choices", "Rules", "Findings of these rules.", default="all rules", refers="rules"),
        Key("paths", "path-globs", "Paths", "Findings in these files.", default="all files"),
        Key(
            "phases",
            "list",
            "Phases",
            "A finding belongs to the first phase that matches it, so their order matters.",
            of=PHASE,
        ),
        Key("steps", "list", "Steps", "Individual commits, in a fixed order.", of=STEP),
    ),
)

SUITE = Section(
    "Suite", (Key("match", "path-globs", "Test files", "Globs for the test files.", required=True),)
)


def rule_section(detectors: Iterable[type[Rule]] | None = None) -> Section:
    """Return the description of a rule, with the keys of each kind; by default, of all installed ones."""
    found = detectors if detectors is not None else kinds()
    options = {kind.kind: tuple(map(option_key, kind.options)) for kind in found}
    return Section(RULE.title, RULE.keys, dict(sorted(options.items())))


@cache
def plan_section() -> Section:
    """Return the description of a whole plan."""
    return Section(
        "Plan",
        (
            Key("version", "version", "Format version", required=True),
            Key(
                "name",
                "text",
                "Name",
                "Repositories whose plans share a name are totalled.",
                True,
                limit=NAME,
            ),
            Key("rules", "list", "Rules", "What to report as a violation.", True, of=rule_section()),
            Key(
                "target_percent",
                "number",
                "Target",
                "The percentage of clean files to reach.",
                default="100",
                high=100,
            ),
            Key("scope", "section", "Scope", "The files to scan.", of=SCOPE),
            Key(
                "categories",
                "named-globs",
                "Categories",
                "A file belongs to the first category that matches it, otherwise to `production`.",
            ),
            Key(
                "compliance_counts",
                "choices",
                "Counted categories",
                "The categories that the percentage is made of.",
                default="production",
                refers="categories",
            ),
            Key(
                "risk_overrides",
                "list",
                "Risk overrides",
                "The first one that matches a finding sets its risk.",
                of=OVERRIDE,
            ),
            Key("issues", "list", "Issues", "The work, as in your tracker.", of=ISSUE),
            Key("suites", "named", "Suites", "Test files to which criteria refer.", of=SUITE),
        ),
    )
