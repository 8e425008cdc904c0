"""The credentials with which git reads a repository: its own, or those of the forge it is attached to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from compliance.integrations import git_access
from compliance.integrations.api import ApiError
from compliance.models import Attachment, Repository
from scanner import RemoteError


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the credentials of a repository are found, without the database, so that a thread can do it."""

    repository: Repository
    attachment: Attachment | None

    def access(self) -> str:
        """Return `user:password`, or for ssh a private key with the keys of its host.

        Raises `RemoteError` if the forge doesn't give them, or is no longer attached.
        """
        repository, row = self.repository, self.attachment
        if not repository.uses_connection:
            return repository.access
        if row is None:
            raise RemoteError(
                f"{repository.url}: it was added with the credentials of a connection, and no forge is "
                "attached any more; attach it again under Settings > Connections",
                "refused",
            )
        try:
            return git_access.credentials(row.connection, repository.url, row.project)
        except (ApiError, ValueError) as error:
            raise RemoteError(f"{repository.url}: {error}", "refused") from error

    @contextmanager
    def used(self) -> Iterator[str]:
        """Yield the credentials for git. If the server refuses them, a token that a forge has given is not
        used again: it may have been revoked, although it hasn't expired.
        """
        try:
            yield self.access()
        except RemoteError as error:
            row = self.attachment
            if row and self.repository.uses_connection and error.reason in {"refused", "not found"}:
                git_access.forget(row.connection, row.project)
            raise


def credentials_of(repository: Repository) -> Credentials:
    """Return how a repository's credentials are found, in at most one query."""
    if not repository.uses_connection:
        return Credentials(repository, None)
    return Credentials(repository, git_access.forge_of(repository))


@contextmanager
def access_to(repository: Repository) -> Iterator[str]:
    """Yield a repository's credentials for one request of git. Raises `RemoteError`."""
    with credentials_of(repository).used() as access:
        yield access
