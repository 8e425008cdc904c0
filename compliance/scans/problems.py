"""Errors that prevent a repository from being read, recorded with their kind."""

import errno

from django.db.models import Q

from compliance.lib.field_types import cut, storable
from compliance.models import Repository
from scanner import (
    DamagedRepositoryError,
    EmptyRepositoryError,
    NotARepositoryError,
    PlanError,
    RemoteError,
    UnknownRevisionError,
)

Kind = Repository.Trouble


LONGEST = 5000
"""Maximum number of characters of an error that are stored, because git repeats names of any length."""


class TroubleError(Exception):
    """Raised for an error that retrying won't fix. The message is shown on the repository's page."""

    def __init__(self, message: str, kind: Kind) -> None:
        super().__init__(message)
        self.kind = kind


_KINDS: tuple[tuple[type[Exception], Kind], ...] = (
    (PlanError, Kind.PLAN),
    (EmptyRepositoryError, Kind.EMPTY),
    (UnknownRevisionError, Kind.BRANCH),
    (DamagedRepositoryError, Kind.DAMAGED),
    (NotARepositoryError, Kind.DAMAGED),
)


def kind_of(error: Exception) -> Kind:
    """Return the kind of an error."""
    if isinstance(error, TroubleError):
        return error.kind
    if isinstance(error, RemoteError):
        return Kind(error.reason)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Kind.DISK
    if "No space left on device" in str(error):
        return Kind.DISK
    return next((kind for of, kind in _KINDS if isinstance(error, of)), Kind.OTHER)


def record(repository: Repository, error: Exception | None, job: str = "") -> None:
    """Record the error that prevents the repository from being read, or clear it if `error` is None.

    `job` is the kind of the job that found the error, unless it was a poll or an update. The next success of
    such a job clears it.
    """
    words = cut(storable(str(error)), LONGEST) if error else ""
    kind = kind_of(error) if error else ""
    rows = Repository.objects.filter(pk=repository.pk)
    if error is None:  # a successful update says nothing about jobs of other kinds
        rows = rows.exclude(~Q(trouble_job__in=("", "update")), trouble_kind=Kind.FAILED)
    rows.update(trouble=words, trouble_kind=kind, trouble_job=job)
