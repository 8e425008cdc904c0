"""The values of a proposal: rules to try, ideas that detectors have, and candidates with their figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from scanner.model import Risk
from scanner.wording import counted

_NEARLY = 10
"""How many times as many files as now make a migration nearly finished, and the highest number of these."""


WORTHWHILE = 5
"""Number of files from which a migration is worth a plan of its own."""


class Evidence(IntEnum):
    """How strongly the code itself says that something is to be migrated; the strongest has the highest
    number.
    """

    FINISHED = 0
    SHARED_STATE = 1
    DUPLICATE = 2
    STYLE = 3
    OLD_PYTHON = 4
    REMOVED_FROM_PYTHON = 5
    MOVED = 6
    DEPRECATED = 7
    SHARED_BY_USERS = 8


@dataclass(frozen=True, slots=True)
class ProposedRule:
    """One rule of a plan. `options` contains the keys of its kind; `fixable` are the roles of findings that a
    fix may rewrite.
    """

    id: str
    kind: str
    options: Mapping[str, Any]
    message: str
    risk: Risk = "medium"
    replacement: str = ""
    fixable: tuple[str, ...] = ()

    def entry(self) -> dict[str, Any]:
        """Return the rule as an item of the plan's `rules`."""
        parts = {"id": self.id, "kind": self.kind, **self.options}
        if self.replacement:
            parts["replacement"] = {"symbol": self.replacement}
        return parts | {"risk": self.risk, "message": self.message}


@dataclass(frozen=True, slots=True)
class EarlierUse:
    """The sampled commit of the past in which the most files used an old name, and its day (ISO 8601)."""

    commit: str
    on: str
    files: int

    @property
    def day(self) -> date:
        """The day as a date."""
        return date.fromisoformat(self.on)


@dataclass(frozen=True, slots=True)
class PastUse:
    """The earlier uses of an old name in `production`, in `tests` and examples, and in all files; each is
    None if there were not more than now.
    """

    everywhere: EarlierUse | None = None
    production: EarlierUse | None = None
    tests: EarlierUse | None = None

    @property
    def files(self) -> int:
        """The number of files that used the name at most, of all files if it is known."""
        most = self.everywhere or self.production or self.tests
        return most.files if most else 0

    def of(self, group: str) -> EarlierUse | None:
        """Return the earlier use in `production` or `tests`."""
        return self.tests if group == "tests" else self.production


def is_nearly_over(earlier: EarlierUse, files: int) -> bool:
    """Return whether so few files are left that a migration has ended, or nearly so."""
    return files <= _NEARLY and earlier.files >= _NEARLY * files


@dataclass(frozen=True, slots=True)
class Idea:
    """Something that may be worth a migration, before its rules have been evaluated.

    `key` is unique in a proposal. `title` says from what to what. `new` is the full name of the replacement,
    if it is known. `counted` is the name of the group of categories whose files make the percentage:
    `production` or `tests`; if it is empty, the uses decide. `past` is set if more files used the old names
    before.
    """

    key: str
    title: str
    why: str
    evidence: Evidence
    rules: tuple[ProposedRule, ...]
    new: str = ""
    counted: str = ""
    own_paths: frozenset[str] = frozenset()  # where the old names are defined: uses there are not debt
    past: PastUse | None = None
    why_if_used: str = ""  # replaces `why` if the rules find uses

    def why_with(self, places: int) -> str:
        """Return the reason if the rules report this many uses."""
        return self.why_if_used if places and self.why_if_used else self.why


@dataclass(frozen=True, slots=True)
class Place:
    """One place that a candidate's rules report. `code` is the source line, stripped and cut."""

    path: str
    line: int
    code: str


class Standing(IntEnum):
    """What a candidate offers, in the order in which candidates are listed: a migration that is worth a plan,
    the history of one that has (nearly) ended, or something small or a matter of style.
    """

    WORTHWHILE = 0
    FINISHED = 1
    MINOR = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A migration that can be chosen, with the figures of its rules at one revision.

    `rules` are items of the plan's `rules`. `places` and `files` count every category, `production_places`
    only production. All other figures count the categories in `counted`: `counted_places` and
    `counted_files`, `percent`, which is the compliance if the plan consisted of this candidate alone (None
    without files), `definition_files`, the number of files that aren't clean then because of a definition
    alone, `fixable`, the highest number of places that fixes may rewrite, with a sentence about it
    (`fix_note`), and `earlier`, which says when more files used the old names; a candidate without places is
    a finished migration. `replaced_in` is `repository` if what replaces the old names is defined there,
    `elsewhere` if it is not, and empty if nothing replaces them.
    """

    key: str
    title: str
    why: str
    evidence: str
    rules: tuple[Mapping[str, Any], ...]
    counted: tuple[str, ...]
    places: int
    files: int
    production_places: int
    percent: float | None
    fixable: int
    fix_note: str
    examples: tuple[Place, ...] = ()
    earlier: EarlierUse | None = None
    counted_places: int = 0
    counted_files: int = 0
    definition_files: int = 0
    replaced_in: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether the migration has ended, or nearly so: its history is what is interesting."""
        return self.earlier is not None and is_nearly_over(self.earlier, self.counted_files)

    @property
    def finished_note(self) -> str:
        """What is left of a finished migration, such as “nearly finished, 2 uses left”; empty for another
        one.
        """
        if not self.is_finished:
            return ""
        left = counted(self.counted_places, "use")
        return f"nearly finished, {left} left" if self.counted_places else "finished, no use left"

    @property
    def standing(self) -> Standing:
        """What the candidate offers."""
        if self.is_finished:
            return Standing.FINISHED
        return Standing.WORTHWHILE if self.is_worthwhile else Standing.MINOR

    @property
    def spread(self) -> int:
        """The number of files that use the old names in the counted categories, or did at most."""
        return max(self.counted_files, self.earlier.files if self.earlier else 0)

    @property
    def is_worthwhile(self) -> bool:
        """Whether this isn't finished, is more than an afternoon's work or a matter of style, and something
        replaces it.
        """
        is_large = self.spread >= WORTHWHILE and self.evidence != "style"
        return is_large and bool(self.replaced_in) and not self.is_finished


@dataclass(frozen=True, slots=True)
class Proposal:
    """The candidates of one revision, best first, and the head of a plan that suits its layout."""

    sha: str
    head: tuple[str, ...]
    candidates: tuple[Candidate, ...]
