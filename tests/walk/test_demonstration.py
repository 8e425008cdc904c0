"""Every number on every page of the demonstration, recorded by its own jobs, is what engine and SQL say."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import ResolverMatch

from compliance import links, scans, urls
from compliance.charts.slices import DIMENSIONS
from compliance.demo import build
from tests.records.verify import run_jobs
from tests.walk.told import ask
from tests.walk.truth import Truth

ASKED = {  # pages that take a form or a parameter, or that the page's own script asks for
    *("overview-live", "scans-live", "claim", "change-claim", "end-waiver", "remove-note", "approve"),
    *("withdraw-approval", "scan-now", "run-again", "subscribe", "test-digest", "make-link", "revoke-link"),
    *("rotate-secret", "revoke-token", "patch", "patch-file"),
    *("plan-preview", "plan-source", "plan-restore", "plan-again", "plan-draft", "plan-draft-live"),
    *("plan-adopt", "plan-draft-files", "plan-draft-files-csv"),
}
ABSENT = {
    "plan-compare",
    "plan-compare-csv",
    "commit-unread-csv",
    "unread-csv",
    "deliveries-csv",
    "tokens-csv",
}
"""Linked only where there is something in them; the demonstration has nothing there."""


def chosen(name: str, match: ResolverMatch) -> bool:
    """Every page; of files and commits, which are alike, every fortieth and every third."""
    if name.startswith("file") and "pk" in match.kwargs:
        return bool(match.kwargs["pk"] % 40 == 0)
    return not name.startswith("commit") or "sha" not in match.kwargs or match.kwargs["sha"][0] in "02468"


@pytest.fixture
def truth(tmp_path: Path, db: None) -> Truth:
    """The demonstration: written, told by the command line, recorded by its own jobs."""
    folder = tmp_path / "demonstration.git"
    build(folder)
    told = ask(str(folder))
    cache.clear()
    repository = scans.track(str(folder), slug="demonstration")
    run_jobs()
    repository.refresh_from_db()
    client = Client()
    client.force_login(User.objects.create_superuser("ada"), "django.contrib.auth.backends.ModelBackend")
    assert len(told.line) == repository.line_length > 50
    return Truth(told, repository, client, chosen)


def faults(truth: Truth) -> list[str]:
    """What is wrong on any page, after the whole walk."""
    at = "/repositories/demonstration/"
    trends = [
        f"{at}charts/trend.json?by={split}&measure={measure}"
        for split in DIMENSIONS
        for measure in ("violations", "files")
    ]
    whole = [f"{at}charts/trend.json?measure={measure}" for measure in ("violations", "files", "sites")]
    public = f"/shared/{links.make(truth.repository, None, name='Walk').key}/"
    shared = [public, f"{public}badge.svg", f"{public}shields.json"]
    starts = (at, "/?all=1", *shared, f"{at}badge.svg", f"{at}shields.json", *whole, *trends)
    return list(truth.walk.go(*starts))


def test_every_number_is_true_and_a_wrong_one_is_found(truth: Truth) -> None:
    """One recording for both, as that takes as long as the walk."""
    wrong = faults(truth)
    assert not wrong, "\n".join(wrong[:40])
    assert truth.walk.figures > 250
    pages = {path.name for path in urls.of_one_repository}
    assert pages - {page.name for page in truth.walk.seen.values()} - ASKED - ABSENT == set()

    assert truth.repository.plan
    truth.repository.plan.violations.filter(last=None, counted=True, suppressed=False)[0].delete()
    again = Truth(truth.told, truth.repository, truth.client, chosen)
    for page in ("", "violations.csv"):
        assert list(again.walk.look(again.walk.get(f"/repositories/demonstration/{page}"))), page
