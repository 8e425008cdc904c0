"""Versions and drafts of a plan: found by their numbers, what a draft stands at, and texts line by line."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.http import Http404

from compliance import scans
from compliance.models import Job, PlanDraft, PlanVersion, Repository

AROUND = 3
"""Lines that are the same, shown before and after those that changed."""


class Line(NamedTuple):
    """One line of a difference: `sign` is +, - or a space; `gap` stands for lines left out before it."""

    sign: str
    old: int | None
    new: int | None
    text: str
    gap: bool = False


class Standing(NamedTuple):
    """Where a draft stands: what holds now, whether that is no longer what the draft was begun from, and
    whether there are newer commits than the preview's; `job` makes the preview while there is none."""

    holds: PlanVersion | None
    stale: bool
    moved: bool
    job: Job | None


def version_of(repository: Repository, number: int | None) -> PlanVersion:
    """The version of a plan by its number. Raises Http404."""
    found = repository.plans.select_related("author").filter(number=number or 0).first()
    if found is None:
        raise Http404(f"There is no plan version {number or ''}".rstrip() + ".")
    return found


def draft_of(repository: Repository, pk: int | None) -> PlanDraft:
    """A draft by its key. Raises Http404."""
    rows = PlanDraft.objects.select_related("repository", "base", "person", "version")
    found = rows.filter(repository=repository, pk=pk or 0).first()
    if found is None:
        raise Http404("There is no such draft of the plan; drafts are kept for 30 days.")
    return found


def standing(repository: Repository, made: PlanDraft) -> Standing:
    """Where a draft stands; one query while its preview is made."""
    holds, job = scans.current(repository), None
    if not made.outcome and not made.trouble:
        jobs = Job.objects.filter(repository=repository, kind="preview", key=str(made.pk))
        job = jobs.order_by("pk").last()
    stale = (holds.pk if holds else None) != made.base_id and made.version is None
    moved = bool(repository.head and made.outcome and repository.head.sha != made.outcome["commit"])
    return Standing(holds, stale, moved, job)


def touched(made: PlanDraft, change: str) -> list[list[Any]]:
    """The files that a draft judges otherwise; of one kind of change, of all where it is empty."""
    return [row for row in made.files if not change or row[0] == change]


def in_words(old: PlanVersion, new: PlanVersion | PlanDraft) -> tuple[str, list[str]]:
    """What changed, in words; and why it cannot be said where a text is none of this release's format."""
    try:
        return "", scans.differences(old, new)
    except scans.PlanError as error:
        return str(error), []


def lines(old: str, new: str) -> Iterator[Line]:
    """The lines that changed, with those around them; nothing where the texts are the same."""
    before, after = old.splitlines(), new.splitlines()
    for place, group in enumerate(SequenceMatcher(None, before, after, False).get_grouped_opcodes(AROUND)):
        for index, line in enumerate(_lines(before, after, group)):
            yield line._replace(gap=place > 0 and index == 0)


def _lines(before: list[str], after: list[str], group: list[Any]) -> Iterator[Line]:
    for tag, first, last, begin, end in group:
        if tag == "equal":
            for offset in range(last - first):
                yield Line(" ", first + offset + 1, begin + offset + 1, before[first + offset])
            continue
        yield from (Line("-", place + 1, None, before[place]) for place in range(first, last))
        yield from (Line("+", None, place + 1, after[place]) for place in range(begin, end))
