"""The product's own settings, over a data folder and a Postgres that live as long as the test session.

DATABASE_URL names another server; else an embedded one is started. Child processes inherit both variables,
so that they join this session instead of starting their own.
"""

import atexit
import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres

OWNER = "SSOT_TEST_SESSION"
PREFIX = "ssot-test-"
KEY = "the key of all test sessions, so that pytest's --reuse-db works"
RUNNING = "running"  # a file that is locked for as long as its session lives


def _begin() -> None:
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    lock = os.open(folder / RUNNING, os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    folder.chmod(0o711)  # ours: as root, the server's account must walk through it
    os.environ[OWNER] = str(folder)
    os.environ["DATA_DIR"] = str(folder / "var")
    server = None
    if not os.environ.get("DATABASE_URL"):
        paths = PostgresPaths(home=folder / "postgres", socket=folder / "postgres" / "socket")
        paths.home.mkdir(mode=0o711)
        server = Postgres(paths, folder / "postgres.log", durable=False)
        server.start()
        os.environ["DATABASE_URL"] = paths.url
    atexit.register(_end, os.getpid(), server, folder)


def _remove_leftovers() -> None:
    """Remove the folders of sessions that were killed. Their servers ended with them."""
    for folder in Path("/tmp").glob(f"{PREFIX}*"):
        with contextlib.suppress(
            OSError
        ):  # without a lock file: it begins just now, or belongs to somebody else
            lock = os.open(folder / RUNNING, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _end(owner: int, server: Postgres | None, folder: Path) -> None:
    if os.getpid() != owner:  # a forked child leaves the session's server alone
        return
    if server is not None:
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


if OWNER not in os.environ:
    _begin()
if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # one database each, so one data folder each
    os.environ["DATA_DIR"] = str(Path(os.environ[OWNER]) / f"var-{worker}")

_key = Path(os.environ["DATA_DIR"]) / "secret_key"
_key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
_key.write_text(KEY)

from compliance.settings import *  # noqa: E402, F403  (reads the environment that was just prepared)

WHITENOISE_AUTOREFRESH = True  # else each test client lists all static files
# The strings say how many iterations they were made with, so the processes that tests start can read them.
PASSWORD_HASHERS = ["tests.passwords.QuickHasher"]
