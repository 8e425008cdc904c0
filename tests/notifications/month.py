"""The last month of the demonstration, day by day: what its team pushes, what CI sends, what people do.

Every day has a morning, at which only the periodic tasks run, and an evening, at which the pushes of the day
and its evidence have arrived.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.contrib.auth.models import User

from compliance import events, jobs, tasks
from compliance.accounts.roles import Role, give
from compliance.evidence import approve, receive_measurement, receive_report
from compliance.integrations.pull_requests import PullNews, hear
from compliance.management.demo import build
from compliance.management.demo.evidence import ROLE, report
from compliance.management.demo.history import StoryCommit, commits, weeks_until
from compliance.management.demo.pull_requests import pull_requests
from compliance.models import Commit, Job, Phase, Repository
from tests.notifications.clock import Clock

DAYS = 31


@dataclass
class Month:
    """The origin of the repository, which grows. `acts` has what people do in the evening, by the number of
    the day, and `before` what happens before the pushes.
    """

    folder: Path
    clock: Clock
    now: datetime
    acts: dict[int, list[Callable[[], object]]] = field(default_factory=dict)
    before: dict[int, list[Callable[[], object]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        latest = self.now + timedelta(days=DAYS + 8)
        self.weeks = weeks_until(latest)
        build(self.folder, latest)
        self.story = commits(self.weeks)
        last = self.story[-1].at.astimezone(UTC).replace(hour=20, minute=0)
        self.evenings = [last - timedelta(days=DAYS - 1 - day) for day in range(DAYS)]
        line = self.git("log", "--first-parent", "--reverse", "--format=%H %s", "main").splitlines()
        self.line = [(sha, subject) for sha, _, subject in (row.partition(" ") for row in line)]
        everything = self.git("log", "--format=%H %s", "main").splitlines()
        self.shas = {subject: sha for sha, _, subject in (row.partition(" ") for row in everything)}
        self.push(-1)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def _until(self, day: int) -> datetime:
        return self.evenings[0] - timedelta(days=1) if day < 0 else self.evenings[day]

    def push(self, day: int) -> None:
        """Let the branch end with the newest commit by the evening of a day."""
        known = {commit.subject for commit in self.story if commit.at <= self._until(day)}
        tip = [sha for sha, subject in self.line if subject in known][-1]
        self.git("update-ref", "refs/heads/main", tip)

    def of_day(self, day: int) -> list[StoryCommit]:
        """The commits of a day."""
        return [c for c in self.story if self._until(day - 1) < c.at <= self._until(day)]

    def live(self, day: int) -> None:
        """Let a day pass: its morning, and its evening with what has happened."""
        self.clock.set(self.evenings[day] - timedelta(hours=11))
        look()
        self.clock.set(self.evenings[day])
        for act in self.before.get(day, ()):
            act()
        self.happen(day)
        for act in self.acts.get(day, ()):
            act()
        work()
        look()

    def happen(self, day: int) -> None:
        """The pushes and the evidence of a day, and the pull requests that were opened on it."""
        self.push(day)
        repository = Repository.objects.get()
        jobs.enqueue("update", repository)
        work()
        for commit in self.of_day(day):
            self._send_evidence(commit)
        for pull in pull_requests(self.weeks):
            if self._until(day - 1) < pull.updated_at <= self._until(day):
                news = PullNews(
                    number=pull.number,
                    title=pull.title,
                    url=f"https://forge.example.org/netra/pull/{pull.number}",
                    author=pull.handle,
                    state=pull.state,
                    head=self.git("rev-parse", pull.ref),
                    base="main",
                    updated_at=pull.updated_at,
                    source=pull.source,
                    head_ref=pull.ref,
                    draft=pull.is_draft,
                )
                hear(fresh(), news)
        work()

    def _send_evidence(self, commit: StoryCommit) -> None:
        sha = self.shas[commit.subject]
        if "tested" in commit.story:
            receive_report(fresh(), sha, report(commit), name="CI")
        for name, measured in commit.story.get("measured", {}).items():
            value, unit = measured.split()
            receive_measurement(fresh(), sha, name, float(value), unit)
        approval = commit.story.get("approved")
        if approval and not Phase.objects.filter(key=approval["phase"], approvals__isnull=False).exists():
            phase = Phase.objects.get(key=approval["phase"], in_plan=True)
            assert Commit.objects.filter(sha=sha, position__isnull=False).exists()
            approve(fresh(), phase, User.objects.get(username="mia"), ROLE, approval["comment"])


def fresh() -> Repository:
    return Repository.objects.select_related("plan", "head").get()


def work() -> None:
    """Do what is due, as workers do, until nothing is."""
    tasks.sweep()
    while jobs.is_any_claimable():
        jobs.work(tasks.KINDS, "replay")
        events.resume()
    failed = Job.objects.filter(state=Job.State.BURIED)
    assert not failed.exists(), failed.values_list("kind", "error")


def look() -> None:
    """Run the periodic tasks."""
    tasks.look_at_dates()
    tasks.look_for_problems()
    tasks.look_at_forecasts()
    tasks.forecasts()
    tasks.digests()
    work()


def person(name: str, email: str, role: Role) -> User:
    made = User.objects.create_user(name, email)
    give(made, role)
    return made
