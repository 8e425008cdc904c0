"""A web server, the schedule and two worker machines on one Postgres; what is killed is started again."""

import os
import random
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from bench.kills.brokers import free_port
from bench.machines.machine import Machine
from bench.machines.story import TRACK

SECRETS = """
from compliance.models import Repository
for repository in Repository.objects.all():
    print(repository.slug, repository.webhook_secret)
"""


class Cluster:
    """The processes of an installation on three machines, by role."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.url, self.port = environment["DATABASE_URL"], free_port()
        self.web, self.one, self.two = (
            Machine(name, folder / "machines", environment) for name in ("web", "one", "two")
        )
        celery = ["celery", "-A", "compliance"]
        worker = [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "2"]
        server = ["gunicorn", "compliance.asgi", "--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]
        self._roles: dict[str, tuple[Machine, list[str]]] = {
            "web": (self.web, [*server, "--worker-class", "compliance.server.connections.Worker"]),
            "schedule": (self.web, [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""]),
            "worker one": (self.one, worker),
            "worker two": (self.two, worker),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._secrets: dict[str, str] = {}
        self._ended = threading.Event()
        self.kills = Counter[str]()

    def start(self) -> None:
        """Start everything, and keep starting what has ended."""
        for role in self._roles:
            self._start(role)
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End everything at once."""
        self._ended.set()
        self._keeper.join()
        for machine in (self.web, self.one, self.two):
            machine.kill()

    def _start(self, role: str) -> None:
        machine, words = self._roles[role]
        machine.start(*words)
        self._running[role] = machine.processes[-1]

    def _keep(self) -> None:
        """Start again what has ended, as a supervisor does."""
        while not self._ended.wait(0.5):
            for role, process in list(self._running.items()):
                if process.poll() is not None:
                    self._roles[role][0].processes.remove(process)
                    self._start(role)

    def track(self, slugs: list[str], folder: Path, plan: str) -> None:
        """Track repositories that lie in a folder."""
        self.web.shell(TRACK.format(slugs=slugs, folder=str(folder), plan=plan))
        self._secrets = dict(line.split(" ", 1) for line in self.web.shell(SECRETS))

    def secret(self, slug: str) -> str:
        """Return the secret of a repository's webhooks."""
        return self._secrets[slug]

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Return what a query gives."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(question.encode()).fetchall()

    def change(self, statement: str) -> int:
        """Run a statement, and return the number of rows that it changed."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement.encode()).rowcount

    def kill(self, chance: random.Random, spared: str) -> None:
        """Kill a role's whole process group, or one of its processes, without a warning."""
        role = chance.choice([role for role in self._roles if role != spared])
        leader = self._running[role].pid
        with suppress(ProcessLookupError):
            if chance.random() < 0.5:
                os.killpg(leader, signal.SIGKILL)
                self.kills[role] += 1
            else:
                os.kill(chance.choice([pid for pid, of in self.processes() if of == role]), signal.SIGKILL)
                self.kills[f"a process of {role}"] += 1

    def processes(self) -> Iterator[tuple[int, str]]:
        """Yield the processes that run now, each with its role."""
        roles = {process.pid: role for role, process in self._running.items()}
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                group = int(fields[2])  # a role's processes share its process group
                if group in roles and fields[0] != "Z":
                    yield int(entry.name), roles[group]
