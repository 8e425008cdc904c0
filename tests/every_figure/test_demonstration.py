"""Every number on every page of the demonstration, recorded by its own jobs, is what engine and SQL say."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import ResolverMatch

from compliance import scans
from compliance.accounts import invitations, public_links
from compliance.accounts.roles import Role
from compliance.charts.dimensions import DIMENSIONS
from compliance.jobs.liveness import write_heartbeat
from compliance.management.demo import build
from compliance.models import File, Marker, Repository
from compliance.views import addresses
from compliance.work import claims
from tests.every_figure import api, plans
from tests.every_figure.checks import CHECKS
from tests.every_figure.command_line import ask, scan
from tests.every_figure.truth import Truth
from tests.scans.verify import run_jobs
from tests.work.factories import waive

pytestmark = pytest.mark.slow

ASKED = {  # pages that take a form or a parameter, or that the page's own script asks for
    *(
        "overview-live",
        "scans-live",
        "claim",
        "change-claim",
        "end-waiver",
        "approve-waiver",
        "reject-waiver",
        "remove-note",
        "approve",
    ),
    *(
        "withdraw-approval",
        "scan-now",
        "run-again",
        "outbox-again",
        "whole-outbox-again",
        "subscribe",
        "test-digest",
        "make-link",
        "revoke-link",
    ),
    *("override-check", "rerun-check", "gate-policy"),
    *("issue-notes", "issue-note-again", "create-issue", "reset-notifications"),
    *("pull-request-live", "attach", "attachments-live", "detach", "reinstall-webhook"),
    *("cancel-repository", "rename-repository", "archive-repository", "unarchive-repository"),
    *("extend-history", "repository-access-live", "change-access", "confirm-access", "cancel-access"),
    *(
        "delete-repository",
        "rotate-secret",
        "revoke-token",
        "patch",
        "patch-file",
        "my-patches",
        "phase-patches",
        "plan-baseline",
    ),
    *("plan-preview", "plan-source", "plan-restore", "plan-again", "plan-draft-live", "plan-adopt"),
    *("propose-plan", "propose-plan-live", "propose-plan-again", "propose-plan-csv", "make-plan"),
    *("plan-builder", "plan-builder-edit", "plan-trial-live"),
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
def truth(tmp_path: Path, settings: LazySettings, db: None) -> Truth:
    """The demonstration: generated, scanned on the command line, recorded by its own jobs, and in use."""
    settings.DATA_DIR = tmp_path
    folder = tmp_path / "demonstration"
    build(folder)
    told = ask(str(folder))
    cache.clear()
    repository = scans.track(str(folder), slug="demonstration")
    run_jobs()
    repository.refresh_from_db()
    client, ada = Client(), User.objects.create_superuser("ada", "ada@example.org")
    client.force_login(ada, "django.contrib.auth.backends.ModelBackend")
    assert len(told.line) == repository.line_length > 50
    assert repository.plan
    plan = tmp_path / "edited.yaml"
    plan.write_text(plans.edit(repository.plan.text))
    use(repository, ada, plan.read_text())
    return Truth(told, repository, client, chosen, CHECKS, scan(str(folder), str(plan)))


def use(repository: Repository, ada: User, plan: str) -> None:
    """Evidence, claims, an offer, a note, an invitation, an edited plan: something on every page."""
    write_heartbeat("worker of this test", "idle")
    call_command("demonstration", verbosity=0)
    ben = User.objects.create_user("ben")
    free = list(File.objects.filter(repository=repository, violations__gt=0).order_by("path"))
    claims.claim(free[:2], ada)
    offered, _ = claims.claim(free[5:7], ben)
    claims.offer(offered, ben, ada)
    invitations.invite("cy@example.org", Role.ENGINEER, ada)
    Client().force_login(ben, "django.contrib.auth.backends.ModelBackend")
    at = repository.commits.get(position=20)
    Marker.objects.create(
        repository=repository, kind="note", at=at.committed_at, commit=at, text="Two joined"
    )
    scans.draft(repository, plan, ada)
    run_jobs()
    repository.refresh_from_db()


def faults(truth: Truth) -> Iterator[str]:
    """What is wrong on any page or in any answer, after the whole walk."""
    at = truth.at
    trends = [
        f"{at}charts/trend.json?by={split}&measure={measure}"
        for split in DIMENSIONS
        for measure in ("violations", "files")
    ]
    whole = [
        f"{at}charts/trend.json?measure={measure}" for measure in ("percent", "violations", "files", "sites")
    ]
    public = f"/shared/{public_links.make(truth.repository, None, name='Walk').key}/"
    shared = [public, f"{public}badge.svg", f"{public}shields.json"]
    draft = f"{at}plan/drafts/{truth.repository.drafts.get().pk}/"
    starts = (at, "/?all=1", "/people/", "/activity/", draft, *shared, f"{at}badge.svg", f"{at}shields.json")
    ahead = [f"{at}forecast/?people=2", *(f"{at}forecast/?phase={key}" for key in truth.keys("phase"))]
    yield from truth.walk.go(*starts, *whole, *trends, *ahead)
    yield from api.faults(truth)


def look(truth: Truth, *pages: str) -> Iterator[str]:
    """What is wrong on these pages of the repository; where their links lead is left out."""
    for page in (truth.walk.get(f"{truth.at}{address}") for address in pages):
        yield from (f"{page.address}: {fault}" for fault in truth.walk.checks[page.name](page))


def test_every_number_is_true_and_a_wrong_one_is_found(truth: Truth) -> None:
    """One recording for all, as that takes as long as the walk."""
    wrong = list(faults(truth))
    assert not wrong, "\n".join(wrong[:40])
    assert truth.walk.figures > 250
    pages = {path.name for path in addresses("REPOSITORY_URLS")}
    assert pages - {page.name for page in truth.walk.seen.values()} - ASKED - ABSENT == set()

    waived = max(truth.told.findings(), key=lambda f: (f["category"] == "production", f["path"]))["path"]
    waive(truth.repository, User.objects.get(username="ada"), "Kept for a customer", None, glob=waived)
    told = truth.told.with_waived({waived})
    same = replace(truth, told=told, edited=None)
    wrong = list(look(same, "", "waivers/", "violations.csv", "files.csv", "phases/", "issues/", "my-work/"))
    wrong += same.walk.look(same.walk.get(f"{truth.at}waivers/"))
    assert not wrong, "\n".join(wrong[:40])

    assert truth.repository.plan
    truth.repository.plan.violations.filter(last=None, counted=True, suppressed=False, waiver=None)[
        0
    ].delete()
    again = replace(same)
    for page in ("", "violations.csv"):
        assert next(again.walk.look(again.walk.get(f"{truth.at}{page}")), None), page
