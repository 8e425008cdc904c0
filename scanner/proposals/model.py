"""The values of a proposal: rules to try, ideas that detectors have, and candidates with their figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from scanner.model import Risk

_NEARLY = 10
"""How many times as many files as now make a migration nearly finished, and the highest number of these."""


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


def is_nearly_over(earlier: EarlierUse, files: int) -> bool:
    """Return whether so few files are left that a migration has ended, or nearly so."""
    return files <= _NEARLY and earlier.files >= _NEARLY * files


@dataclass(frozen=True, slots=True)
class Idea:
    """Something that may be worth a migration, before its rules have been evaluated.

    `key` is unique in a proposal. `counted` is the name of the group of categories whose files make the
    percentage: `production` or `tests`. `earlier` is set if more files used the old names in the past.
    """

    key: str
    title: str
    why: str
    evidence: Evidence
    rules: tuple[ProposedRule, ...]
    counted: str = "production"
    own_paths: frozenset[str] = frozenset()  # where the old names are defined: uses there are not debt
    earlier: EarlierUse | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One place that a candidate's rules report. `code` is the source line, stripped and cut."""

    path: str
    line: int
    code: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A migration that can be chosen, with the figures of its rules at one revision.

    `rules` are items of the plan's `rules`. `places` and `files` count every category, `production_places`
    only production. `percent` is the compliance if the plan consisted of this candidate alone; None without
    files. `fixable` is the highest number of places that fixes may rewrite, and `fix_note` a sentence about
    it. `earlier` says when more files used the old names; a candidate without places is a finished migration.
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

    @property
    def is_finished(self) -> bool:
        """Whether the migration has ended, or nearly so: its history is what is interesting."""
        return self.earlier is not None and is_nearly_over(self.earlier, self.files)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The candidates of one revision, best first, and the head of a plan that suits its layout."""

    sha: str
    head: tuple[str, ...]
    candidates: tuple[Candidate, ...]
