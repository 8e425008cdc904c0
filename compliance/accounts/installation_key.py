"""Makes sure that all machines of an installation use the same secret key.

Sessions are signed with it, and webhook secrets, tokens of repositories and public links are encrypted with
keys derived from it. With an external database, the fingerprint of the key is stored there by
`manage.py migrate`. A process with another key refuses to start.
"""

import hashlib
import logging
import threading
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import Error, connection, models, transaction

from compliance.lib.data_folder import stored_key
from compliance.lib.database_failures import WrongKeyError
from compliance.models import KeyFingerprint
from compliance.models.secret import Sealed, SecretField

log = logging.getLogger(__name__)

SECONDS = 10.0
"""Maximum number of seconds for which the start of a process waits for the database."""

_STORED = "SELECT fingerprint FROM compliance_keyfingerprint"


class Verified:
    """A process-wide flag."""

    value = False


verified = Verified()
"""Set once the key of this process has been compared with the database's."""


def fingerprint(key: str) -> str:
    """Return the fingerprint of a secret key. It doesn't reveal the key, which is long and random."""
    return hashlib.sha256(b"ssot key fingerprint" + key.encode()).hexdigest()


def require_key(**signal: Any) -> None:
    """Raise `WrongKeyError` if a new database connection leads to an installation with another key; receives
    `connection_created`.
    """
    if verified.value or settings.EMBEDDED_POSTGRES:
        return
    opened = signal["connection"]
    with opened.cursor() as cursor:
        cursor.execute("SELECT to_regclass('compliance_keyfingerprint') IS NOT NULL")
        (is_there,) = cursor.fetchone()
        rows = cursor.execute(_STORED).fetchall() if is_there else []
    if not rows:
        return
    try:
        _compare(rows[0][0])
    except WrongKeyError:
        opened.close()  # otherwise, the next statement would use it
        raise
    verified.value = True


def _compare(stored: str) -> None:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if stored in {fingerprint(key) for key in keys}:
        return
    path = settings.DATA_DIR / "secret_key"
    source = f"The key in {path}" if settings.ENVIRONMENT.secret_key is None else "SECRET_KEY"
    wrong = (
        "This machine has no secret key"
        if settings.SECRET_KEY_IS_NEW
        else f"{source} is not the secret key of this installation"
    )
    raise WrongKeyError(
        f"{wrong}, so it can't use the database. Set SECRET_KEY to the key of the other machines, or "
        f"copy the file secret_key from the DATA_DIR of one of them to {path}. To change the key, see the "
        "section “Secret key” of docs/deployment.md."
    )


def require_key_at_start() -> str:
    """Return why this process must not start, or an empty string.

    If the database doesn't respond, the key is checked once it does.
    """
    found: list[str] = []

    def look() -> None:
        try:
            connection.ensure_connection()
        except WrongKeyError as error:
            found.append(str(error))
        except Error as error:
            log.warning("The secret key will be checked once the database responds: %s", error)
        finally:
            connection.close()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return found[0] if found else ""


def keep_fingerprint(**_: Any) -> None:
    """Store the key's fingerprint if the database has none, and a new key on this machine; receives
    `post_migrate`.

    Raises `WrongKeyError` if the database has secrets, and the key opens none of them.
    """
    if settings.EMBEDDED_POSTGRES or not _has_table():
        return
    stored = KeyFingerprint.objects.first()
    if stored is None:
        opened, closed = _count_secrets()
        if closed and not opened:
            raise WrongKeyError(
                "The secret key of this machine opens none of the secrets in the database. Set SECRET_KEY to "
                "the key with which they were stored, or copy the file secret_key from the DATA_DIR of the "
                f"machine that stored them to {settings.DATA_DIR / 'secret_key'}."
            )
        if closed:
            log.warning("%d secrets in the database were stored with another key and can't be read", closed)
        if settings.SECRET_KEY_IS_NEW:
            stored_key(settings.DATA_DIR / "secret_key", settings.SECRET_KEY)
        fresh = KeyFingerprint(fingerprint=fingerprint(settings.SECRET_KEY))
        KeyFingerprint.objects.bulk_create([fresh], ignore_conflicts=True)
        stored = KeyFingerprint.objects.get()
    _compare(stored.fingerprint)


def _has_table() -> bool:
    """Return true unless the database was migrated back to an earlier release."""
    with connection.cursor() as cursor:
        return KeyFingerprint._meta.db_table in connection.introspection.table_names(cursor)  # noqa: SLF001


def _count_secrets() -> tuple[int, int]:
    """Return the number of secrets that the key opens, and of those that it doesn't open."""
    opened = closed = 0
    for model, names in _secret_fields():
        for values in model._default_manager.values_list(*names):  # noqa: SLF001  (Django's public name)
            closed += sum(isinstance(value, Sealed) for value in values)
            opened += sum(bool(value) for value in values)
    return opened, closed


def encrypt_again() -> tuple[int, int]:
    """Encrypt all secrets with the current key, and make it the installation's key.

    Return the number of rows, and of secrets that no key opens, which remain as they are. Raises
    `WrongKeyError` if neither the key nor one in SECRET_KEY_FALLBACKS is the installation's.
    """
    rows = 0
    with transaction.atomic():
        stored = KeyFingerprint.objects.select_for_update().first()
        if stored is not None:
            _compare(stored.fingerprint)
        _, closed = _count_secrets()
        for model, names in _secret_fields():
            locked = model._default_manager.select_for_update(no_key=True).only("pk", *names)  # noqa: SLF001
            for row in locked:
                row.save(update_fields=names)
                rows += 1
        new = {"fingerprint": fingerprint(settings.SECRET_KEY)}
        KeyFingerprint.objects.update_or_create(id=1, defaults=new)
    return rows, closed


def _secret_fields() -> Iterator[tuple[type[models.Model], tuple[str, ...]]]:
    for model in apps.get_app_config("compliance").get_models():
        names = tuple(field.name for field in model._meta.fields if isinstance(field, SecretField))  # noqa: SLF001
        if names:
            yield model, names
