"""The life of claims through real pushes, signed webhooks, a real worker and a real mail server."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from compliance.accounts.roles import Role, give
from compliance.models import Claim, File, Job, Repository, Snapshot
from compliance.work.claims import claim
from tests.notifications.conftest import Postbox, postbox
from tests.processes import ROOT, Start, answers, free_port, wait
from tests.team import FACTORY, NEW, OLD, PLAN, Team, hook

pytestmark = pytest.mark.slow

__all__ = ["postbox"]

BEN, CY = "ben@example.org", "cy@example.org"


@pytest.fixture
def environment(process_environment: dict[str, str], postbox: Postbox) -> dict[str, str]:
    plain = {name: value for name, value in process_environment.items() if name != "BROKER_URL"}
    return {
        **plain,
        "EMAIL_URL": f"smtp://127.0.0.1:{postbox.port}",
        "PUBLIC_URL": "https://compliance.example.org",
    }


class Story:
    """The team's clone, the product that hears of each push, and the letters that it sends."""

    def __init__(self, team: Team, address: str, box: Postbox) -> None:
        self.team, self.address, self.box = team, address, box
        self.repository = Repository.objects.get(slug="shop")

    def push(self, subject: str, author: str, **files: str) -> str:
        """Commit as somebody, push, and wait until the worker has recorded it; the commit."""
        texts = {f"shop/{name}.py" if name != "mailmap" else ".mailmap": text for name, text in files.items()}
        push = self.team.push(subject, texts, author)
        assert hook(self.address, self.repository, push) == 202
        wait(lambda: Snapshot.objects.filter(commit__sha=push["after"]).exists(), 60)
        return push["after"]

    def look_at_dates(self) -> None:
        """Let the worker do what beat asks of it by the clock."""
        current_app.send_task("compliance.tasks.look_at_dates", declare=[])

    def letters(self, number: int) -> list[tuple[str, str]]:
        """The recipients and subjects of so many letters, taken out of the box once they are there."""
        wait(lambda: len(self.box.accepted) >= number, 60)
        came = sorted((str(letter["To"]), str(letter["Subject"])) for letter in self.box.accepted)
        self.box.accepted.clear()
        return came


def claimed(path: str) -> Claim:
    return Claim.objects.select_related("completed_by", "renewed_by").get(file__path=path)


def age(days: float) -> None:
    """Let every active claim be made so many days ago."""
    back = timedelta(days=days)
    Claim.objects.filter(state="active").update(created_at=F("created_at") - back, until=F("until") - back)


def days_left(path: str) -> float:
    return (claimed(path).until - timezone.now()) / timedelta(days=1)


def part(number: int) -> str:
    return f"shop/part_{number}.py"


@pytest.fixture
def story(environment: dict[str, str], start: Start, tmp_path: Path, postbox: Postbox) -> Story:
    """Six violations to fix, a running web server and worker, a finished scan, and the users Ben and Cy."""
    team = Team(tmp_path)
    files = {"ssot-plan.yaml": PLAN, "shop/__init__.py": "", "shop/factory.py": FACTORY}
    team.push("Begin", {**files, **{part(number): OLD for number in range(6)}})
    for name, email in (("ben", BEN), ("cy", CY)):
        give(User.objects.create_user(name, email=email), Role.ENGINEER)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    start(environment, "web", port=port)
    start(environment, "worker", app="compliance")
    track = [sys.executable, "manage.py", "track", str(team.bare), "--slug", "shop"]
    subprocess.run(track, cwd=ROOT, env=environment, check=True)
    wait(lambda: Snapshot.objects.exists() and not Job.objects.exclude(state=Job.State.DONE).exists(), 60)
    wait(lambda: answers(address), 60)
    return Story(team, address, postbox)


def test_the_life_of_claims(story: Story) -> None:
    parts = File.objects.filter(path__startswith="shop/part_").exclude(path=part(5)).order_by("path")
    claim(list(parts), User.objects.get(username="ben"))

    age(13)
    story.look_at_dates()
    assert story.letters(1) == [(BEN, "Your claims on 5 files expire soon")]
    story.look_at_dates()  # nobody is reminded twice: the box stays empty until the regression below

    story.push("Map", f"Cy <{CY}>", mailmap=f"Ben <{BEN}> <ben@laptop.example>\n")
    story.push("Say why", f"Cy <{CY}>", part_0=f"# Cy was here\n{OLD}")
    assert days_left(part(0)) < 2, "another's commit renews nothing"
    began = story.push("Begin", "Ben <ben@laptop.example>", part_0=f"# soon\n{OLD}")
    assert claimed(part(0)).renewed_by == story.repository.commits.get(sha=began)
    assert days_left(part(0)) > 13.9
    assert days_left(part(1)) < 2, "nor does a commit that touches other files"

    story.team.git("mv", part(1), "shop/moved.py")
    story.push("Move", f"Cy <{CY}>")
    assert claimed("shop/moved.py").state == Claim.State.ACTIVE
    assert not Claim.objects.filter(file__path=part(1)).exists()

    story.team.git("rm", "--quiet", part(2))
    story.push("Delete", f"Cy <{CY}>")
    assert claimed(part(2)).state == Claim.State.RELEASED

    done = story.push("Give parts their factory", f"Ben <{BEN}>", part_0=NEW, moved=NEW)
    for path in (part(0), "shop/moved.py"):
        finished = claimed(path)
        assert finished.completed_by is not None
        assert (finished.state, finished.completed_by.sha) == (Claim.State.COMPLETED, done)
        assert File.objects.get(path=path).status == File.Status.MIGRATED

    story.push("Take it back", f"Cy <{CY}>", part_0=OLD)
    assert File.objects.get(path=part(0)).status == File.Status.REGRESSED
    assert story.letters(2) == [(who, f"{part(0)} has violations again") for who in (BEN, CY)]
    (again,) = claim([File.objects.get(path=part(0))], User.objects.get(username="cy"))
    assert again.state == Claim.State.ACTIVE

    age(2)
    story.look_at_dates()
    wait(lambda: claimed(part(3)).state == Claim.State.EXPIRED, 60)
    assert claimed(part(4)).state == Claim.State.EXPIRED
    assert File.objects.get(path=part(3)).status == File.Status.OPEN
    (taken,) = claim([File.objects.get(path=part(4))], User.objects.get(username="cy"))
    assert taken.state == Claim.State.ACTIVE
