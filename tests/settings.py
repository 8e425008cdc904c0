"""The product's own settings, over a data folder and a Postgres that live as long as the test session.

DATABASE_URL names another server; else an embedded one is started. Child processes inherit both variables,
so that they join this session instead of starting their own.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres

OWNER = "SSOT_TEST_SESSION"


def _begin() -> None:
    folder = Path(tempfile.mkdtemp(prefix="ssot-test-", dir="/tmp"))
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

from compliance.settings import *  # noqa: E402, F403  (reads the environment that was just prepared)
