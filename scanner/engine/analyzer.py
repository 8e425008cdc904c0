"""Turns one file's content into the reports of all rules, parsing it only once."""

import codecs
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from scanner.engine.suppressions import read_suppressions
from scanner.git.batch import Missing
from scanner.model import RepoPath, Suppression
from scanner.plan import UNEXPLAINED_IGNORE, Plan
from scanner.python.comments import MARK
from scanner.python.identifiers import normalize_words
from scanner.python.misplaced import may_misplace
from scanner.python.multi_search import Needles
from scanner.python.source import Source
from scanner.python.text import is_sound, to_utf8
from scanner.rules import kinds
from scanner.rules.base import Relevance, Rule, RuleReport

MAX_BYTES = 1_000_000
_POINTER = b"version https://git-lfs.github.com/spec/"
# Two expressions that begin with a literal are five times as fast as one that is tried on every line.
_DEFINITIONS = tuple(
    re.compile(word + rb"(?<=\b%b)[ \t]+([\w\x80-\xff]+)" % word) for word in (b"def", b"class")
)
_BEFORE = re.compile(rb"([ \t]*)(?:async[ \t]+)?")
Word = tuple[str, str]  # a rule, and a name that matters to it
_NONE: Mapping[str, RuleReport] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileReport:
    """The result of analysing one file under a plan, independent of all other files.

    `fault` is the line and the reason if the text does not parse; `skipped` is the reason if the file was not
    read. `tainted` is true if the text does not parse but contains names from the plan, in which case the
    file must not count as clean. `defined` contains the dotted names of its classes and functions if any rule
    found something. `is_late` is true if the file was only read for words of other files; its fault,
    `late_fault`, then counts if there are findings.
    """

    rule_reports: Mapping[str, RuleReport] = field(default_factory=lambda: _NONE)
    fault: tuple[int, str] | None = None
    skipped: str = ""
    tainted: bool = False
    defined: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    late_fault: tuple[int, str] | None = None
    is_late: bool = False


EMPTY = FileReport()


def make_rules(plan: Plan) -> tuple[Rule, ...]:
    """Create the plan's rules, in plan order."""
    catalogue = {kind.kind: kind for kind in kinds()}
    return tuple(catalogue[spec.kind](spec, plan) for spec in plan.rules)


@dataclass(frozen=True, slots=True)
class _Selection:
    """The rules to run on a file, chosen by its path and its bytes.

    `is_relevant` is true if some rule considers the text relevant, `covers_path` if such a rule also covers
    the path, and `is_marked` if the text may contain suppressions.
    """

    is_relevant: bool
    covers_path: bool
    wanted: list[Rule]
    is_marked: bool

    @property
    def must_parse(self) -> bool:
        return bool(self.wanted) or self.is_marked


