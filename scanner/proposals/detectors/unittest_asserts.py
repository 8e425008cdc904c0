"""Proposes new names for old ones of unittest's assertions, and plain assertions where pytest is used."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.naming import identifier
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey

LEAST = 20
"""Minimum number of assertions that are worth a migration to plain ones."""

ALIASES = {
    "assertEquals": "assertEqual",
    "assertNotEquals": "assertNotEqual",
    "assertAlmostEquals": "assertAlmostEqual",
    "assertNotAlmostEquals": "assertNotAlmostEqual",
    "assertRegexpMatches": "assertRegex",
    "assertNotRegexpMatches": "assertNotRegex",
    "assertRaisesRegexp": "assertRaisesRegex",
    "assertItemsEqual": "assertCountEqual",
    "assert_": "assertTrue",
    "failUnless": "assertTrue",
    "failIf": "assertFalse",
    "failUnlessEqual": "assertEqual",
    "failUnlessRaises": "assertRaises",
}
"""Names that Python 3.12 and earlier versions have removed."""

_PLAIN = r"^self\.assert(?:Equal|NotEqual|True|False|Is|IsNot|IsNone|IsNotNone|In|NotIn|Less|Greater)$"
_ALIAS = re.compile(rb"self\.(%s)\(" % "|".join(ALIASES).encode())
_MANY = 5
"""Number of earlier files that make a finished migration worth showing."""
_ASSERT = re.compile(rb"self\.assert[A-Z]\w+\(")


class Detector:
    """Counts assertions in tests."""

    markers: Sequence[Marker] = (
        Marker("unittest:aliases", tuple(f"self.{name}(".encode() for name in ALIASES)),
        Marker("unittest:plain", (b"self.assertEqual(", b"self.assertTrue(", b"self.assertIn(")),
    )

    def __init__(self) -> None:
        self._aliases: Counter[str] = Counter()
        self._asserts = self._with_asserts = self._with_pytest = 0

    def read(self, file: PythonFile) -> None:
        if not file.is_test:
            return
        self._aliases.update(name.decode() for name in _ALIAS.findall(file.text))
        number = len(_ASSERT.findall(file.text))
        self._asserts += number
        self._with_asserts += number > 0
        self._with_pytest += any(each.module == "pytest" for each in file.imports)

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        earlier = survey.past.use("unittest:aliases")
        if self._aliases or (earlier and earlier.files >= _MANY):
            names = sorted(ALIASES, key=lambda name: -self._aliases[name])
            rules = [
                ProposedRule(
                    identifier(name),
                    "pattern",
                    {"pattern": f"self.{name}($$$ARGUMENTS)", "fix": f"self.{ALIASES[name]}($$$ARGUMENTS)"},
                    f"Use {ALIASES[name]}",
                    fixable=("match",),
                )
                for name in names
            ]
            yield Idea(
                "unittest:aliases",
                f"{names[0]} → {ALIASES[names[0]]} and others",
                "Python 3.12 has removed these old names of unittest's assertions.",
                Evidence.REMOVED_FROM_PYTHON,
                tuple(rules),
                counted="tests",
                past=earlier,
            )
        if self._asserts >= LEAST and self._with_pytest >= self._with_asserts:
            options = {"rule": {"kind": "call", "has": {"field": "function", "regex": _PLAIN}}}
            rule = ProposedRule("plain-assert", "pattern", options, "Use a plain assert", "low")
            yield Idea(
                "unittest:plain",
                "self.assert…() → assert",
                "Most tests use pytest already, which explains plain assertions as well as these methods do.",
                Evidence.STYLE,
                (rule,),
                counted="tests",
                past=survey.past.use("unittest:plain"),
            )
