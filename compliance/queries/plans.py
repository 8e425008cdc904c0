"""Versions and drafts of a plan: lookup by number, status of drafts, and line-by-line diffs."""

from collections.abc import Iterator
from datetime import UTC
from difflib import SequenceMatcher
from typing import Annotated, Any, NamedTuple

from django.http import Http404

from compliance import scans
from compliance.lib.dates import written
from compliance.models import Baseline, Job, PlanDraft, PlanVersion, Repository
from compliance.progress import baseline
from compliance.queries.filters import ListFilter, OneOf

AROUND = 3
"""Number of unchanged lines that are shown before and after each change."""


class DiffLine(NamedTuple):
    """A line of a diff. `sign` is `+`, `-` or a space; `gap` is true if lines before it are omitted."""

    sign: str
    old: int | None
    new: int | None
    text: str
    gap: bool = False


class PreviewFilter(ListFilter):
    """Filter for the files that a draft affects: the kind of change."""

    change: Annotated[str, OneOf(scans.CHANGES)] = ""

    def files(self, draft: PlanDraft) -> list[list[Any]]:
        """Return the files whose status differs under a draft in this way."""
        return [row for row in draft.files if not self.change or row[0] == self.change]


class DraftStatus(NamedTuple):
    """The status of a draft: the active version, whether the draft is based on an older one, and whether
    commits have arrived since the preview.

    `job` is the job that creates the preview, as long as there is none.
    """

    holds: PlanVersion | None
    stale: bool
    moved: bool
    job: Job | None


def version_of(repository: Repository, number: int | None) -> PlanVersion:
    """Return a version of the plan by its number. Raises Http404 if there is none."""
    found = repository.plans.select_related("author", "baseline__commit").filter(number=number or 0).first()
    if found is None:
        raise Http404(f"There is no plan version {number or ''}".rstrip() + ".")
    return found


def draft_of(repository: Repository, pk: int | None) -> PlanDraft:
    """Return a draft by its key. Raises Http404 if there is none."""
    rows = PlanDraft.objects.select_related("repository", "base", "person", "version")
    found = rows.filter(repository=repository, pk=pk or 0).first()
    if found is None:
        raise Http404("This draft does not exist; drafts are kept for 30 days.")
    return found


def baseline_sentence(repository: Repository) -> str:
    """Return the sentence about the commit that progress is measured from; empty without one."""
    if repository.plan is None:
        return ""
    commit = baseline.stored(repository.plan)
    if commit is None:
        return "The baseline is chosen once history is complete." if repository.head_id else ""
    name, reason = (
        f"{commit.sha[:10]} of {written(commit.dated_at)}",
        _reason(repository, repository.plan),
    )
    return f"Progress and regressions are measured from commit {name}, {reason}."


def _reason(repository: Repository, version: PlanVersion) -> str:
    row = Baseline.objects.select_related("commit", "person").get(plan=version)
    start = baseline.earliest_start(repository)
    if row.person:
        return f"which {row.person} set"
    if start and row.commit and row.commit.dated_at.astimezone(UTC).date() < start:
        return "the last one before the first phase starts"
    worst = "the one with the most violations"
    if row.floor == 1:
        return f"{worst} when the plan was activated"
    if start:
        return (
            f"the oldest one that was read: the {row.floor - 1:,} older commits may have an earlier baseline"
        )
    return f"{worst} of those that were read when the plan was activated"


def standing(repository: Repository, made: PlanDraft) -> DraftStatus:
    """Return the status of a draft, in a single query while its preview is being created."""
    holds, job = scans.current(repository), None
    if not made.outcome and not made.trouble:
        jobs = Job.objects.filter(repository=repository, kind="preview", key=str(made.pk))
        job = jobs.order_by("pk").last()
    stale = (holds.pk if holds else None) != made.base_id and made.version is None
    moved = bool(repository.head and made.outcome and repository.head.sha != made.outcome["commit"])
    return DraftStatus(holds, stale, moved, job)


def in_words(old: PlanVersion, new: PlanVersion | PlanDraft) -> tuple[str, list[str]]:
    """Describe the changes, or explain why this release cannot read one of the texts."""
    try:
        return "", scans.differences(old, new)
    except scans.PlanError as error:
        return str(error), []


def lines(old: str, new: str) -> Iterator[DiffLine]:
    """Return the changed lines with the lines around them, or nothing if the texts are identical."""
    before, after = old.splitlines(), new.splitlines()
    for place, group in enumerate(SequenceMatcher(None, before, after, False).get_grouped_opcodes(AROUND)):
        for index, line in enumerate(_lines(before, after, group)):
            yield line._replace(gap=place > 0 and index == 0)


def _lines(before: list[str], after: list[str], group: list[Any]) -> Iterator[DiffLine]:
    for tag, first, last, begin, end in group:
        if tag == "equal":
            for offset in range(last - first):
                yield DiffLine(" ", first + offset + 1, begin + offset + 1, before[first + offset])
            continue
        yield from (DiffLine("-", place + 1, None, before[place]) for place in range(first, last))
        yield from (DiffLine("+", None, place + 1, after[place]) for place in range(begin, end))