class Analyzer:
    """Analyses files under one plan."""

    def __init__(self, plan: Plan) -> None:
        self._roots = plan.scope.source_roots
        self._rules = make_rules(plan)
        self._ids = frozenset(spec.id for spec in plan.rules)
        self._words: Collection[Word] = ()
        self._wanted: list[tuple[Rule, list[str]]] = []
        self._needles = Needles([*(rule.needles for rule in self._rules), (MARK,)])

    def analyze(self, path: RepoPath, content: bytes | Missing) -> FileReport:
        """Return the report on one file.

        It is `EMPTY`, whatever the path, if no rule considers the text relevant.
        """
        if isinstance(content, Missing):
            return FileReport(skipped=content.reason)
        if reason := _not_source(content):
            return FileReport(skipped=reason)
        text = self._searchable_text(content)
        selection = self._select(path, text)
        if selection.must_parse or (selection.covers_path and not _is_sound(content, text)):
            beginning = self._beginning(path, content, selection) if text is content else None
            return self._parse(beginning or Source(path, content, self._roots), content, selection.wanted)
        return FileReport() if selection.is_relevant else EMPTY

    def _select(self, path: RepoPath, text: bytes) -> _Selection:
        found = self._needles.found_in(text)
        relevant = self._relevant(text, found)
        covering = [(rule, relevance) for rule, relevance in relevant if rule.spec.covers(path)]
        return _Selection(
            is_relevant=bool(relevant),
            covers_path=bool(covering),
            wanted=[rule for rule, relevance in covering if relevance.is_wanted],
            is_marked=len(self._rules) in found,
        )

    def _relevant(self, text: bytes, found: frozenset[int]) -> list[tuple[Rule, Relevance]]:
        """Return the rules that consider the text relevant, among those whose indexes are in `found`."""
        judged = ((rule, rule.relevance(text)) for number, rule in enumerate(self._rules) if number in found)
        return [(rule, relevance) for rule, relevance in judged if relevance is not Relevance.NOTHING]

    def _beginning(self, path: RepoPath, content: bytes, selection: _Selection) -> Source | None:
        """Return the beginning of a valid text if the rules read no more, because parsing takes most time."""
        if selection.is_marked or not selection.wanted:
            return None
        end = max(rule.extent(content) for rule in selection.wanted)
        if end == len(content) or may_misplace(content) or not is_sound(content):
            return None
        source = Source(path, content[:end], self._roots)
        return source if source.fault is None and not source.root.has_error else None

    def _parse(self, source: Source, content: bytes, wanted: list[Rule]) -> FileReport:
        path = RepoPath(source.path)
        named = self._naming(path, source.data) if source.root.has_error else []
        rules = [rule for rule in self._rules if rule in wanted or rule in named]
        reports = {rule.spec.id: rule.read(source) for rule in rules}
        suppressions, unexplained = read_suppressions(source, self._ids) if MARK in source.data else ((), ())
        reports[UNEXPLAINED_IGNORE] = RuleReport(unexplained)
        non_empty = {key: report for key, report in reports.items() if report != RuleReport()}
        fault = source.fault  # excessive nesting is detected only while the rules read the tree
        tainted = fault is not None and bool(named or self._naming(path, source.data))
        may_report = any(report.hits or report.pending for report in non_empty.values())
        text = content if len(source.raw) < len(content) else source.data
        defined = defined_scopes(text) if may_report else ()
        return FileReport(non_empty, fault, "", tainted, defined, suppressions)

    def supplement(self, path: RepoPath, content: bytes | Missing, words: Collection[Word]) -> FileReport:
        """Return what the rules report about words that only other files show to matter."""
        if isinstance(content, Missing) or _not_source(content):
            return EMPTY
        text = self._searchable_text(content)
        used = [
            (rule, found)
            for rule, mine in self._wanting(words)
            if (found := {word for word in mine if rule.concerns(text, word)}) and rule.spec.covers(path)
        ]
        if not used:
            return EMPTY
        source = Source(path, content, self._roots)
        every = {rule.spec.id: rule.supplement(source, mine) for rule, mine in used}
        reports = {rule_id: report for rule_id, report in every.items() if report != RuleReport()}
        defined = defined_scopes(source.data) if reports else ()
        return FileReport(reports, source.fault, "", False, defined) if reports else EMPTY

    def _wanting(self, words: Collection[Word]) -> list[tuple[Rule, list[str]]]:
        """Return the rules to which some of these words matter, with these; the same for file after file."""
        if words is not self._words:
            every = ((r, [word for rule_id, word in words if rule_id == r.spec.id]) for r in self._rules)
            self._words, self._wanted = words, [(rule, mine) for rule, mine in every if mine]
        return self._wanted

    def _searchable_text(self, content: bytes) -> bytes:
        """Return the text in which to search for words.

        The raw bytes do not suffice: some encodings (UTF-7) do not write words in ASCII, and an identifier
        has several spellings.
        """
        text = to_utf8(content)[0] if b"coding" in content[:400] else content
        return text if text.isascii() else normalize_words(text, self._matters)

    def _matters(self, names: bytes) -> bool:
        return bool(self._needles.found_in(names) - self._needles.always)

    def _naming(self, path: RepoPath, text: bytes) -> list[Rule]:
        """Return the rules that cover the path and whose names occur in the text."""
        relevant = self._relevant(text, self._needles.found_in(text))
        return [rule for rule, relevance in relevant if relevance.is_named and rule.spec.covers(path)]


def _not_source(content: bytes) -> str:
    """Return why the content is not source text, or an empty string if it may be."""
    if content.startswith(_POINTER):
        return "is a Git LFS pointer; its content is not in the repository"
    if b"\0" in content:
        wide = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        return "is UTF-16 text, which Python does not read" if wide else "is binary: it contains NUL bytes"
    return ""


def _is_sound(content: bytes, text: bytes) -> bool:
    """Return whether the text is certainly valid Python, so that it need not be parsed."""
    return text is content and is_sound(text)


def defined_scopes(text: bytes) -> tuple[str, ...]:
    """Return the dotted names of the classes and functions in a text, derived from its indentation alone."""
    around: list[tuple[int, bytes]] = []
    found: dict[str, None] = {}
    matches = (match for definition in _DEFINITIONS for match in definition.finditer(text))
    for match in sorted(matches, key=re.Match.start):
        before = _BEFORE.fullmatch(text, text.rfind(b"\n", 0, match.start()) + 1, match.start())
        if before is None:
            continue
        depth = len(before.group(1).expandtabs())
        while around and around[-1][0] >= depth:
            around.pop()
        around.append((depth, match.group(1)))
        found[b".".join(name for _, name in around).decode("utf-8", "replace")] = None
    return tuple(found)
