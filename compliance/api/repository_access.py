"""How a repository is read, and replacing that. Credentials can be sent but never read."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.repository_setups import HostKeyOut, Line, Token
from compliance.integrations import git_access
from compliance.lib.addresses import webhook_url
from compliance.lib.field_types import NO_NUL
from compliance.models import AccessChange, Repository
from compliance.scans import access_change, access_values
from compliance.scans.access_way import way_of

router = Router(tags=["repositories"])


class AccessChangeOut(Schema):
    """A change that is not in use yet. `state` is asking, waiting, checking or failed.

    A change of the host key waits until `confirm` is called with the fingerprints of `host_keys`, which the
    server shows now. A new deploy key waits until `public_key` is installed and `confirm` is called. A change
    that has failed is tried again by `confirm`. Once the new credentials are in use, there is no change.
    """

    kind: str
    state: str
    trouble: str
    trouble_kind: str
    public_key: str
    host_keys: list[HostKeyOut]
    created_at: datetime


class AccessOut(Schema):
    """How a repository is read. `way` is folder, connection, deploy key, ssh (the configuration of the user
    who runs the product), token or nothing. `host_keys` are the accepted ones.
    """

    way: str
    connection: str | None
    public_key: str
    host_keys: list[HostKeyOut]
    change: AccessChangeOut | None


class AccessIn(Schema):
    """What is to be replaced: a token with its user name, a connection with the path at the forge, no
    credentials, the deploy key, or the accepted keys of the ssh server.
    """

    model_config = ConfigDict(extra="forbid")
    kind: Literal["token", "connection", "nothing", "deploy key", "host key"]
    user: Line = ""
    token: Token = ""
    connection: Line = ""
    project: Annotated[str, StringConstraints(max_length=400, pattern=NO_NUL)] = ""


class ConfirmIn(Schema):
    """The fingerprints of the server's new keys, which were compared with those of its administrator."""

    model_config = ConfigDict(extra="forbid")
    fingerprints: tuple[Line, ...] = ()


@router.get("/{slug}/access", response=AccessOut, summary="Show how a repository is read")
def show(request: HttpRequest, slug: str) -> AccessOut:
    """Show how a repository is read, and the change that is not in use yet. Requires the administrator
    role.
    """
    acting(request, Role.ADMINISTRATOR)
    return _told(repository_of(request, slug))


@router.post(
    "/{slug}/access", response=AccessOut, auth=WRITE, summary="Replace what a repository is read with"
)
def change(request: HttpRequest, slug: str, given: AccessIn) -> AccessOut:
    """Try other credentials, which are used once the repository can be read with them. Requires the
    administrator role.
    """
    person = acting(request, Role.ADMINISTRATOR)
    repository = repository_of(request, slug)
    wanted = access_change.Replacement(**given.dict())
    access_change.change(
        repository, person, wanted, lambda found: webhook_url(request, found.provider, repository.slug)
    )
    return _told(repository)


@router.post(
    "/{slug}/access/confirm", response=AccessOut, auth=WRITE, summary="Go on with a change of access"
)
def confirm(request: HttpRequest, slug: str, given: ConfirmIn) -> AccessOut:
    """Go on once the new deploy key is installed or the fingerprints were compared, or try again what has
    failed. Requires the administrator role.
    """
    person = acting(request, Role.ADMINISTRATOR)
    repository = repository_of(request, slug)
    access_change.confirm(repository, person, given.fingerprints)
    return _told(repository)


@router.post("/{slug}/access/cancel", response=AccessOut, auth=WRITE, summary="Forget a change of access")
def cancel(request: HttpRequest, slug: str) -> AccessOut:
    """Forget a change; the repository is read as before. Requires the administrator role."""
    acting(request, Role.ADMINISTRATOR)
    repository = repository_of(request, slug)
    if not AccessChange.objects.filter(repository=repository).exists():
        raise Http404("There is no change to cancel.")
    access_change.cancel(repository)
    return _told(repository)


def _told(repository: Repository) -> AccessOut:
    forge = git_access.forge_of(repository)
    found = AccessChange.objects.filter(repository=repository).first()
    used = forge.connection.slug if forge and repository.uses_connection else None
    return AccessOut(
        way=way_of(repository, forge).name,
        connection=used,
        public_key=access_values.key_of(repository.access),
        host_keys=_keys(repository.access),
        change=_told_change(found) if found else None,
    )


def _told_change(found: AccessChange) -> AccessChangeOut:
    return AccessChangeOut(
        kind=found.kind,
        state=found.state,
        trouble=found.trouble,
        trouble_kind=found.trouble_kind,
        public_key=access_values.key_of(found.access),
        host_keys=_keys(found.access),
        created_at=found.created_at,
    )


def _keys(access: str) -> list[HostKeyOut]:
    keys = access_values.host_fingerprints(access)
    return [HostKeyOut(type=kind, fingerprint=fingerprint) for kind, fingerprint in keys]
