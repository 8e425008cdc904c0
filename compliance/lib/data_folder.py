"""Creates the data folder, protects it from other users, and stores the generated secret key in it."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def prepare_folder(path: Path) -> Path:
    """Create the data folder if it doesn't exist, close it to other users, and return it.

    Raises `ImproperlyConfigured` if it cannot be created.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR {path} cannot be created: {error.strerror}") from None
    _close(path)
    return path


def _close(path: Path) -> None:
    """Close the data folder to other users. Parent folders that are shared with them, such as /tmp, remain
    open.

    If it is started by root, the embedded Postgres runs under another account, which must be able to pass
    through.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    ours = not any(path.iterdir()) or any((path / name).exists() for name in ("secret_key", "postgres"))
    for folder, most in ((path, mode), (path / "mirrors", 0o700)):
        with suppress(OSError):
            found = folder.stat()
            if ours and found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
                folder.chmod(stat.S_IMODE(found.st_mode) & most)


def chosen_key(given: str | None, path: Path, *, shared: bool) -> tuple[str, bool]:
    """Return the secret key, and true if it is new and stored nowhere yet.

    A key from the environment (`given`) comes first, then the key in the file. Without either, a new key is
    stored in the file, unless other machines may already use the same database (`shared`).
    """
    if given:
        return given, False
    if shared and not path.exists():
        return secrets.token_urlsafe(64), True
    return stored_key(path), False


def stored_key(path: Path, fresh_key: str = "") -> str:
    """Return the secret key stored in a file. On first use, store `fresh_key`, or generate one.

    If several processes start at the same time, they all use the same key. Raises `ImproperlyConfigured` if
    the file cannot be read or written.
    """
    try:
        if not path.exists():
            fresh = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
            fresh.touch(mode=0o600, exist_ok=False)
            fresh.write_text(fresh_key or secrets.token_urlsafe(64))
            try:
                os.link(fresh, path)  # fails if another process was faster, whose key is then used
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key in {path} cannot be used: {error.strerror}. "
            "Run as the user who created it, or set another DATA_DIR."
        ) from None
