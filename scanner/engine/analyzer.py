"""One file's bytes -> what every rule keeps of them, on one shared parse."""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from scanner.engine.suppressions import read_suppressions
from scanner.git.batch import Missing
from scanner.model import RepoPath, Suppression
from scanner.plan import UNEXPLAINED_IGNORE, Plan
from scanner.python.comments import MARK
from scanner.python.multi_search import Needles
from scanner.python.source import Source
from scanner.python.text import is_sound, to_utf8
from scanner.rules import kinds
from scanner.rules.base import Relevance, Rule, RuleReport

MAX_BYTES = 1_000_000
_POINTER = b"version https://git-lfs.github.com/spec/"
# Two expressions that begin with a literal are five times as fast as one that tries every line.
_DEFINITIONS = tuple(
    re.compile(word + rb"(?<=\b%b)[ \t]+([\w\x80-\xff]+)" % word) for word in (b"def", b"class")
)
_BEFORE = re.compile(rb"([ \t]*)(?:async[ \t]+)?")
_NONE: Mapping[str, RuleReport] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one file's text says to a plan, whatever other files say.

    `fault` is line and reason where the text does not parse, `skipped` why it was not read at all. `tainted`:
    it does not parse, and it names what the plan looks for, so it must not pass as clean. `defined` has the
    dotted scopes of its classes and functions if any rule found something.
    """

    rule_reports: Mapping[str, RuleReport] = field(default_factory=lambda: _NONE)
    fault: tuple[int, str] | None = None
    skipped: str = ""
    tainted: bool = False
    defined: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


EMPTY = FileReport()


def make_rules(plan: Plan) -> tuple[Rule, ...]:
    """The detectors of a plan, in its order."""
    catalogue = {kind.kind: kind for kind in kinds()}
    return tuple(catalogue[spec.kind](spec, plan) for spec in plan.rules)


class Analyzer:
    """Reads files for one plan."""

    def __init__(self, plan: Plan) -> None:
        self._roots = plan.scope.source_roots
        self._rules = make_rules(plan)
        self._ids = frozenset(spec.id for spec in plan.rules)
        self._needles = Needles([*(rule.needles for rule in self._rules), (MARK,)])

    def analyze(self, path: RepoPath, content: bytes | Missing) -> FileReport:
        """Return the report of one file; `EMPTY`, whatever the path, if no rule finds its words in it."""
        if isinstance(content, Missing):
            return FileReport(skipped=content.reason)
        if reason := _not_source(content):
            return FileReport(skipped=reason)
        # Some encodings write plain names in other bytes (UTF-7 does): look for words in the text itself.
        text = to_utf8(content)[0] if b"coding" in content[:400] else content
        found = self._needles.found_in(text)
        relevant = self._relevant(text, found)
        covering = [(rule, relevance) for rule, relevance in relevant if rule.spec.covers(path)]
        wanted = [rule for rule, relevance in covering if relevance.is_wanted]
        is_marked = len(self._rules) in found
        if wanted or is_marked:
            return self._parse(path, content, wanted)
        if covering and not (text is content and is_sound(text)):
            return self._parse(path, content, [])
        return FileReport() if relevant else EMPTY

    def _relevant(self, text: bytes, found: frozenset[int]) -> list[tuple[Rule, Relevance]]:
        """Return the rules to which a text is relevant; `found` numbers those whose needles it holds."""
        asked = ((rule, rule.relevance(text)) for number, rule in enumerate(self._rules) if number in found)
        return [(rule, relevance) for rule, relevance in asked if relevance is not Relevance.NOTHING]

    def _parse(self, path: RepoPath, content: bytes, wanted: list[Rule]) -> FileReport:
        source = Source(path, content, self._roots)
        named = self._naming(path, source.data) if source.root.has_error else []
        rules = [rule for rule in self._rules if rule in wanted or rule in named]
        reports = {rule.spec.id: rule.read(source) for rule in rules}
        suppressions, unexplained = read_suppressions(source, self._ids) if MARK in source.data else ((), ())
        reports[UNEXPLAINED_IGNORE] = RuleReport(unexplained)
        said = {key: report for key, report in reports.items() if report != RuleReport()}
        fault = source.fault  # what is nested too deeply shows only now
        tainted = fault is not None and bool(named or self._naming(path, source.data))
        defined = defined_scopes(source.data) if said else ()
        return FileReport(said, fault, "", tainted, defined, suppressions)

    def _naming(self, path: RepoPath, text: bytes) -> list[Rule]:
        """Return the rules that cover the path and whose names the text holds, parsed or not."""
        relevant = self._relevant(text, self._needles.found_in(text))
        return [rule for rule, relevance in relevant if relevance.is_named and rule.spec.covers(path)]


def _not_source(content: bytes) -> str:
    """Why a content is no source text; empty if it may be one."""
    if content.startswith(_POINTER):
        return "is a Git LFS pointer; its content is not in the repository"
    if b"\0" in content:
        wide = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        return "is UTF-16 text, which Python does not read" if wide else "is binary: it holds NUL bytes"
    return ""


def defined_scopes(text: bytes) -> tuple[str, ...]:
    """The dotted names of the classes and functions in a text, told by their indentation alone."""
    around: list[tuple[int, bytes]] = []
    found: dict[str, None] = {}
    words = (match for definition in _DEFINITIONS for match in definition.finditer(text))
    for match in sorted(words, key=re.Match.start):
        before = _BEFORE.fullmatch(text, text.rfind(b"\n", 0, match.start()) + 1, match.start())
        if before is None:
            continue
        depth = len(before.group(1).expandtabs())
        while around and around[-1][0] >= depth:
            around.pop()
        around.append((depth, match.group(1)))
        found[b".".join(name for _, name in around).decode("utf-8", "replace")] = None
    return tuple(found)
