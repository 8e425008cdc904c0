"""The interface of every rule kind: its options, its prefilter, and the report on one file.

A rule reads each file once and returns a `RuleReport`, which contains hits that do not depend on other files,
facts for other files to query, and pending hits. `join` resolves the pending hits using the facts of a whole
revision. A RuleReport depends only on (path, text, plan), so it can be cached indefinitely.
"""

import inspect
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, ClassVar, Literal, Protocol

from scanner.plan import Plan, RuleSpec
from scanner.python.source import Location, Source
from scanner.rules.text_patterns import may_import


class Relevance(Enum):
    """How relevant a file is to a rule, judging by its bytes before it is parsed."""

    NOTHING = "nothing"  # the rule has nothing to report
    NAMED = "named"  # contains the names: worth reading only if it is not valid Python
    POSSIBLE = "possible"  # worth reading, but lacks the names: clean even if it does not parse
    WANTED = "wanted"  # worth reading, and not clean if it does not parse

    @property
    def is_wanted(self) -> bool:
        """Return whether the rule reads the file."""
        return self is Relevance.WANTED or self is Relevance.POSSIBLE

    @property
    def is_named(self) -> bool:
        """Return whether the file counts as unclean if it does not parse."""
        return self is Relevance.WANTED or self is Relevance.NAMED


@dataclass(frozen=True, slots=True)
class Hit:
    """A code location reported by a rule, before the plan assigns its risk, category and phase.

    `low` limits the risk to low (for tombstones). `message` overrides the rule's own message.
    """

    location: Location
    role: str
    symbol: str
    scope: str
    low: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """The result of one rule for one file; `facts` and `pending` are plain JSON values that can be stored.

    `facts` maps keys to values that other files can query through the fact index.
    """

    hits: tuple[Hit, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    pending: Any = None
    new_sites: int = 0


class FactIndex(Protocol):
    """The facts of all files in scope in one revision; every query is recorded as a dependency."""

    def facts(self, key: str) -> tuple[tuple[str, Any], ...]:
        """Return (path, value) for every file that published `key`, ordered by path."""
        ...

    def modules(self, name: str) -> tuple[str, ...]:
        """Return the paths in scope with this dotted module name, such as a package's `__init__.py`."""
        ...

    def ask(self, module: str, name: str) -> None:
        """Request the facts about one name of a module, in case the rule did not read the module for it.

        The module's supplement is then published, and files that queried the new facts are joined again.
        """
        ...


Shape = Literal["globs", "symbols", "modules", "name", "text", "count", "flag", "mapping"]


@dataclass(frozen=True, slots=True)
class Option:
    """A plan key that belongs to one rule kind; omitted keys are absent from `options`.

    Shapes: `globs` is a list of name globs, `symbols` a list of full dotted names, `modules` a mapping of
    names to dotted modules, `name` one identifier, `text` any text, `count` a non-negative integer, `flag`
    true or false, and `mapping` plain YAML that the kind validates in `problem`. Lists are converted to
    tuples. `help` says in one sentence what the key is for.
    """

    name: str
    shape: Shape
    required: bool = False
    help: str = ""
    title: str = ""


class Rule:
    """The base class of every rule kind: `kind` and `roles` are public names, `needles` its byte prefilter.

    A text that contains none of the needles is not relevant. If a rule has no needles, `relevance` is called
    for every text.
    """

    kind: ClassVar[str]
    roles: ClassVar[tuple[str, ...]]
    options: ClassVar[tuple[Option, ...]] = ()

    @classmethod
    def problem(cls, options: Mapping[str, Any]) -> str:  # noqa: ARG003
        """Return what is wrong with a combination of valid options, or an empty string if nothing is."""
        return ""

    @classmethod
    def documentation(cls) -> str:
        """Return the module docstring: what is reported and why, with examples of code that is and is not."""
        return inspect.getdoc(inspect.getmodule(cls)) or ""

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the class docstring, which is the default message of a finding."""
        return (cls.__doc__ or cls.kind).splitlines()[0].rstrip(".")

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        self.spec = spec
        self.plan = plan
        self.needles: tuple[bytes, ...] = ()

    def relevance(self, text: bytes) -> Relevance:
        """Return how relevant a text is before it is parsed; by default, whether it contains a needle."""
        return Relevance.WANTED if self.holds_needle(text) else Relevance.NOTHING

    def holds_needle(self, text: bytes) -> bool:
        """Return whether a text contains any of the needles."""
        return any(needle in text for needle in self.needles)

    def extent(self, text: bytes) -> int:
        """Return how many bytes at the beginning of a valid text the rule reads."""
        return len(text)

    def read(self, source: Source) -> RuleReport:
        """Return the report on one parsed file."""
        raise NotImplementedError

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        """Return the final hits in one file, using the facts of the whole revision."""
        return report.hits

    def aliases(self, report: RuleReport) -> Mapping[str, Sequence[str]]:  # noqa: ARG002
        """Return the full names under which a file hands on what may be listed, with what they refer to."""
        return {}

    def is_listed(self, name: str, index: FactIndex) -> bool:  # noqa: ARG002
        """Return whether a full name leads to something that the plan lists for this rule."""
        return False

    def supplement(self, source: Source, words: Collection[str]) -> RuleReport:  # noqa: ARG002
        """Return facts and pending hits about words that only other files show to matter.

        The words are aliases of listed names, and names that `FactIndex.ask` requested. A word that leads to
        nothing must not change any finding, because the engine may supply more words than a revision needs.
        """
        return RuleReport()

    def concerns(self, text: bytes, word: str) -> bool:
        """Return whether a supplement on a text may say something about a word, judging by its bytes."""
        return may_import(text, word.encode())

    def merge(self, report: RuleReport, extra: RuleReport) -> RuleReport:
        """Return a file's report with a supplement; by default, only facts are added."""
        return replace(report, facts=merge_facts(report.facts, extra.facts))


def merge_facts(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return all facts; lists and mappings that both contain under one key are united."""
    both: dict[str, Any] = {}
    for key in first.keys() & second.keys():
        old, new = first[key], second[key]
        if isinstance(old, dict):
            both[key] = {**old, **new}
        elif isinstance(old, list) and old != new:
            both[key] = sorted({*old, *new})
    return {**first, **second, **both}


def merge_lists(first: list[Any], second: list[Any]) -> list[Any]:
    """Return the items of both lists, without those of the second that the first contains."""
    return [*first, *(item for item in second if item not in first)]
