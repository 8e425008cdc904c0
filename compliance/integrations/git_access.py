"""The credentials with which git reads a repository at a forge to which there is a connection."""

from urllib.parse import quote, urlsplit

from compliance.integrations.apis import APIS
from compliance.integrations.github_apps import forget_token, installation_token
from compliance.models import Attachment, Connection, Repository


def serves(found: Connection, url: str) -> bool:
    """Return true if a repository's address is on the connection's server, to which alone its credentials may
    be sent.
    """
    parts, own = urlsplit(url), urlsplit(found.api_url)
    if parts.scheme != "https" or own.scheme != "https" or not hasattr(APIS.get(found.provider), "git_user"):
        return False
    return parts.netloc.rpartition("@")[2].casefold() == own.netloc.casefold().removeprefix("api.")


def forge_of(repository: Repository) -> Attachment | None:
    """Return the attached connection to a repository's forge, or None."""
    forges = repository.attachments.filter(kind=Attachment.Kind.FORGE)
    return forges.select_related("connection").first()


def connections_for(url: str) -> list[Connection]:
    """Return the connections whose credentials can read a repository at this address."""
    return [found for found in Connection.objects.all() if serves(found, url)]


def project_of(url: str) -> str:
    """Return the path of a repository at its forge, such as `team/shop`."""
    return urlsplit(url).path.strip("/").removesuffix(".git")


def credentials(found: Connection, url: str, project: str) -> str:
    """Return the credentials for git as `user:password`. A GitHub App's token is requested if necessary.

    Raises `ApiError` if that fails, and ValueError if the address is on another server.
    """
    if not serves(found, url):
        raise ValueError(f"{found.name} is a connection to another server")
    token = installation_token(found, project) if found.app_id else found.token
    user: str = APIS[found.provider].git_user(found)  # type: ignore[attr-defined]
    return f"{quote(user, safe='')}:{quote(token, safe='')}"


def forget(found: Connection, project: str) -> None:
    """Request another token the next time, if the connection's tokens are requested."""
    if found.app_id:
        forget_token(found, project)
