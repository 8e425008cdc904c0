"""Commits that come with another plan, too many for one turn: claims hear of each of them once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.utils import timezone

from compliance.events import commit_recorded
from compliance.jobs import JobRun
from compliance.models import Claim, Commit, Repository
from compliance.work.claims import claim
from tests.scans.factories import age, file, person
from tests.scans.upstream import OLD, PLAN, again, push, tracked
from tests.work.factories import recipients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@contextmanager
def listening(hear: Callable[[Commit], None]) -> Iterator[None]:
    """Record every announced commit."""

    def listener(sender: Repository, *, commit: Commit, **_: object) -> None:
        hear(commit)

    commit_recorded.connect(listener)
    try:
        yield
    finally:
        commit_recorded.disconnect(listener)


def test_commits_that_arrive_with_a_new_plan_are_announced_one_by_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(folder, "Plan", **{"ssot-plan.yaml": PLAN})
    repository = tracked(folder, plan=None)
    push(folder, "Use it more", app__d=OLD)
    again(repository)
    (row,) = claim([file("app/d.py")], person("ben"))
    age(row, 10)
    began = push(folder, "Begin", by="Ben <ben@example.org>", app__d=f"# soon\n{OLD}")
    push(folder, "Take it back", by="Cy <cy@example.org>", app__a=OLD)
    for number in range(3):
        push(folder, f"Note {number}", by="Cy <cy@example.org>", app__c=f"print({number})\n")
    push(folder, "Other plan", **{"ssot-plan.yaml": PLAN.replace("call: high", "call: low")})

    heard: list[str] = []
    looks = count()
    monkeypatch.setattr(JobRun, "should_yield", lambda _: next(looks) % 2 == 1)
    with listening(lambda commit: heard.append(commit.subject)):
        again(repository)

    assert sorted(heard) == ["Begin", "Note 0", "Note 1", "Note 2", "Other plan", "Take it back"]
    assert heard.index("Other plan") < heard.index("Begin"), "one turn was enough for all of them"
    now = Claim.objects.select_related("renewed_by").get()
    assert now.renewed_by is not None
    assert now.renewed_by.sha == began
    assert now.until - timezone.now() > timedelta(days=13.9)
    assert recipients("regression") == ["cy@example.org"]
