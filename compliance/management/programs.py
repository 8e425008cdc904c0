"""The command lines of the web server, the worker and beat, for `manage.py up` and for one command each."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from django.core.management import BaseCommand

from compliance.environment import host_of
from compliance.lib.product_files import CHECKOUT, IS_INSTALLED

WEB_PROCESSES = 2
"""Number of processes of the web server, each with several threads, unless the command is given another."""


def web(bind: str, port: int, arguments: Sequence[str] = ()) -> list[str]:
    """Return the command line of the web server. `arguments` are further ones for gunicorn.

    Args:
        bind: the address on which it listens.
    """
    command = [sys.executable, "-m", "gunicorn", "compliance.asgi"]
    command += [
        "--config",
        "python:compliance.server.web_log",
        "--access-logfile",
        "-",
        "--no-control-socket",
    ]
    command += ["--worker-class", "compliance.server.connections.Worker", "--workers", str(WEB_PROCESSES)]
    return [*command, "--bind", f"{host_of(bind)}:{port}", *arguments]


def worker(arguments: Sequence[str] = ()) -> list[str]:
    """Return the command line of the worker. `arguments` are further ones for `celery worker`."""
    return [*_celery(), "worker", "--loglevel", "INFO", *arguments]


def beat(arguments: Sequence[str] = ()) -> list[str]:
    """Return the command line of beat. `arguments` are further ones for `celery beat`."""
    return [*_celery(), "beat", "--loglevel", "WARNING", "--pidfile", "", *arguments]


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--app", "compliance", "--quiet"]


def replace_process(command: Sequence[str]) -> None:
    """Run a command line in place of this process, so that signals reach it."""
    if not IS_INSTALLED:
        os.chdir(CHECKOUT)  # where Python finds the packages
    sys.stdout.flush()
    os.execv(command[0], list(command))  # noqa: S606  (our own programs)


class ProgramCommand(BaseCommand):
    """A command that replaces itself by a program, which its arguments after `--` are for."""

    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments, after --")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the program. This doesn't return."""
        replace_process(self.program([each for each in options["arguments"] if each != "--"]))

    def program(self, arguments: Sequence[str]) -> list[str]:
        """Return the program's command line with these arguments."""
        raise NotImplementedError
