"""Replaces what a tracked repository is read with: a token, a deploy key, a connection, or the accepted keys
of an ssh server.

A job tries what was entered before it is used, so a wrong token never replaces one that works. Until then,
everything else goes on with the former credentials.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pghistory
from django.contrib.auth.models import User
from django.db import transaction

from compliance import jobs
from compliance.integrations import connection_jobs, connection_removal, connections, git_access
from compliance.integrations.api import ApiError
from compliance.integrations.connections import ConnectionValueError
from compliance.jobs import JobRun, Priority
from compliance.lib import ssh_keys
from compliance.lib.field_types import cut, storable
from compliance.models import AccessChange, Connection, Job, Repository
from compliance.scans import remote_branches
from compliance.scans.access_values import host_fingerprints, token_access
from compliance.scans.problems import LONGEST, Kind, TroubleError, kind_of
from compliance.scans.setup_errors import SetupError
from scanner import GitError, SshAccess, host_keys, is_ssh, list_remote

KIND = "access"
"""The kind of the job that tries other credentials."""

State = AccessChange.State
Way = AccessChange.Kind


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a person wants to replace, with the values for that kind. `connection` is a connection's slug."""

    kind: str
    user: str = ""
    token: str = ""
    connection: str = ""
    project: str = ""


def change(
    repository: Repository,
    person: User | None,
    wanted: Replacement,
    webhook_url: Callable[[Connection], str],
) -> AccessChange:
    """Begin a change of the wanted kind. `webhook_url` returns the address for a connection's webhooks.

    Raises `SetupError`.
    """
    match wanted.kind:
        case Way.TOKEN:
            return change_token(repository, person, wanted.user, wanted.token)
        case Way.CONNECTION:
            found = Connection.objects.filter(slug=wanted.connection).first()
            if found is None:
                words = f"There is no connection “{wanted.connection[:50]}”. Choose one of the connections."
                raise SetupError("connection", words)
            return change_connection(repository, person, found, wanted.project, webhook_url(found))
        case Way.NOTHING:
            return drop_credentials(repository, person)
        case Way.DEPLOY_KEY:
            return change_deploy_key(repository, person)
        case Way.HOST_KEY:
            return change_host_key(repository, person)
    raise SetupError("kind", "Choose what is to be replaced.")


def change_token(repository: Repository, person: User | None, user: str, token: str) -> AccessChange:
    """Try another token, or a user name with a password. Raises `SetupError`."""
    access = token_access(repository.url, user, token)
    return _begin(repository, person, AccessChange(kind=Way.TOKEN, state=State.CHECKING, access=access))


def drop_credentials(repository: Repository, person: User | None) -> AccessChange:
    """Try to read without credentials. Raises `SetupError`."""
    if not repository.url.startswith("https://"):
        raise SetupError("", "Only https:// addresses can be read without credentials.")
    return _begin(repository, person, AccessChange(kind=Way.NOTHING, state=State.CHECKING))


def change_connection(
    repository: Repository, person: User | None, connection: Connection, project: str, webhook_url: str
) -> AccessChange:
    """Try the credentials of a connection. It is attached instead of another forge once they work. Raises
    `SetupError`.
    """
    if not git_access.serves(connection, repository.url):
        raise SetupError("connection", f"{connection.name} is a connection to another server.")
    project = project.strip() or git_access.project_of(repository.url)
    made = AccessChange(kind=Way.CONNECTION, state=State.CHECKING, connection=connection)
    made.project, made.webhook_url = project[:400], webhook_url
    return _begin(repository, person, made)


def change_deploy_key(repository: Repository, person: User | None) -> AccessChange:
    """Generate another deploy key, which is used once a person has installed it and confirms that. Raises
    `SetupError`.
    """
    _require_ssh(repository)
    known = SshAccess.parse(repository.access)
    access = SshAccess(ssh_keys.new_private_key(), known.host_keys if known else "").text
    return _begin(repository, person, AccessChange(kind=Way.DEPLOY_KEY, state=State.WAITING, access=access))


def change_host_key(repository: Repository, person: User | None) -> AccessChange:
    """Ask the server for its keys, which a person then compares. Raises `SetupError`."""
    _require_ssh(repository)
    if not SshAccess.parse(repository.access):
        raise SetupError(
            "",
            "This repository is read with the ssh configuration of the user who runs the product, whose "
            "known_hosts file has the server's keys. Use a deploy key to manage them here.",
        )
    made = AccessChange(kind=Way.HOST_KEY, state=State.ASKING, access=repository.access)
    return _begin(repository, person, made)


def _require_ssh(repository: Repository) -> None:
    if not is_ssh(repository.url):
        raise SetupError("", "Only ssh addresses have a deploy key and host keys.")


def _begin(repository: Repository, person: User | None, made: AccessChange) -> AccessChange:
    """Store a change instead of the former one, and queue its check unless a person has to act first."""
    made.repository, made.person = repository, person
    with transaction.atomic():
        Repository.objects.select_for_update(of=("self",), no_key=True).get(pk=repository.pk)
        AccessChange.objects.filter(repository=repository).delete()
        made.save()
        if made.state != State.WAITING:
            _request(made, person)
    return made


def _request(change: AccessChange, person: User | None) -> None:
    cause = change.repository.url
    jobs.enqueue(KIND, key=str(change.pk), priority=Priority.HIGH, cause=cause, person=person)


