"""Proposes idioms that newer Python versions have replaced, where they occur often."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.naming import NOTHING
from scanner.proposals.python_file import PythonFile
from scanner.proposals.super_calls import SUPER_CALL
from scanner.proposals.survey import Survey

LEAST = 10
"""Minimum number of likely occurrences."""

_MANY = 20
"""Number of earlier files that make a finished migration worth showing."""

_F_STRINGS = (b" f'", b' f"', b"(f'", b'(f"')


class Idiom(NamedTuple):
    """An idiom: how to find it roughly in bytes, the rule that finds it exactly, and why it is old.

    A file of the past has it if it contains one of the needles and matches `confirm`, if there is one.
    """

    id: str
    title: str
    why: str
    needles: tuple[bytes, ...]
    likely: re.Pattern[bytes]
    options: Mapping[str, Any]
    evidence: Evidence = Evidence.STYLE
    confirm: re.Pattern[bytes] | None = None


_PYTHON_3 = (3, 0)
_TEXT = ({"kind": "string"}, {"kind": "concatenated_string"})
_STRING = {
    "any": [*_TEXT, {"kind": "parenthesized_expression", "has": {"any": [*_TEXT]}}],
    "not": {"regex": r"^[(\s]*(?:[bB][rR]?|[rR][bB])['\"]"},  # there are no f-strings of bytes
}
"""Conditions for a literal text, also in several parts and in parentheses."""

_FUTURE = "absolute_import|division|print_function|unicode_literals|with_statement|nested_scopes|generators"

IDIOMS = (
    Idiom(
        "future-imports",
        f"from __future__ import … of Python 2 → {NOTHING}",
        "These imports change nothing in Python 3.",
        (b"from __future__",),
        re.compile(rb"^from __future__ import .*(?:%s)" % _FUTURE.encode(), re.MULTILINE),
        {"rule": {"all": [{"pattern": "from __future__ import $$$NAMES"}, {"regex": _FUTURE}]}},
        Evidence.OLD_PYTHON,
        re.compile(rb"from __future__ import .*(?:%s)" % _FUTURE.encode()),
    ),
    Idiom(
        "metaclass-type",
        f"__metaclass__ = type → {NOTHING}",
        "This assignment changes nothing in Python 3, where every class is a new-style class.",
        (b"__metaclass__ = type",),
        re.compile(rb"__metaclass__ = type\s"),
        {"pattern": "__metaclass__ = type"},
        Evidence.OLD_PYTHON,
    ),
    Idiom(
        "super-arguments",
        "super(Class, self) → super()",
        "Where the arguments are the class and the first parameter of its method, super() needs none.",
        (b"super(",),
        re.compile(rb"super\(\w+, (?:self|cls)\)"),
        {"rule": SUPER_CALL, "fix": "super()"},
        confirm=re.compile(rb"super\(\w+, (?:self|cls)\)"),
    ),
    Idiom(
        "object-base",
        "class Name(object) → class Name",
        "In Python 3, every class extends object.",
        (b"(object):",),
        re.compile(rb"class \w+\(object\):"),
        {
            "rule": {
                "kind": "class_definition",
                "has": {
                    "field": "superclasses",
                    "regex": r"^\(object\)$",
                    "has": {"pattern": "object"},
                },
            }
        },
    ),
    Idiom(
        "str-format",
        "'…'.format(values) → f-strings",
        "Strings are formatted with str.format; f-strings have each value where it belongs.",
        (b"'.format(", b'".format('),
        re.compile(rb"[\"']\.format\("),
        {
            "rule": {
                "kind": "call",
                "has": {
                    "field": "function",
                    "all": [
                        {"has": {"field": "object", **_STRING}},
                        {"has": {"field": "attribute", "pattern": "format"}},
                    ],
                },
            }
        },
    ),
    Idiom(
        "percent-format",
        "'…' % values → f-strings",
        "Strings are formatted with %; f-strings are shorter and need no order of values.",
        (b"' % ", b'" % ', b"' %(", b'" %('),
        re.compile(rb"[\"'] % ?[\w(]"),
        {
            "rule": {
                "kind": "binary_operator",
                "all": [
                    {"has": {"field": "left", **_STRING}},
                    {"has": {"field": "operator", "regex": "^%$"}},
                ],
            }
        },
    ),
)


class Detector:
    """Counts likely occurrences, and f-strings."""

    markers: Sequence[Marker] = tuple(
        Marker(f"syntax:{idiom.id}", idiom.needles, idiom.confirm) for idiom in IDIOMS
    )

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._f_strings = 0

    def read(self, file: PythonFile) -> None:
        if file.is_test:
            return
        self._f_strings += sum(file.text.count(start) for start in _F_STRINGS)
        for idiom in IDIOMS:
            if any(needle in file.text for needle in idiom.needles):
                self._counts[idiom.id] += len(idiom.likely.findall(file.text))

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        if not (self._f_strings or survey.layout.minimum_python >= _PYTHON_3):
            return  # the project may still support Python 2
        for idiom in IDIOMS:
            key = f"syntax:{idiom.id}"
            earlier = survey.past.use(key)
            before = earlier.production if earlier else None
            was_many = before is not None and before.files >= _MANY
            is_format = idiom.id.endswith(
                "-format"
            )  # as long as most strings are formatted so, it is a choice
            if (self._counts[idiom.id] >= LEAST or was_many) and not (
                is_format and self._f_strings < self._counts[idiom.id]
            ):
                fixable = ("match",) if "fix" in idiom.options else ()
                rule = ProposedRule(idiom.id, "pattern", idiom.options, idiom.title, "low", fixable=fixable)
                yield Idea(key, idiom.title, idiom.why, idiom.evidence, (rule,), past=earlier)
