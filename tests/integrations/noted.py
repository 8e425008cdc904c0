"""A repository whose plan references an issue, the note on that issue at each provider, and its worker."""

import json
import re
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import User
from django.db.models import F

from compliance import jobs, scans, tasks
from compliance.integrations import delivery
from compliance.integrations.issue_notes import policy, requests
from compliance.models import Issue, IssueNote, OutboxItem, Repository
from tests.integrations.outbound import CASES, Case, attach
from tests.integrations.peers.client import Peer
from tests.team import FACTORY, NEW, OLD, RULES, Team

NOTED = [case for case in CASES if "note" in case.kinds]
ISSUE = """  - key: "KEY"
    title: Give each request its factory
    rules: [factory]
    paths: ["shop/part_*.py"]
    phases:
      - {id: calls, title: Calls, due: 2030-01-01, criteria: CRITERIA}
"""
NO_VIOLATIONS = "[{kind: violations, max: 0}]"
WORKER = """
import django
django.setup()
from ipaddress import ip_network
from django.conf import settings
settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
from tests.integrations.noted import work
work()
"""


class Places:
    """The team's repository, tracked three times, with an issue at each of the six providers of notes.

    Each repository is connected to a forge and to a tracker, so its plan has two issues. Pushes, scans and
    workers serve all providers at once. With more `copies`, so many repositories use each issue.
    """

    def __init__(self, folder: Path, peers: ExitStack, copies: int = 1, parts: int = 3) -> None:
        """Push and record the first commit, which has two violations in each part, and start the peers."""
        self.team = Team(folder)
        self.places = [(case, peers.enter_context(case.peer())) for case in NOTED]
        modules = {f"shop/part_{number}.py": OLD for number in range(parts)}
        issues = ISSUE.replace("KEY", "#12") + ISSUE.replace("KEY", "SHOP-12").replace(
            "id: calls", "id: more"
        )
        plan = {
            "ssot-plan.yaml": f"{RULES}issues:\n{issues}".replace("CRITERIA", NO_VIOLATIONS),
            "shop/__init__.py": "",
            "shop/factory.py": FACTORY,
        }
        self.team.push("Begin", {**plan, **modules})
        forges, trackers = self.places[:3], self.places[3:]
        self.repositories: list[Repository] = []
        for copy in range(copies):
            for pair in zip(forges, trackers, strict=True):
                slug = f"{pair[0][0].provider}-{copy}"
                # Each has an address of its own, because an address that is tracked isn't tracked again.
                address = folder / f"{slug}.git"
                address.symlink_to(self.team.bare)
                repository = scans.track(str(address), slug=slug, name="Shop")
                for case, peer in pair:
                    attach(repository, case, peer.port)
                self.repositories.append(repository)
        work()

    def fix(self, number: int, subject: str = "") -> None:
        """Push a commit that fixes a part, and record it."""
        self.team.push(subject or f"Fix part {number}", {f"shop/part_{number}.py": NEW})
        self.record()

    def record(self) -> None:
        """Scan the pushed commits."""
        for repository in self.repositories:
            jobs.enqueue("update", repository)
        work()

    def switch(self, *, on: bool) -> None:
        """Switch the notes on or off, and let the worker run."""
        person, _ = User.objects.get_or_create(username="ada")
        for repository in self.repositories:
            policy.set_enabled(repository, person, enabled=on)
        work()

    def request(self) -> None:
        """Have the issues compared with the records, without a change of either."""
        for repository in self.repositories:
            requests.request(repository, "again")

    def write_again(self) -> None:
        """Have all notes written again after a while, without a change of the figures."""
        pass_time()
        IssueNote.objects.update(figures="", text="")
        self.request()
        work()


class Shop:
    """The team's repository with an issue, tracked here."""

    def __init__(
        self, folder: Path, key: str, slug: str = "shop", parts: int = 3, criteria: str = NO_VIOLATIONS
    ) -> None:
        """Push and record the first commit, which has two violations in each part."""
        folder.mkdir(parents=True, exist_ok=True)
        self.team = Team(folder)
        modules = {f"shop/part_{number}.py": OLD for number in range(parts)}
        plan = {
            "ssot-plan.yaml": f"{RULES}issues:\n{ISSUE}".replace("KEY", key).replace("CRITERIA", criteria),
            "shop/__init__.py": "",
            "shop/factory.py": FACTORY,
        }
        self.team.push("Begin", {**plan, **modules})
        self.repository: Repository = scans.track(str(self.team.bare), slug=slug, name="Shop")
        work()

    @property
    def issue(self) -> Issue:
        """Return the issue as it is recorded."""
        return Issue.objects.select_related("note").get(repository=self.repository)

    def fix(self, number: int, subject: str = "") -> str:
        """Push a commit that fixes a part, and record it; its SHA."""
        self.team.push(subject or f"Fix part {number}", {f"shop/part_{number}.py": NEW})
        self.record()
        return self.team.tip

    def record(self) -> None:
        """Scan the pushed commits."""
        jobs.enqueue("update", self.repository)
        work()

    def switch(self, *, on: bool) -> None:
        """Switch the notes on or off, and let the worker run."""
        person, _ = User.objects.get_or_create(username="ada")
        policy.set_enabled(self.repository, person, enabled=on)
        work()


def work() -> None:
    """Do everything that is due, as workers do."""
    delivery.resume()
    jobs.work(tasks.KINDS, "test")


def pass_time(minutes: float = 11) -> None:
    """Let time pass for the notes and the outbox."""
    by = timedelta(minutes=minutes)
    IssueNote.objects.update(
        written_at=F("written_at") - by,
        stopped_at=F("stopped_at") - by,
        disagrees_since=F("disagrees_since") - by,
    )
    OutboxItem.objects.update(next_at=F("next_at") - by, created_at=F("created_at") - by)


def notes(peer: Peer) -> list[str]:
    """Return everything that is written as notes at a provider, each as one text."""
    store = peer.store
    rows = store.get("notes", []) + [row for row in store.get("comments", []) if str(row["number"]) == "12"]
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def writes(case: Case, peer: Peer) -> int:
    """Return how often a note was created or updated."""
    places = re.compile("comments|notes|remotelink|graphql")
    changing = [call for call in peer.requests if call["method"] in ("POST", "PATCH", "PUT")]
    found = [call for call in changing if places.search(call["path"])]
    if case.provider == "linear":
        found = [call for call in found if "attachmentCreate" in json.dumps(call["body"])]
    return len(found)
