"""Proposes names that the code itself declares deprecated, together with their replacements."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from scanner.proposals.deprecation_marks import Mark, marks_in
from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.naming import REMOVED, from_to, identifier
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey
from scanner.proposals.wording_of_deprecation import first_sentence
from scanner.wording import join_words

_MAY_SAY_SO = re.compile(rb"deprecat|obsolete|removed|superseded|compat|legacy|old name|bbb", re.IGNORECASE)
_STORED = re.compile(rb"\.([A-Za-z_]\w*)\s*(?::[^=\n]+)?=[^=]")
_INNER = re.compile(rb"^[ \t]+(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_SHORTEST = 8
"""Minimum length of a method's name: shorter ones are the names of other things, too."""

_FIXABLE = ("import", "unused-import", "call", "stored-call", "reference", "re-export", "string")
_COMMON = frozenset(
    name
    for kind in (str, bytes, list, dict, set, int, float, object, type, BaseException)
    for name in dir(kind)
)


class Detector:
    """Collects the marks of production code."""

    markers: Sequence[Marker] = ()

    def __init__(self) -> None:
        self._marks: list[Mark] = []
        self._methods: Counter[str] = Counter()
        self._stored: set[str] = set()

    def read(self, file: PythonFile) -> None:
        self._methods.update(name.decode("utf-8", "replace") for name in _INNER.findall(file.text))
        if file.is_test:
            return
        self._stored.update(name.decode() for name in _STORED.findall(file.text))
        if _MAY_SAY_SO.search(file.text):
            self._marks += marks_in(file)

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        seen: set[tuple[str, str, str]] = set()
        for mark in self._marks:
            key = (mark.module, mark.owner, mark.name)
            if key in seen or mark.name.startswith("__"):
                continue
            seen.add(key)
            idea = self._method(survey, mark) if mark.owner else _function(survey, mark)
            if idea is not None:
                yield idea

    def _method(self, survey: Survey, mark: Mark) -> Idea | None:
        """A method is found by its name alone, so it needs a name that nothing else has."""
        name = mark.name
        if self._methods[name] != 1 or name in self._stored or name in _COMMON or len(name) < _SHORTEST:
            return None
        first = next(iter(mark.replacements), "")
        of, _, new = first.rpartition(".")
        # A method of another object cannot replace it under the same object.
        known = of in {"", "self", "cls", mark.owner} and self._methods[new] > 0
        rule = ProposedRule(
            identifier(mark.owner, mark.name),
            "pattern",
            {"pattern": f"$OBJECT.{name}($$$ARGUMENTS)"}
            | ({"fix": f"$OBJECT.{new}($$$ARGUMENTS)"} if known else {}),
            _message(mark, new),
            fixable=("match",) if known else (),
        )
        title = f"{mark.owner}.{mark.name}() → " + (f"{new}()" if known else REMOVED)
        return _idea(survey, title, [mark], [rule], f"{mark.module}.{mark.owner}" if known else "")


def _function(survey: Survey, mark: Mark) -> Idea | None:
    full = f"{mark.module}.{mark.name}"
    new = _replacement(survey, mark)
    rule = ProposedRule(
        identifier(mark.name),
        "deprecated-symbol",
        {"symbols": [full]},
        _message(mark, new),
        replacement=new,
        fixable=_FIXABLE if new else (),
    )
    return _idea(survey, from_to(full, new), [mark], [rule], new)


def _replacement(survey: Survey, mark: Mark) -> str:
    for name in mark.replacements:
        full = survey.resolve(name.removesuffix("()"), mark.module)
        is_private = full.rpartition(".")[2].startswith("_")
        if full and full != f"{mark.module}.{mark.name}" and not is_private:
            return full
    return ""


def _message(mark: Mark, new: str) -> str:
    if new:
        return f"{mark.name} is deprecated; use {new}"
    return first_sentence(mark.text, 120) or f"{mark.name} is deprecated"


def _idea(survey: Survey, title: str, marks: Sequence[Mark], rules: Sequence[ProposedRule], new: str) -> Idea:
    mark = marks[0]
    said = first_sentence(mark.text)
    names = join_words([f"{each.owner}.{each.name}" if each.owner else each.name for each in marks])
    why = f"{mark.module} declares {names} deprecated" + (f": “{said}”" if said else "") + "."
    return Idea(
        f"deprecated:{mark.module}:{mark.owner}:{mark.name}",
        title,
        why.replace(".”.", ".”"),
        Evidence.DEPRECATED,
        tuple(rules),
        new,
        own_paths=frozenset({survey.modules[mark.module].path})
        if mark.module in survey.modules
        else frozenset(),
        past=None if mark.owner else survey.past.use(f"{mark.module}.{mark.name}"),
    )
