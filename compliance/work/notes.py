"""Notes on the trend: text that a person adds at a commit."""

from django.contrib.auth.models import User

from compliance.models import Commit, Marker, Repository

LONGEST = 500
"""Maximum length of a note, in characters."""


class NoteError(Exception):
    """Raised if a note cannot be added at a commit. The message tells the user why."""


def place(repository: Repository, sha: str) -> Commit:
    """Return the recorded commit that matches a SHA prefix of at least seven digits, or the newest one if no
    SHA is given.

    Raises:
        NoteError: if no commit matches, or if several do.
    """
    line = Commit.objects.filter(repository=repository, position__isnull=False)
    found = list(line.filter(sha__startswith=sha.lower())[:2]) if sha else []
    if sha and len(found) != 1:
        several = "Several recorded commits begin" if found else "No recorded commit begins"
        raise NoteError(f"{several} with {sha.lower()}.")
    if not found and repository.head is None:
        raise NoteError("No commit has been recorded yet, so a note can't be added.")
    return found[0] if found else repository.head  # type: ignore[return-value]  # None was refused above


def write(commit: Commit, person: User, text: str) -> Marker:
    """Add a note at a commit."""
    return Marker.objects.create(
        repository=commit.repository,
        kind=Marker.Kind.NOTE,
        at=commit.dated_at,
        commit=commit,
        text=text,
        person=person,
    )


def of(repository: Repository, pk: int) -> Marker | None:
    """Return a note by its key. Events that are derived from recorded data are not notes and can't be
    deleted.
    """
    rows = Marker.objects.filter(repository=repository, kind=Marker.Kind.NOTE)
    return rows.select_related("commit", "person").filter(pk=pk).first()
