"""Errors that prevent a repository from being read, recorded with their kind."""

import errno

from django.db.models import Q

from compliance.lib.field_types import storable
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


class TroubleError(Exception):
    """An error that retrying won't fix; the message is shown on the repository's page."""

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


def record(repository: Repository, error: Exception | None) -> None:
    """Record the error that prevents the repository from being read; None clears it."""
    words = storable(str(error).replace("\0", "")) if error else ""
    kind = kind_of(error) if error else ""
    rows = Repository.objects.filter(pk=repository.pk)
    if error is None:  # an update that succeeds says nothing of the jobs of other kinds
        rows = rows.exclude(~Q(trouble_job__in=("", "update")), trouble_kind=Kind.FAILED)
    rows.update(trouble=words, trouble_kind=kind, trouble_job="")


def clear_damage(repository: Repository) -> None:
    """Remove the error of a damaged mirror once a job has read it; other errors are not this job's."""
    same = Repository.objects.filter(pk=repository.pk, trouble_kind=Kind.DAMAGED)
    same.update(trouble="", trouble_kind="", trouble_job="")
