"""The contract of every rule kind: what it reads, keeps and reports.

A rule reads one file's text once and keeps `RuleReport`: the hits that hold whatever other files say, facts
that other files may ask for, and what it must still ask. `join` answers that from the board of a whole
revision. RuleReport depends on (path, text, plan) alone, so it is read once and kept for ever.
"""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Literal, Protocol

from scanner.plan import Plan, RuleSpec
from scanner.python.source import Location, Source


class Relevance(Enum):
    """How relevant the text of a file is to a rule, judged from its bytes before it is parsed."""

    NOTHING = "nothing"  # the rule cannot report anything
    NAMED = "named"  # names what the rule looks for: read it only if it is not valid Python
    POSSIBLE = "possible"  # worth reading, but names nothing: unparsed it may still be clean
    WANTED = "wanted"  # worth reading, and not clean if it cannot be parsed

    @property
    def is_wanted(self) -> bool:
        """Whether the rule reads the file."""
        return self is Relevance.WANTED or self is Relevance.POSSIBLE

    @property
    def is_named(self) -> bool:
        """Whether an unparsed file cannot be called clean."""
        return self is Relevance.WANTED or self is Relevance.NAMED


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that a rule found, before the plan gives it risk, category and phase.

    `low` caps the risk at low (a tombstone). `message` replaces the rule's own where it says more.
    """

    location: Location
    role: str
    symbol: str
    scope: str
    low: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What one rule keeps of one file. `facts` and `pending` are plain JSON values, so they can be stored.

    `facts` maps a key to what this file says under it; other files read them through the index.
    """

    hits: tuple[Hit, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    pending: Any = None
    new_sites: int = 0


class FactIndex(Protocol):
    """What all files in scope of one revision say; every question asked is remembered as a dependency."""

    def facts(self, key: str) -> tuple[tuple[str, Any], ...]:
        """(path, value) of every file that published `key`, in order of path."""
        ...

    def modules(self, name: str) -> tuple[str, ...]:
        """The paths in scope whose dotted module name is `name` (a package's `__init__.py` included)."""
        ...


Shape = Literal["globs", "symbols", "modules", "name", "text", "count", "flag", "mapping"]


@dataclass(frozen=True, slots=True)
class Option:
    """A key of the plan that belongs to one rule kind; a key that the plan leaves out is not in `options`.

    Shapes: `globs` a list of name globs, `symbols` a list of full dotted names, `modules` a mapping of name
    to dotted module, `name` one identifier, `text` any words, `count` a whole number from 0, `flag` true or
    false, `mapping` plain YAML, which the kind checks in `problem`. Lists arrive as tuples.
    """

    name: str
    shape: Shape
    required: bool = False


class Rule:
    """Base of every rule kind: `kind` and `roles` are its public names, `needles` its byte prefilter.

    A text without any of the needles is not relevant; a rule that has no needles is asked about every text.
    """

    kind: ClassVar[str]
    roles: ClassVar[tuple[str, ...]]
    options: ClassVar[tuple[Option, ...]] = ()

    @classmethod
    def problem(cls, options: Mapping[str, Any]) -> str:  # noqa: ARG003
        """What is wrong with well-shaped options taken together, in words; empty if nothing."""
        return ""

    @classmethod
    def documentation(cls) -> str:
        """What the kind's own file says of it: what, why, a hit and a silence."""
        return inspect.getdoc(inspect.getmodule(cls)) or ""

    @classmethod
    def summary(cls) -> str:
        """The first line of the class: the message where neither plan nor hit has one."""
        return (cls.__doc__ or cls.kind).splitlines()[0].rstrip(".")

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        self.spec = spec
        self.plan = plan
        self.needles: tuple[bytes, ...] = ()

    def relevance(self, text: bytes) -> Relevance:
        """Return how relevant a text is before it is parsed; by default relevant if it holds a needle."""
        return Relevance.WANTED if self.holds_needle(text) else Relevance.NOTHING

    def holds_needle(self, text: bytes) -> bool:
        """Return whether any of the needles occurs in a text."""
        return any(needle in text for needle in self.needles)

    def read(self, source: Source) -> RuleReport:
        """What one parsed file says to this rule."""
        raise NotImplementedError

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        """The final hits of one file, once the whole revision is known."""
        return report.hits
