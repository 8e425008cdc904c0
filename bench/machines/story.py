"""What is done with the machines, and what the rows and pages say afterwards."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg

from bench.kills.brokers import free_port
from bench.kills.installation import wait
from bench.kills.storm import PLAN, compare, write
from bench.machines.machine import Machine

EDITED = PLAN.replace("name: Away with it", "name: Away with it soon")
TRACK = """
from pathlib import Path
from compliance import scans
for slug in {slugs!r}:
    scans.track(str(Path({folder!r}) / f"{{slug}}.git"), slug=slug, plan={plan!r})
"""
SIGN_IN = """
from django.contrib.auth.models import User
from django.test import Client
client, person = Client(), User.objects.create_superuser("bench")
client.force_login(person, "django.contrib.auth.backends.ModelBackend")
print(client.cookies["sessionid"].value)
"""
PREVIEW = """
from django.contrib.auth.models import User
from compliance import scans
from compliance.models import Repository
for repository in Repository.objects.filter(slug__in={slugs!r}):
    scans.draft(repository, {plan!r}, User.objects.get(username="bench"))
"""
OPEN = "SELECT count(*) FROM compliance_job WHERE state IN ('waiting', 'running')"
UNFINISHED = "SELECT count(*) FROM compliance_repository WHERE NOT history_done OR plan_id IS NULL"
BACKFILL = """SELECT j.worker FROM compliance_job j JOIN compliance_repository r ON r.id = j.repository_id
    WHERE r.slug = 'long' AND j.kind = 'backfill' AND j.state = 'running'"""
SLOW = """CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END';
CREATE TRIGGER slow BEFORE INSERT ON compliance_commit FOR EACH ROW EXECUTE FUNCTION slow()"""
FAST = "DROP FUNCTION slow CASCADE"
FILES = """SELECT r.slug, f.id FROM compliance_file f JOIN compliance_repository r ON r.id = f.repository_id
    WHERE r.slug = ANY(%s) AND f.violations > 0 ORDER BY r.slug, f.id"""
TROUBLE = "SELECT slug, trouble FROM compliance_repository WHERE trouble <> ''"
ERRORS = """SELECT kind, attempts, error FROM compliance_job
    WHERE error <> '' AND error NOT LIKE 'The worker % stopped during attempt%'"""


@dataclass
class Result:
    """What was measured, and what was wrong."""

    seconds: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Story:
    """A web server and three worker machines on one Postgres, and the repositories that they record."""

    def __init__(
        self, folder: Path, environment: dict[str, str], *, small: int, length: int, processes: int = 2
    ) -> None:
        """Write `small` repositories of ten commits, and one with `length` commits."""
        self.folder, self.url, self.processes = folder, environment["DATABASE_URL"], str(processes)
        self.slugs = [f"small-{number}" for number in range(small)]
        for slug in self.slugs:
            write(folder / f"{slug}.git", 10)
        write(folder / "long.git", length)
        (folder / "plan.yaml").write_text(PLAN)
        names = ("web", "one", "two", "three")
        machines = folder / "machines"
        self.web, *self.workers = (Machine(name, machines, environment) for name in names)
        self.port = free_port()
        self.result, self.seen = Result(), set[str]()
        self._ended = threading.Event()

    def run(self) -> Result:
        """Do everything once, and stop all machines."""
        watcher = threading.Thread(target=self._watch, daemon=True)
        watcher.start()
        try:
            self._start()
            self._many_at_once()
            self._a_machine_killed()
            self._a_machine_with_nothing()
        except TimeoutError as late:
            self.result.faults.append(f"{late}: {self.rows(OPEN)} jobs are left")
        finally:
            self._ended.set()
            watcher.join()
            for machine in (self.web, *self.workers):
                machine.kill()
        self._compare()
        return self.result

    def rows(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a query gives."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(question.encode(), values or None).fetchall()

    def _change(self, statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statements.encode())

    def _watch(self) -> None:
        """Notice every problem that is ever shown, also one that goes away."""
        while not self._ended.wait(0.2):
            with suppress(psycopg.Error):
                self.seen |= {f"{slug} had the problem: {words}" for slug, words in self.rows(TROUBLE)}
                self.seen |= {
                    f"{kind}, attempt {number}: {error}" for kind, number, error in self.rows(ERRORS)
                }

    def _timed(self, name: str, condition: Callable[[], object], seconds: float) -> None:
        try:
            self.result.seconds[name] = wait(condition, seconds)
        except TimeoutError as late:
            raise TimeoutError(f"{name}: {late}") from None

    def _start(self) -> None:
        (self.cookie,) = self.web.shell(SIGN_IN)
        worker = ["--worker-class", "compliance.server.connections.Worker", "--no-control-socket"]
        self.web.start("gunicorn", "compliance.asgi", "--bind", f"127.0.0.1:{self.port}", *worker)
        self.workers[0].start("celery", "-A", "compliance", "beat", "--loglevel", "WARNING", "--pidfile", "")
        for machine in self.workers:
            self._work(machine)
        wait(lambda: self._page("/healthz") is not None, 120)

    def _work(self, machine: Machine) -> None:
        machine.start(
            "celery", "-A", "compliance", "worker", "--loglevel", "INFO", "--concurrency", self.processes
        )

    def _track(self, slugs: list[str]) -> None:
        self.web.shell(TRACK.format(slugs=slugs, folder=str(self.folder), plan=PLAN))

    def _many_at_once(self) -> None:
        self._track(self.slugs)
        self._timed("all histories", lambda: self.rows(UNFINISHED) == [(0,)], 300)

    def _a_machine_killed(self) -> None:
        self._change(SLOW)  # a fast machine would record the whole history before it can be killed
        tracking = threading.Thread(target=self._track, args=(["long"],))
        tracking.start()
        running: list[tuple[str]] = []

        def is_running() -> bool:
            running[:] = self.rows(BACKFILL)
            return bool(running)

        wait(is_running, 240)
        name = running[0][0].removeprefix("worker ").partition(":")[0]
        self.victim = next(machine for machine in self.workers if machine.name == name)
        self.victim.kill()
        self._change(FAST)
        tracking.join()
        others = {machine.name for machine in self.workers} - {name}

        def taken_over() -> bool:
            found = {row[0].removeprefix("worker ").partition(":")[0] for row in self.rows(BACKFILL)}
            return bool(found & others) or self.rows(UNFINISHED) == [(0,)]

        self._timed("taken over", taken_over, 90)
        self._timed("backfill", lambda: self.rows(UNFINISHED) == [(0,)], 600)
        wait(lambda: self.rows(OPEN) == [(0,)], 120)

    def _a_machine_with_nothing(self) -> None:
        """Let the machine that was killed lose its data and work alone."""
        for machine in self.workers:
            machine.stop()
        self.victim.lose_everything()
        (self.victim.data / "secret_key").write_text(self.web.environment["SECRET_KEY"])
        self._work(self.victim)
        slugs = [*self.slugs[:4], "long"]
        files = dict(self.rows(FILES, slugs))
        self.web.shell(PREVIEW.format(slugs=slugs, plan=EDITED))
        self._timed("patches", lambda: all(self._has_patch(*item) for item in files.items()), 120)
        self._timed("file pages", lambda: all(self._has_source(*item) for item in files.items()), 120)
        count = "SELECT count(*) FROM compliance_plandraft WHERE outcome IS NOT NULL AND trouble = ''"
        self._timed("previews", lambda: self.rows(count) == [(len(slugs),)], 120)

    def _has_patch(self, slug: str, pk: int) -> bool:
        page = self._page(f"/repositories/{slug}/files/{pk}/patch/") or ""
        return "Creating patch" not in page and 'id="patch"' in page

    def _has_source(self, slug: str, pk: int) -> bool:
        page = self._page(f"/repositories/{slug}/files/{pk}/") or ""
        return '<section class="card" id="source">' in page

    def _page(self, path: str) -> str | None:
        """Return a page for the person who is signed in, or None if the server doesn't answer with one."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Cookie": f"sessionid={self.cookie}"})
            answer = connection.getresponse()
            text = answer.read().decode()
            return text if answer.status == 200 else None
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def _compare(self) -> None:
        """Compare the rows of each repository with its commits."""
        upstreams = {slug: self.folder / f"{slug}.git" for slug in (*self.slugs, "long")}
        faults, _ = compare(self.rows, upstreams, self.folder / "plan.yaml")
        self.result.faults += faults + sorted(self.seen)
