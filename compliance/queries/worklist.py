"""The worklist: a repository's unclaimed files with violations, ranked, with the reasons for each rank."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, NamedTuple

from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from django.db.models.functions import TruncDate
from pydantic import StringConstraints

from compliance.lib.field_types import NO_NUL
from compliance.lib.wording import noun_for
from compliance.models import Change, Claim, File, Phase, Repository, Risk, Violation, dated_at
from compliance.people.identities import Identity
from compliance.queries.filters import ListFilter
from compliance.queries.patches import patch_fixes, with_patches
from compliance.scans.owners import owners

LATELY = 10
"""Number of finished claims to show."""

RECENT = 500
"""A file counts as recently changed if one of this many newest commits changed it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested unclaimed file, and the reasons for its rank."""

    file: File
    owners: tuple[str, ...]
    own: bool
    touched: bool
    phases: tuple[str, ...]
    risk: str
    """The highest risk of the violations that are left to fix, or empty if there are none."""

    @property
    def rank(self) -> tuple[object, ...]:
        """Sort key: the person's own code first, then open phases, then the highest risk, then the fewest
        violations. Waived violations don't count, because nobody has to fix them.
        """
        risks = Risk.values
        worst = risks.index(self.risk) if self.risk in risks else len(risks)
        mine = self.own or self.touched
        return not mine, not self.phases, worst, self.file.left_to_fix, self.file.path

    @property
    def reasons(self) -> list[str]:
        """Return the reasons to choose this file, as text."""
        count = f"{self.file.violations} {noun_for(self.file.violations, 'violation')}"
        said = [f"in {title}" for title in self.phases] + [f"{self.risk or 'no'} risk", count]
        said += [f"{self.file.waived} of them waived"] if self.file.waived else []
        said += ["you own it"] if self.own else []
        said += ["you changed it recently"] if self.touched else []
        return said

    @property
    def folder(self) -> str:
        """The folder that contains the file."""
        return self.file.path.rpartition("/")[0]


class WorkFilter(ListFilter):
    """Filters for suggestions: the folder, and the owner as written in CODEOWNERS."""

    folder: Annotated[str, StringConstraints(max_length=4096, pattern=NO_NUL)] = ""
    owner: Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)] = ""

    def matching(self, found: Iterable[Suggestion]) -> list[Suggestion]:
        """Return the suggestions that match the filters."""
        under = f"{self.folder.strip('/')}/" if self.folder.strip("/") else ""
        return [
            one
            for one in found
            if one.file.path.startswith(under) and (not self.owner or self.owner in one.owners)
        ]


class Mine(NamedTuple):
    """A person's claims: active ones sorted by expiry, those offered to the person, and finished ones."""

    active: QuerySet[Claim]
    offered: QuerySet[Claim]
    done: QuerySet[Claim]


def free(repository: Repository) -> QuerySet[File]:
    """Return the files with violations to fix, that is, unwaived ones, that nobody has claimed."""
    return File.objects.filter(repository=repository, violations__gt=F("waived")).exclude(
        claims__state=Claim.State.ACTIVE
    )


def suggestions(repository: Repository, identity: Identity) -> list[Suggestion]:
    """Return every unclaimed file, best first for a person, in four queries."""
    known = owners(repository)
    touched = _touched_lately(repository, identity)
    current, risks = _left(repository)
    # even a thousand files have only a few distinct owners
    is_own = lru_cache(maxsize=None)(identity.owns)
    found = []
    for file in with_patches(repository, free(repository)):
        of = known.of(file.path)
        phases, risk = tuple(current.get(file.pk, ())), risks.get(file.pk, "")
        found.append(Suggestion(file, of, is_own(of), file.path in touched, phases, risk))
    return sorted(found, key=lambda suggestion: suggestion.rank)


def claims_of(repository: Repository, person: User) -> Mine:
    """Return a person's claims in one repository."""
    rows = Claim.objects.filter(file__repository=repository)
    rows = rows.select_related("file", "person", "offered_to", "renewed_by", "completed_by")
    rows = rows.annotate(patch_fixes=patch_fixes(repository, "file"))
    active = rows.filter(state=Claim.State.ACTIVE).order_by("until", "pk")
    return Mine(
        active=active.filter(person=person),
        offered=active.filter(offered_to=person),
        done=rows.filter(state=Claim.State.COMPLETED, person=person).order_by("-ended_at", "-pk"),
    )


def _touched_lately(repository: Repository, identity: Identity) -> set[str]:
    wrote = identity.wrote("commit__author_email")
    if wrote is None or repository.head is None:
        return set()
    since = (repository.head.position or 0) - RECENT
    rows = Change.objects.filter(
        plan=repository.plan_id,
        commit__repository=repository,
        commit__position__gt=since,
        ran_out=False,
    ).filter(wrote)
    return set(rows.values_list("path", flat=True))


def _left(repository: Repository) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Return, for each file, the titles of the phases that have begun, are not closed, and include an
    unwaived violation in the file, and the highest risk of these violations.
    """
    phases = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, closed_at=None)
    begun = phases.exclude(start__gt=TruncDate(dated_at("issue__repository__head__")))
    titles = dict(begun.values_list("key", "title"))
    rows = Violation.objects.filter(
        plan=repository.plan_id, last__isnull=True, suppressed=False, waiver=None
    ).values_list("file_id", "phases", "risk")
    found: dict[int, list[str]] = {}
    risks: dict[int, str] = {}
    order = Risk.values.index
    for file, keys, risk in rows:
        risks[file] = min(risk, risks.get(file, risk), key=order)
        for title in (titles[key] for key in keys if key in titles):
            if title not in found.setdefault(file, []):
                found[file].append(title)
    return found, risks


def by_folder(found: Iterable[Suggestion]) -> list[tuple[str, int]]:
    """Return folders with their number of unclaimed files, most first."""
    return Counter(suggestion.folder for suggestion in found if suggestion.folder).most_common(12)


def by_owner(found: Iterable[Suggestion]) -> list[tuple[str, int]]:
    """Return owners with their number of unclaimed files, most first. Files without an owner are counted
    under an empty name.
    """
    return Counter(owner for suggestion in found for owner in suggestion.owners).most_common(12)
