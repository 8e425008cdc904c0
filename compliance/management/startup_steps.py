"""Steps that `manage.py up` performs before it serves requests. Each is idempotent."""

import io
import secrets
import shutil
import socket
import time
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import Error, NotSupportedError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from kombu.exceptions import OperationalError

from compliance.celery import app
from compliance.lib.product_files import IS_INSTALLED, start_command
from compliance.models import Repository

TELL_EVERY = 2.0
"""Seconds between two progress messages about the migrations."""
ADMINISTRATOR = "admin"
MOST_PORT = 65535


def check_front_end() -> None:
    """Raise CommandError if npm's packages are missing."""
    missing = [path for _, path in settings.FRONT_END if not path.is_dir()]
    if missing:
        fix = "Install the package again." if IS_INSTALLED else "Run `make node_modules`."
        raise CommandError(f"The front-end packages are missing ({missing[0]}). {fix}")


def check_git() -> None:
    """Raise CommandError if git can't be run."""
    if shutil.which("git") is None:
        raise CommandError("git is not installed or not on the PATH. Install git 2.38 or newer.")


def port(text: str) -> int:
    """Return an argument's port. Raises ArgumentTypeError, which argparse shows."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PORT:
        raise ArgumentTypeError(f"{text} is not a port; write a number from 1 to {MOST_PORT}")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Raise CommandError if another program uses the web server's port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise CommandError(
                f"The web server cannot listen on {host}, port {port}: {error.strerror}. "
                f"Stop the program that uses it, or choose another: `{start_command(port=port + 1)}`."
            ) from None


def migrate(tell: Callable[[str], None] = lambda _: None) -> None:
    """Migrate the database. If several processes start at the same time, one does it and the others wait.

    Args:
        tell: prints a line of progress, because the first migration takes up to half a minute.

    Raises:
        CommandError: if the database cannot be reached, is too old or denies access.
    """
    try:
        call_command("migrate", interactive=False, verbosity=1, no_color=True, stdout=_Progress(tell))
    except (Error, NotSupportedError) as error:
        hint = (
            ""
            if settings.EMBEDDED_POSTGRES
            else "\nCheck DATABASE_URL: that server must be running and accept the connection."
        )
        raise CommandError(f"{str(error).strip()}{hint}") from None


def check_broker() -> None:
    """Raise CommandError if the server in BROKER_URL doesn't respond."""
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=5)
    except OperationalError as error:
        raise CommandError(
            f"{error}\nCheck BROKER_URL: that server must be running and accept the connection."
        ) from None


class _Progress(io.StringIO):
    """Reads the output of `migrate`, and reports the progress every few seconds."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        executor = MigrationExecutor(connection)
        self._total = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        self._tell, self._applied = tell, 0
        self._began = self._told = time.monotonic()

    def write(self, text: str) -> int:
        self._applied += text.count("Applying ")
        now = time.monotonic()
        if self._applied and now - self._told > TELL_EVERY:
            self._told = now
            self._tell(f"    step {self._applied} of {self._total}, {now - self._began:.0f} s so far")
        return len(text)


def administrator() -> str | None:
    """Create the first administrator. Return the new password, or None if there already is an
    administrator.
    """
    people = get_user_model().objects
    if people.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    people.create_superuser(ADMINISTRATOR, password=password)
    return password


def demonstration(now: datetime | None = None) -> Path:
    """Return the demonstration's repository in the data folder.

    It is created on first use, either completely or not at all. Its newest commit is then dated in the week
    before `now`, or before the current time. Later starts leave the repository unchanged.
    """
    from compliance.management import demo  # noqa: PLC0415  (its sources are read only when it is wanted)

    target: Path = settings.DATA_DIR / "demonstration"
    if not target.exists():
        partial = target.with_name("demonstration.partial")
        shutil.rmtree(partial, ignore_errors=True)
        try:
            demo.build(partial, now or timezone.now())
        except demo.WriteError as error:
            raise CommandError(f"git could not write the demonstration: {error}") from None
        partial.rename(target)
    return target


def furnish(repository: Repository) -> None:
    """Add the evidence and the pull requests of the demonstration, once its history has been recorded."""
    from compliance.management import demo_evidence, demo_pull_requests  # noqa: PLC0415  (as above)

    demo_evidence.furnish(repository)
    demo_pull_requests.furnish(repository)