def confirm(repository: Repository, person: User | None, fingerprints: Iterable[str] = ()) -> None:
    """Go on with a change once a person has acted, or try it again after it has failed. For a changed host
    key, `fingerprints` are those that the person has compared. Raises `SetupError`.
    """
    with transaction.atomic():
        change = AccessChange.objects.select_for_update().filter(repository=repository).first()
        if change is None:
            raise SetupError(
                "", "There is nothing to confirm: the change was cancelled or is in use already."
            )
        if change.state not in {State.WAITING, State.FAILED}:
            raise SetupError("", "The change is being tried already.")
        if change.kind == Way.HOST_KEY and change.state == State.WAITING:
            shown = {fingerprint for _, fingerprint in host_fingerprints(change.access)}
            if set(fingerprints) != shown:
                raise SetupError("", "The server's keys are no longer the ones that you have compared.")
        asks_again = change.kind == Way.HOST_KEY and change.state == State.FAILED
        change.state = State.ASKING if asks_again else State.CHECKING
        change.trouble, change.trouble_kind, change.person = "", "", person
        change.save()
        _request(change, person)


def cancel(repository: Repository) -> None:
    """Forget a change. The repository is read as before."""
    AccessChange.objects.filter(repository=repository).delete()


def running(change: AccessChange) -> Job | None:
    """Return the job that tries a change, or None if it has ended."""
    return jobs.pending(KIND, str(change.pk)).first()


def check(run: JobRun) -> bool:
    """Try a change, and use it if the repository can be read with it."""
    change = AccessChange.objects.select_related("repository", "connection", "person").filter(pk=run.job.key)
    found = change.first()
    if found is None or found.state not in {State.ASKING, State.CHECKING}:
        return True
    try:
        if found.state == State.ASKING:
            run.tell("asking the server for its keys")
            _show_host_keys(found)
        else:
            run.tell("reading the repository with the new credentials")
            access = _access(found)
            url, branch = found.repository.url, found.repository.branch
            remote_branches.choose(url, list_remote(url, access), branch)
            _use(found)
    except (GitError, TroubleError, ConnectionValueError, OSError) as error:
        words = cut(storable(str(error)), LONGEST)
        kind = Kind.OTHER if isinstance(error, ConnectionValueError) else kind_of(error)
        change.filter(state=found.state).update(state=State.FAILED, trouble=words, trouble_kind=kind)
    return True


def _show_host_keys(change: AccessChange) -> None:
    known = SshAccess.parse(change.repository.access)
    keys = host_keys(change.repository.url)
    if known is None:
        raise TroubleError("The repository no longer has a deploy key. Begin again.", Kind.OTHER)
    access = SshAccess(known.private_key, keys).text
    if set(host_fingerprints(access)) == set(host_fingerprints(change.repository.access)):
        words = "The server shows the keys that are accepted already, so nothing has to be changed."
        raise TroubleError(words, Kind.OTHER)
    AccessChange.objects.filter(pk=change.pk, state=State.ASKING).update(access=access, state=State.WAITING)


def _access(change: AccessChange) -> str:
    """Return the credentials to try. The keys of an ssh server that has never been asked are asked for."""
    if change.connection is not None:
        try:
            return git_access.credentials(change.connection, change.repository.url, change.project)
        except (ApiError, ValueError) as error:
            raise TroubleError(str(error), Kind.REFUSED) from None
    access = SshAccess.parse(change.access)
    if access and not access.host_keys:
        change.access = SshAccess(access.private_key, host_keys(change.repository.url)).text
        AccessChange.objects.filter(pk=change.pk).update(access=change.access)
    return change.access


def _use(change: AccessChange) -> None:
    """Use credentials that work, unless the change was cancelled or replaced in the meantime."""
    context = {"user": change.person_id} if change.person_id else {}
    with pghistory.context(**context), transaction.atomic():
        rows = Repository.objects.select_for_update(of=("self",), no_key=True)
        repository = rows.filter(pk=change.repository_id).first()
        mine = AccessChange.objects.filter(pk=change.pk, state=State.CHECKING)
        if repository is None or not mine.delete()[0]:
            return
        repository.access, repository.uses_connection = change.access, change.connection is not None
        repository.trouble = repository.trouble_kind = repository.trouble_job = ""
        repository.poll_failures = 0
        names = ["access", "uses_connection", "trouble", "trouble_kind", "trouble_job", "poll_failures"]
        repository.save(update_fields=names)
        if change.connection is not None:
            _attach(repository, change, change.connection)
        label = "host key accepted" if change.kind == Way.HOST_KEY else "credentials"
        pghistory.create_event(repository, label=label)
        cause = f"{change.get_kind_display().lower()} accepted"
        jobs.enqueue("update", repository, priority=Priority.HIGH, cause=cause, person=change.person)


def _attach(repository: Repository, change: AccessChange, connection: Connection) -> None:
    """Attach the connection instead of another forge, and have the webhook installed."""
    forge = git_access.forge_of(repository)
    if forge is not None and (forge.connection_id, forge.project) == (connection.pk, change.project):
        return
    if forge is not None:
        connection_removal.detach(forge, change.person)
    row = connections.attach(repository, connection, change.project)
    if change.webhook_url:
        connection_jobs.request_webhook(row, change.webhook_url, change.person)
