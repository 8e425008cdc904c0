"""Decides what the note on an issue says, and if there is to be one."""

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.integrations.issue_notes import policy
from compliance.integrations.issue_notes.figures import IssueFigures, figures_of
from compliance.integrations.issue_notes.subjects import REMOVED, UNREFERENCED, Subject, subjects_of
from compliance.integrations.issue_notes.text import digest_of_figures, write_note, write_silence
from compliance.integrations.issues import ENDED
from compliance.integrations.outbound import Note
from compliance.models import IssueNote, Repository
from compliance.progress.issue_status import OVER

OFF = "off"
SILENT = (OFF, UNREFERENCED, REMOVED)
"""What `IssueNote.figures` is once a note states no figures any more, and why it doesn't."""

_REASONS = {
    OFF: "Progress is no longer written here: a manager has switched that off.",
    UNREFERENCED: "Progress is no longer written here: the plan doesn't reference this issue any more.",
    REMOVED: "Progress is no longer written here: the plan doesn't contain the phase of this issue any more.",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a note says, and the digest of the figures in it, or why it states none."""

    note: Note
    figures: str


def silence_of(subject: Subject, *, enabled: bool) -> str:
    """Return why the note on an issue states no figures, or an empty string if it does."""
    return subject.gone if enabled else OFF


def is_wanted(subject: Subject, note: IssueNote, figures: IssueFigures) -> bool:
    """Return true if the note is to be written. None is begun on an issue in which there is nothing to do,
    and none is written on an issue that no longer exists under this key.
    """
    if subject.state in ENDED:
        return False
    if note.written_at:
        return True
    return bool(figures.total) and not (subject.state in OVER and not figures.left)


def full_content(subject: Subject, figures: IssueFigures) -> Content:
    """Return the content with an issue's figures."""
    url = subject.page
    return Content(write_note(subject.repository, figures, url), digest_of_figures(figures, url))


def silent_content(subject: Subject, reason: str) -> Content:
    """Return the last content of a note that isn't updated any more, for one of the reasons above."""
    return Content(write_silence(subject.repository, _REASONS[reason], subject.page), reason)


class Contents:
    """Returns what notes say at present. One is used for a short time, so it remembers the figures of a
    repository while its newest commit, plan and issues are the same.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], dict[str, IssueFigures]] = {}

    def figures(self, repository: Repository, subjects: Iterable[Subject]) -> dict[str, IssueFigures]:
        """Return the figures of some issues by their keys. Those without figures are left out."""
        current = [subject for subject in subjects if not subject.gone]
        heard = tuple((subject.key, subject.phase, subject.state) for subject in current)
        key = (repository.pk, repository.plan_id, repository.head_id, heard)
        if key not in self._known:
            self._known[key] = figures_of(repository, current)
        return self._known[key]

    def all_figures(self, repository: Repository) -> dict[str, IssueFigures]:
        """Return the figures of all issues of a repository by their keys."""
        return self.figures(repository, subjects_of(repository))

    def of(self, subject: Subject, note: IssueNote) -> Content | None:
        """Return what the note on an issue says, or None if there is to be none."""
        reason = silence_of(subject, enabled=policy.is_enabled(subject.repository))
        if reason:
            return silent_content(subject, reason) if note.written_at else None
        figures = self.all_figures(subject.repository).get(subject.key)
        if figures is None or not is_wanted(subject, note, figures):
            return None
        return full_content(subject, figures)
