"""Notes on the trend: a person's own words at a commit, written and taken off."""

from django.contrib.auth.models import User

from compliance.models import Commit, Marker, Repository

LONGEST = 500
"""Characters of a note."""


class NoteError(Exception):
    """Why a note cannot stand there, in words for the person who asked."""


def place(repository: Repository, sha: str) -> Commit:
    """The commit of the line that at least seven digits of a SHA mean; the newest one without any.

    Raises:
        NoteError: none is meant, or several are.
    """
    line = Commit.objects.filter(repository=repository, position__isnull=False)
    found = list(line.filter(sha__startswith=sha.lower())[:2]) if sha else []
    if sha and len(found) != 1:
        several = "Several recorded commits begin" if found else "No recorded commit of the line begins"
        raise NoteError(f"{several} with {sha.lower()}.")
    if not found and repository.head is None:
        raise NoteError("There is no commit yet that a note could stand at.")
    return found[0] if found else repository.head  # type: ignore[return-value]  # None was refused above


def write(commit: Commit, person: User, text: str) -> Marker:
    """A new note at a commit."""
    return Marker.objects.create(
        repository=commit.repository,
        kind=Marker.Kind.NOTE,
        at=commit.committed_at,
        commit=commit,
        text=text.replace("\0", ""),
        person=person,
    )


def of(repository: Repository, pk: int) -> Marker | None:
    """A note by its key; marks that follow from the records are none, so they cannot be taken off."""
    rows = Marker.objects.filter(repository=repository, kind=Marker.Kind.NOTE)
    return rows.select_related("commit", "person").filter(pk=pk).first()
