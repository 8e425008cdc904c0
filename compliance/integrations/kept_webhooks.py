"""Keeps webhooks in files while maintenance mode is on and Postgres can't store them.

Only webhooks of forges that send each one once are kept; the others send them again after an error. Whether a
webhook is genuine is found out when it is taken in, so anybody can fill the folder up to its limits.
"""

import fcntl
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.datastructures import CaseInsensitiveMapping

from compliance.integrations.provider import Signed
from compliance.integrations.request_body import RefusedError
from compliance.lib.database_limits import is_unavailable
from compliance.lib.disk_sync import sync
from compliance.lib.free_space import LEAST_SPACE, free_bytes

log = logging.getLogger(__name__)

MOST_FILES = 5000
MOST_BYTES = 256 * 2**20
"""Limits of all kept webhooks of a machine together."""

_ABANDONED_AFTER = 3600.0
"""Seconds after which a file that was being written belongs to a process that was killed."""

_WAITING, _FAILED, _PARTIAL = ".webhook", ".failed", ".partial"
"""Suffixes of the files. Renamed from the second to the first, a webhook is taken in again."""

_HEADERS = ("content-type", "x-hub-", "x-github-", "x-gitea-", "x-forgejo-")
"""Beginnings of the names of the headers that are kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A webhook: the provider and the slug in its address, the path of that, and the request."""

    provider: str
    slug: str
    path: str
    signed: Signed


def keep(webhook: Kept) -> bool:
    """Store a webhook until `take_in`. Return false if that isn't possible."""
    folder = _folder()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        sizes = list(_sizes(folder))
        free = free_bytes(folder) or 0
        size = len(webhook.signed.body)
        if len(sizes) >= MOST_FILES or sum(sizes) + size > MOST_BYTES or free - size < LEAST_SPACE:
            log.error(
                "A webhook for %s could not be kept, because there is no room in %s", webhook.slug, folder
            )
            return False
        _write(folder / f"{time.time_ns():020d}-{secrets.token_hex(4)}{_WAITING}", webhook)
    except OSError as error:
        log.error("A webhook for %s could not be kept: %s", webhook.slug, error)
        return False
    return True


def take_in(receive: Callable[[Kept], object]) -> int:
    """Receive the kept webhooks in their order, and return their number. If Postgres can't store one yet, it
    and those after it stay. One that causes another error is set aside, because it would hold up those after
    it for ever; `failed` names it.

    After a crash, the last one may be received twice, which its id shows.

    Args:
        receive: stores one webhook; it raises `RefusedError` or database errors.
    """
    done = 0
    with _alone() as is_alone:
        for path in sorted(_folder().glob(f"*{_WAITING}")) if is_alone else ():
            try:
                receive(_read(path))
            except RefusedError as refused:
                if refused.wait:
                    break
                log.warning("The kept webhook %s was rejected: %s", path.name, refused)
            except Exception as error:  # the others must go on, whatever is wrong with one
                if is_unavailable(error):
                    log.debug("Kept webhooks wait until the database can store them: %s", error)
                    break
                log.exception("The kept webhook %s could not be received", path.name)
                path.replace(path.with_suffix(_FAILED))
                continue
            path.unlink(missing_ok=True)
            done += 1
        if is_alone:
            _remove(_PARTIAL, _ABANDONED_AFTER)  # never acknowledged
            _remove(_FAILED, settings.ENVIRONMENT.delivery_body_days * 86_400)
    if done:
        log.warning("%d webhooks that were kept during maintenance have been received.", done)
    return done


def _sizes(folder: Path) -> Iterator[int]:
    for entry in os.scandir(folder):
        # Other requests rename their files, and jobs take files in, while this one reads the folder.
        with suppress(FileNotFoundError):
            yield entry.stat().st_size


def failed() -> list[Path]:
    """Return the files of this machine's webhooks that could not be received, oldest first."""
    return sorted(_folder().glob(f"*{_FAILED}"))


def _remove(suffix: str, seconds: float) -> None:
    """Remove files that have been unchanged for so long."""
    for path in _folder().glob(f"*{suffix}"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > seconds:
                path.unlink()


@contextmanager
def _alone() -> Iterator[bool]:
    """Yield true in one process of this machine at a time, and false in the others or if nothing is kept."""
    folder = _folder()
    if not any(folder.glob("*")):
        yield False
        return
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _is_locked(lock)
    finally:
        os.close(lock)


def _is_locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _folder() -> Path:
    data: Path = settings.DATA_DIR
    return data / "kept-webhooks"


def _write(path: Path, webhook: Kept) -> None:
    headers = {
        name: value for name, value in webhook.signed.headers.items() if name.lower().startswith(_HEADERS)
    }
    head = {"provider": webhook.provider, "slug": webhook.slug, "path": webhook.path, "headers": headers}
    partial = path.with_suffix(_PARTIAL)
    try:
        with partial.open("xb") as file:
            file.write(json.dumps(head).encode() + b"\n" + webhook.signed.body)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def _read(path: Path) -> Kept:
    head, _, body = path.read_bytes().partition(b"\n")
    values = json.loads(head)
    headers = CaseInsensitiveMapping(values["headers"])
    return Kept(values["provider"], values["slug"], values["path"], Signed(headers, {}, body))
