"""Says how a repository is read, without showing its credentials."""

from dataclasses import dataclass

from compliance.models import Attachment, Repository
from scanner import SshAccess, is_ssh


@dataclass(frozen=True, slots=True)
class Way:
    """How a repository is read: its short name, as the API has it, and a sentence."""

    name: str
    sentence: str


def way_of(repository: Repository, forge: Attachment | None) -> Way:
    """Return how a repository is read. `forge` is the attached connection to its forge, if there is one."""
    if repository.url.startswith("/"):
        return Way("folder", "It is a folder on this server, which is read without credentials.")
    if repository.uses_connection:
        if forge is None:
            return Way("connection", "It is to be read with a connection, but none is attached any more.")
        return Way("connection", f"It is read with the connection {forge.connection.name}.")
    return _own_way(repository)


def _own_way(repository: Repository) -> Way:
    if is_ssh(repository.url):
        if SshAccess.parse(repository.access):
            return Way("deploy key", "It is read with a deploy key of this product.")
        return Way("ssh", "It is read with the ssh configuration of the user who runs the product.")
    if repository.access:
        return Way("token", "It is read with a token, or a user name with a password.")
    return Way("nothing", "It is read without credentials.")
