"""Proposes functions and classes of which several modules have the same copy."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256

from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.python_file import Definition, PythonFile
from scanner.proposals.survey import Survey
from scanner.wording import join_words

MOST_NAMES = 20
_SHOWN = 2
_SHORTEST = 8
"""Minimum number of lines of a copy that is worth a module of its own."""

_BY_NAME = frozenset({"Command", "Config", "Meta", "Migration", "main", "setup"})
"""Names that frameworks look up in every module."""


class Detector:
    """Remembers a digest of each definition of production code."""

    markers: Sequence[Marker] = ()

    def __init__(self) -> None:
        self._copies: dict[str, dict[str, bytes]] = defaultdict(dict)

    def read(self, file: PythonFile) -> None:
        if file.is_test or b"def " not in file.text:
            return
        for each in file.definitions:
            if each.name not in _BY_NAME:
                self._copies[each.name][file.module] = _digest(file, each)

    def ideas(self, survey: Survey) -> Iterator[Idea]:  # noqa: ARG002
        names = sorted(
            name
            for name, copies in self._copies.items()
            if len(copies) > 1 and len(set(copies.values())) == 1 and b"" not in copies.values()
        )
        if not names:
            return
        rule = ProposedRule(
            "copied-definitions",
            "duplicate-definition",
            {"names": names[:MOST_NAMES]},
            "Another module has the same definition",
        )
        yield Idea(
            "copies",
            f"Copies of {_listed(names)} → one definition",
            f"Several modules define the same {join_words(names)}, line by line.",
            Evidence.DUPLICATE,
            (rule,),
        )


def _listed(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names[:MOST_NAMES]) - _SHOWN
    return join_words(names) if more <= 0 else f"{', '.join(names[:_SHOWN])} and {more} more"


def _digest(file: PythonFile, node: Definition) -> bytes:
    """Return a digest of a definition's text; empty if it is too short to matter."""
    if (node.end_lineno or node.lineno) - node.lineno < _SHORTEST:
        return b""
    text = "\n".join(file.lines[node.lineno - 1 : node.end_lineno])
    return sha256(text.encode("utf-8", "replace")).digest()[:8]
