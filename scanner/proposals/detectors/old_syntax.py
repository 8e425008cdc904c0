"""Proposes idioms that newer Python versions have replaced, where they occur often."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey

LEAST = 10
"""Minimum number of likely occurrences."""


class Idiom(NamedTuple):
    """An idiom: how to find it roughly in bytes, the rule that finds it exactly, and why it is old."""

    id: str
    title: str
    why: str
    likely: re.Pattern[bytes]
    options: Mapping[str, Any]
    evidence: Evidence = Evidence.STYLE


_FUTURE = "absolute_import|division|print_function|unicode_literals|with_statement|nested_scopes|generators"

IDIOMS = (
    Idiom(
        "future-imports",
        "from __future__ import … of Python 2 → nothing",
        "These imports change nothing in Python 3.",
        re.compile(rb"^from __future__ import .*(?:%s)" % _FUTURE.encode(), re.MULTILINE),
        {"rule": {"kind": "future_import_statement", "regex": _FUTURE}},
        Evidence.OLD_PYTHON,
    ),
    Idiom(
        "metaclass-type",
        "__metaclass__ = type → nothing",
        "This assignment changes nothing in Python 3, where every class is a new-style class.",
        re.compile(rb"^__metaclass__ = type$", re.MULTILINE),
        {"pattern": "__metaclass__ = type"},
        Evidence.OLD_PYTHON,
    ),
    Idiom(
        "super-arguments",
        "super(Class, self) → super()",
        "Python 3 needs no arguments for super() in a method.",
        re.compile(rb"\bsuper\(\w+, (?:self|cls)\)"),
        {"pattern": "super($CLASS, $SELF)", "fix": "super()"},
    ),
    Idiom(
        "object-base",
        "class Name(object) → class Name",
        "In Python 3, every class extends object.",
        re.compile(rb"^\s*class \w+\(object\):", re.MULTILINE),
        {"rule": {"kind": "class_definition", "has": {"field": "superclasses", "regex": r"^\(object\)$"}}},
    ),
    Idiom(
        "str-format",
        "'…'.format(values) → f-strings",
        "Strings are formatted with str.format; f-strings have each value where it belongs.",
        re.compile(rb"[\"']\.format\("),
        {
            "rule": {
                "kind": "call",
                "has": {
                    "field": "function",
                    "all": [
                        {"has": {"field": "object", "kind": "string"}},
                        {"has": {"field": "attribute", "regex": "^format$"}},
                    ],
                },
            }
        },
    ),
    Idiom(
        "percent-format",
        "'…' % values → f-strings",
        "Strings are formatted with %; f-strings are shorter and need no order of values.",
        re.compile(rb"[\"'] % ?[\w(]"),
        {
            "rule": {
                "kind": "binary_operator",
                "all": [
                    {"has": {"field": "left", "kind": "string"}},
                    {"has": {"field": "operator", "regex": "^%$"}},
                ],
            }
        },
    ),
)


class Detector:
    """Counts likely occurrences."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def read(self, file: PythonFile) -> None:
        if file.is_test:
            return
        for idiom in IDIOMS:
            self._counts[idiom.id] += len(idiom.likely.findall(file.text))

    def ideas(self, survey: Survey) -> Iterator[Idea]:  # noqa: ARG002
        for idiom in IDIOMS:
            if self._counts[idiom.id] >= LEAST:
                fixable = ("match",) if "fix" in idiom.options else ()
                rule = ProposedRule(idiom.id, "pattern", idiom.options, idiom.title, "low", fixable=fixable)
                yield Idea(f"syntax:{idiom.id}", idiom.title, idiom.why, idiom.evidence, (rule,))
