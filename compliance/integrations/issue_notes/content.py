"""Decides what the note on an issue says, and if there is to be one."""

from dataclasses import dataclass

from django.urls import reverse

from compliance.integrations.issue_notes import policy
from compliance.integrations.issue_notes.figures import IssueFigures, figures_of
from compliance.integrations.issue_notes.text import digest_of_figures, write_note, write_silence
from compliance.integrations.issues import ENDED
from compliance.integrations.outbound import Note
from compliance.lib.addresses import public_address
from compliance.models import Issue, IssueNote, Repository
from compliance.progress.issue_status import OVER

OFF, UNREFERENCED = "off", "unreferenced"
"""What `IssueNote.figures` is once a note states no figures any more, and why it doesn't."""

_REASONS = {
    OFF: "Progress is no longer written here: a manager has switched that off.",
    UNREFERENCED: "Progress is no longer written here: the plan doesn't reference this issue any more.",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a note says, and the digest of the figures in it, or why it states none."""

    note: Note
    figures: str


def page_of(issue: Issue) -> str:
    """Return the address of an issue's page here."""
    return public_address(reverse("issue", args=[issue.repository.slug, issue.key]))


def silence_of(issue: Issue, *, enabled: bool) -> str:
    """Return why the note on an issue states no figures, or an empty string if it does."""
    if not enabled:
        return OFF
    return "" if issue.in_plan else UNREFERENCED


def is_wanted(issue: Issue, note: IssueNote, figures: IssueFigures) -> bool:
    """Return true if the note is to be written. None is begun on an issue in which there is nothing to do,
    and none is written on an issue that no longer exists under this key.
    """
    if issue.tracker_state in ENDED:
        return False
    if note.written_at:
        return True
    return bool(figures.total) and not (issue.tracker_state in OVER and not figures.left)


def full_content(issue: Issue, figures: IssueFigures) -> Content:
    """Return the content with an issue's figures."""
    url = page_of(issue)
    return Content(write_note(issue.repository, figures, url), digest_of_figures(figures, url))


def silent_content(issue: Issue, reason: str) -> Content:
    """Return the last content of a note that isn't updated any more, for one of the reasons above."""
    return Content(write_silence(issue.repository, _REASONS[reason], page_of(issue)), reason)


class Contents:
    """Returns what notes say at present. One is used for a short time, so it remembers the figures of a
    repository while its newest commit, plan and issues are the same.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], dict[int, IssueFigures]] = {}

    def figures(self, repository: Repository) -> dict[int, IssueFigures]:
        """Return the figures of all issues of the active plan by their ids."""
        issues = list(Issue.objects.filter(repository=repository, in_plan=True))
        heard = tuple((issue.pk, issue.tracker_state) for issue in issues)
        key = (repository.pk, repository.plan_id, repository.head_id, heard)
        if key not in self._known:
            self._known[key] = figures_of(repository, issues)
        return self._known[key]

    def of(self, issue: Issue, note: IssueNote) -> Content | None:
        """Return what the note on an issue says, or None if there is to be none."""
        reason = silence_of(issue, enabled=policy.is_enabled(issue.repository))
        if reason:
            return silent_content(issue, reason) if note.written_at else None
        figures = self.figures(issue.repository).get(issue.pk)
        if figures is None or not is_wanted(issue, note, figures):
            return None
        return full_content(issue, figures)
