"""Start everything on one machine and print the address: `manage.py up`."""

import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.http.request import validate_host
from rich.console import Console

from compliance.embedded.cluster import PostgresError
from compliance.embedded.guard import Guard
from compliance.embedded.lock import Lock, RunningError
from compliance.embedded.paths import PathsError, find_paths
from compliance.embedded.postgres import Postgres
from compliance.embedded.programs import upgrade_hint
from compliance.embedded.supervisor import Kept, Log, Program, Supervisor
from compliance.environment import local_host_of
from compliance.jobs import maintenance_mode
from compliance.lib.local_repositories import folder_problems
from compliance.lib.product_files import CHECKOUT, IS_INSTALLED, command, start_command
from compliance.lib.restarting import STARTED_BY_UP
from compliance.management import programs as commands
from compliance.management import startup_steps
from compliance.management.history_progress import Progress
from compliance.management.stop_signals import Stop, StopSignals
from compliance.models import Repository

WEB_SECONDS = 180.0
"""Seconds within which the web server must respond, also on a slow or busy machine. If it ends, it is started
again, and the log says why.
"""

WORKER_NICENESS = 5
"""By how much the worker's scheduling priority is lower than the web server's (nice(2)). While all cores are
busy, pages and answers to webhooks, for which somebody waits, get about three times as much of them as jobs.
"""


