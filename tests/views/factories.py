"""Helpers that several test modules share."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from compliance.models import Commit, Snapshot
from tests.views.cast import World

PAGE = "/repositories/netra/"


def page_text(client: Client, address: str = PAGE) -> str:
    """The page's words, without its marks."""
    body = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


DAY = timedelta(days=1)


def line(netra: World, dirty: list[int], files: list[int] | None = None, until: timedelta = DAY) -> None:
    """Replace the recorded line by one commit a day, the newest `until` ago, with so many files left."""
    files = files or [200] * len(dirty)
    shape = Snapshot.objects.filter(plan=netra.plan).latest("pk")
    Commit.objects.filter(repository=netra.repository).delete()
    for number, (left, count) in enumerate(zip(dirty, files, strict=True), 1):
        at = timezone.now() - until - (len(dirty) - number) * DAY
        commit = Commit.objects.create(
            repository=netra.repository,
            sha=f"{number:040x}",
            position=number,
            author_name="Ben",
            author_email="ben@example.org",
            authored_at=at,
            committed_at=at,
            subject=f"Migrate until {left}",
        )
        shape.pk, shape.commit, shape.files, shape.clean = None, commit, count, count - left
        shape.violations = shape.files_with_violations = left
        shape.files_added, shape.files_gone = (3, 1) if number > 1 else (count, 0)
        shape.by = {**shape.by, "phase": {"golden-path": [left, left], "cleanup": [left, left]}}
        shape.save()
    netra.repository.head = commit
    netra.repository.save()
