"""Helpers that several test modules share."""

from datetime import timedelta

from axe_playwright_python.base import AxeResults
from django.contrib.auth.models import User
from django.utils import timezone

from compliance.accounts import public_links
from compliance.models import Delivery, Job, Repository
from tests.api.conftest import give
from tests.evidence.conftest import furnish as furnish_evidence
from tests.evidence.conftest import hand_in, mission, proofs
from tests.views.cast import World


def furnish(netra: World) -> dict[str, str]:
    """Something to show on every page; page -> address."""
    now = timezone.now()
    of = {"repository": netra.repository, "kind": "update", "cause": "webhook push"}
    Job.objects.create(**of, state="buried", attempts=5, error="No such host: " + "x" * 300, finished_at=now)
    Job.objects.create(
        **of, state="running", lease_until=now + timedelta(hours=1), started_at=now, total_steps=9
    )
    Job.objects.create(**of, state="done", finished_at=now)
    Delivery.objects.create(
        repository=netra.repository, source="github", delivery_id="72d3162e-cc78-11e3-81ab", event="push"
    )
    Repository.objects.create(slug="empty", name="Empty", url="https://git.example.org/empty.git")
    Repository.objects.filter(pk=netra.repository.pk).update(trouble="fatal: " + "unreachable/" * 40)
    hand_in(furnish_evidence(netra), mission(3, test_x="failure"))
    hand_in(netra, proofs())
    give(User.objects.get_or_create(username="ada", is_staff=True)[0], "evidence", netra.repository)
    fixed = netra.plan.violations.filter(last__isnull=False)[0]
    at = "/repositories/netra/"
    return {
        "home": "/",
        "overview": at,
        "overview, violations": f"{at}?measure=violations&range=30d",
        "overview, empty": "/repositories/empty/",
        "files": f"{at}files/?risk=high&sort=-changed",
        "files, none": f"{at}files/?path=nothing-fits",
        "file": f"{at}files/{fixed.file_id}/",
        "violations": f"{at}violations/?risk=high&sort=-path",
        "violations, none": f"{at}violations/?path=nothing-fits",
        "marks": f"{at}marks/",
        "overview, split": f"{at}?by=phase&measure=violations&from=yesterday",
        "commits": f"{at}commits/",
        "commit": f"{at}commits/{netra.head.sha}/",
        "scans": f"{at}scans/",
        "settings": f"{at}settings/",
        "phases": f"{at}phases/",
        "phase": f"{at}phases/cleanup/",
        "issues": f"{at}issues/",
        "issue": f"{at}issues/%231274/",
        "tokens": f"{at}settings/tokens/",
        "share": f"{at}share/",
        "my work": f"{at}my-work/",
        "waivers": f"{at}waivers/",
        "plan": f"{at}plan/",
        "people": "/people/",
        "activity": "/activity/",
        "account": "/account/",
        "public link": f"/shared/{public_links.make(netra.repository, None, name='Wiki').key}/",
    }


def told(found: AxeResults) -> list[str]:
    """What axe found, a line each: the rule, the place, the reason."""
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