class Command(BaseCommand):
    """Starts Postgres, the web server, the worker and beat, and stops them all on Ctrl-C."""

    help = "Run everything on this machine: Postgres, web server, worker and beat. Ctrl-C stops it all."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("--repo", default="", help="path or URL of the repository to track")
        parser.add_argument("--plan", default="", help="migration plan (YAML) for it")
        parser.add_argument(
            "--replace-plan",
            action="store_true",
            help="let --plan replace a plan that was edited on the page",
        )
        parser.add_argument(
            "--port", type=startup_steps.port, default=settings.PORT, help="port of the web server"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Start everything. Raises CommandError, whose message says what failed and how to fix it."""
        if options["plan"] and not options["repo"]:
            raise CommandError(f"A plan requires a repository: `{start_command(repo='...', plan='...')}`.")
        self.console = Console(highlight=False, soft_wrap=True)
        # The programs read their settings from the environment, and pages say how to restart with others.
        os.environ |= {"PORT": str(options["port"]), STARTED_BY_UP: "1"}
        logs = settings.DATA_DIR / "log"
        logs.mkdir(mode=0o700, exist_ok=True)
        try:
            self.lock = Lock(settings.DATA_DIR / "up.lock")
        except RunningError as error:
            raise CommandError(f"{error} Use it, or stop it first.") from None
        except PathsError as error:
            raise CommandError(str(error)) from None
        log = Log(logs / "up.log", self._tell)
        self.signals = StopSignals()
        supervisor = Supervisor(log, self.signals.held)
        try:
            self._start(supervisor, log, options)
            supervisor.run()
        except Stop:
            self._tell("Stopping; this takes up to half a minute.")
        finally:
            self.signals.ignore()
            supervisor.stop()
        self._tell(f"Stopped. `{start_command()}` continues from here.")

    def _tell(self, line: str) -> None:
        """Print a line. Errors are ignored, for example if the terminal has been closed or the disk is
        full.
        """
        with suppress(OSError):
            self.console.print(line, markup=False)

    def _start(self, supervisor: Supervisor, log: Log, options: dict[str, Any]) -> None:
        address = f"http://{local_host_of(settings.BIND)}:{options['port']}{settings.PATH_PREFIX}/"
        shown = f"{settings.PUBLIC_URL}/" if settings.IS_PUBLIC_URL_GIVEN else address
        startup_steps.check_front_end()
        startup_steps.check_git()
        startup_steps.check_port(settings.BIND, options["port"])
        supervisor.start(Guard())
        if settings.EMBEDDED_POSTGRES:
            with self._step("Postgres"):
                server = Postgres(find_paths(settings.DATA_DIR), log.path.with_name("postgres.log"))
                supervisor.start(server)
            self._tell(f"    {server.programs}{upgrade_hint(server.programs)}")
        with self._step("Database"):
            startup_steps.migrate(self._tell)
        if not settings.QUEUE_IN_POSTGRES:
            with self._step("Broker"):
                startup_steps.check_broker()
        password = startup_steps.administrator()
        with self._step("Web server, worker and beat"):
            for program in programs(log, options["port"]):
                supervisor.start(program)
            self._await_web(supervisor, address)
        if os.geteuid() == 0:
            self.console.print(
                "  You are root, and so are the web server and the worker. If others can reach them, "
                "start the product as an ordinary user."
            )
        for problem in folder_problems():
            self._tell(f"  Warning: {problem}")
        self.lock.note(address)
        repositories = self._repositories(options)
        if password:
            self.console.print(
                f"  Sign in as {startup_steps.ADMINISTRATOR} with the password {password}", markup=False
            )
            self.console.print(f"  It is shown only once; change it with `{command('changepassword')}`.")
        if maintenance_mode.find():
            self.console.print(
                "  Maintenance mode is on: pages are closed, and jobs wait. "
                f"`{command('maintenance off')}` ends it."
            )
        else:
            self.console.print(f"  Open {shown} now; history is being added in the background.")
            Progress(self.console, supervisor.watch).follow(repositories)
            self._furnish(repositories)
        self.console.print(f"Ready: {shown}   (Ctrl-C stops it; the log is {log.path})", markup=False)

    def _repositories(self, options: dict[str, Any]) -> list[Repository]:
        """Return the repository to show: the requested one, or else a tracked one, or else the
        demonstration.
        """
        if options["repo"]:
            with self._step("Repository"):
                chosen = {"plan": options["plan"], "replace_plan": options["replace_plan"]}
                call_command("track", options["repo"], **chosen, keep_plan=True, verbosity=0)
        elif not Repository.everything.exists():  # a demonstration that was deleted doesn't come back
            with self._step("Demonstration"):
                call_command("track", str(startup_steps.demonstration()), name="Demonstration", verbosity=0)
        return list(Repository.objects.all())

    def _furnish(self, repositories: list[Repository]) -> None:
        """Add the demonstration's evidence and pull requests once its history has been recorded."""
        for repository in repositories:
            if repository.url == str(settings.DATA_DIR / "demonstration"):
                with self._step("Its evidence"):
                    startup_steps.furnish(repository)

    def _await_web(self, supervisor: Supervisor, address: str) -> None:
        deadline = time.monotonic() + WEB_SECONDS
        while True:
            supervisor.watch()
            try:
                urlopen(_request_for(address), timeout=5).close()  # noqa: S310  (our own address)
            except HTTPError as error:
                if error.code < HTTPStatus.INTERNAL_SERVER_ERROR or maintenance_mode.find():
                    return
                raise CommandError(
                    f"The web server responds with an error: {error}. See {supervisor.log.path}"
                ) from None
            except (URLError, OSError):
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"The web server does not respond. See {supervisor.log.path}"
                    ) from None
                time.sleep(0.1)
            else:
                return

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        except (CommandError, PathsError, PostgresError) as error:
            raise CommandError(f"{name}: {error}") from error
        self.console.print(f"  {name:<28} {time.monotonic() - began:5.1f} s")


def _request_for(address: str) -> Request:
    """Return a request for this machine's web server, in the name of a host that it serves."""
    if validate_host(local_host_of(settings.BIND), settings.ALLOWED_HOSTS):
        return Request(address)  # noqa: S310  (our own address)
    host = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS), "")
    return Request(address, headers={"Host": host})  # noqa: S310  (our own address)


def programs(log: Log, port: int) -> Iterator[Kept]:
    """Return the web server, worker and beat in the order in which they are started."""
    here = settings.DATA_DIR if IS_INSTALLED else CHECKOUT
    yield Program("web", commands.web(settings.BIND, port), log, cwd=here, in_order=False)
    yield Program(
        "worker",
        commands.worker(["--hostname", "worker@local"]),
        log,
        cwd=here,
        with_pulse=True,
        in_order=False,
        niceness=WORKER_NICENESS,
    )
    yield Program("beat", commands.beat(), log, cwd=here, grace=5, with_pulse=True, in_order=False)
