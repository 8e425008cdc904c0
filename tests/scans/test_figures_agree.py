"""After random histories with waivers and plan changes, every surface shows what the rows say."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from compliance.lib.dates import today
from compliance.models import Repository, Waiver
from compliance.work.waivers import end_overdue, reject, request_waiver
from tests.scanner.factories import PATHS, TEXTS
from tests.scanner.shares import share
from tests.scans.counted import count
from tests.scans.shown import Surfaces
from tests.scans.world import PLANS, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HISTORIES = share(30)
GLOBS = ("app/a.py", "app/**", "**/e.py", "tests/**", "")


class Life(World):
    """A repository whose waivers also wait, are rejected and expire."""

    def waive(self, glob: str) -> None:
        if not Waiver.objects.filter(glob=glob, state=Waiver.State.REQUESTED).exists():
            super().waive(glob)

    def request(self, glob: str) -> None:
        request_waiver(self.repository, self.person, f"Asked for {glob}", None, glob=glob)

    def turn_down(self, number: int) -> None:
        waiting = list(Waiver.objects.filter(state=Waiver.State.REQUESTED).order_by("pk"))
        if waiting:
            reject(waiting[number % len(waiting)], User.objects.get(username="approver"), "No")

    def expire(self, number: int) -> None:
        lasting = list(Waiver.objects.filter(state=Waiver.State.APPROVED).order_by("pk"))
        if lasting:
            chosen = lasting[number % len(lasting)]
            Waiver.objects.filter(pk=chosen.pk).update(until=today() - timedelta(days=1))
            assert end_overdue() == 1


def step(random: Random) -> tuple[str, Any]:
    """Choose something that happens; half of it concerns waivers and plans."""
    files = {random.choice(PATHS): random.choice((*TEXTS, None)) for _ in range(random.randint(1, 4))}
    return random.choice(
        (
            *[("push", files)] * 3,
            ("rename", (random.choice(PATHS), random.choice(PATHS))),
            ("rewrite", (random.randint(1, 3), files)),
            ("return", random.randint(0, 5)),
            *[("waive", random.choice(GLOBS))] * 3,
            ("turn_down", random.randint(0, 3)),
            ("end", random.randint(0, 3)),
            ("expire", random.randint(0, 3)),
            *[("plan", random.choice(PLANS))] * 2,
        )
    )


@pytest.mark.parametrize("seed", range(1, HISTORIES + 1))
def test_every_surface_shows_what_the_rows_say(tmp_path: Path, settings: Any, seed: int) -> None:
    settings.EMAIL_READY = True
    cache.clear()
    random, ann = Random(seed), User.objects.create_superuser("ann", "ann@example.org")
    User.objects.create_superuser("approver", "approver@example.org")
    life, client = Life(tmp_path / "r.git", ann), Client()
    client.force_login(ann)
    life.push({"app/b.py": TEXTS[9], "app/e.py": TEXTS[10], "tests/test_a.py": TEXTS[9]})
    done: list[Any] = [("request", "app/**")]
    life.request("app/**")
    for _ in range(2):
        for _ in range(random.randint(3, 6)):
            done.append(step(random))
            life.do(*done[-1])
        repository = Repository.objects.get(slug="hot")
        wrong = list(Surfaces(repository, client).disagreements(count(repository)))
        assert not wrong, "\n".join([*wrong, *map(repr, done)])
