"""Helpers that several test modules share."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from compliance.accounts import public_links
from compliance.models import (
    Attachment,
    Channel,
    Connection,
    Delivery,
    Job,
    NotificationRule,
    OutboxItem,
    Repository,
)
from tests.api.conftest import give
from tests.evidence.conftest import furnish as furnish_evidence
from tests.evidence.conftest import hand_in, mission, proofs
from tests.views.cast import World
from tests.views.furnished import notify
from tests.views.pull_requests import judged

SMALL = """() => {
    const inSentence = (target) => getComputedStyle(target).display === "inline"
        && [...target.parentElement.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    return [...document.querySelectorAll("a[href], button, summary, input, select")]
        .filter((target) => target.checkVisibility({visibilityProperty: true}) && target.type !== "hidden")
        .filter((target) => !inSentence(target))
        .map((target) => [target.innerText, target.getBoundingClientRect()])
        .filter(([, {width, height}]) => width && (width < 24 || height < 24))
        .map(([text, {width, height}]) => `${text}: ${width} by ${height}`);
}"""
"""The targets under 24 pixels, except for links in a sentence."""


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
    connect(netra.repository)
    log = [{"attempt": 1, "at": now.isoformat(), "outcome": "The mail server replied with 451 " + "x" * 300}]
    for state in ("failed", "waiting"):
        OutboxItem.objects.create(
            repository=netra.repository, kind="letter", channel="e-mail", target="ben@example.org", key=state,
            state=state, log=log, attempts=1, detail={"about": "regression", "path": "netra/" * 40 + "a.py"},
        )  # fmt: skip
    Repository.objects.create(slug="empty", name="Empty", url="https://git.example.org/empty.git")
    Repository.objects.filter(pk=netra.repository.pk).update(trouble="fatal: " + "unreachable/" * 40)
    hand_in(furnish_evidence(netra), mission(3, test_x="failure"))
    hand_in(netra, proofs())
    judged(netra)
    give(User.objects.get_or_create(username="ada", is_staff=True)[0], "evidence", netra.repository)
    fixed = netra.plan.violations.filter(last__isnull=False)[0]
    channel = add_channel()
    rule = NotificationRule.objects.create(
        channel=channel, repository=netra.repository, owners=["@acme/" + "a" * 80], risks=["high"]
    )
    for subject in ("Bring the cache back", "x" * 300):
        notify(netra, User.objects.get(username="ada"), subject=subject)
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
        "outbox": f"{at}outbox/",
        "outbox of all": "/outbox/",
        "settings": f"{at}settings/",
        "phases": f"{at}phases/",
        "phase": f"{at}phases/cleanup/",
        "issues": f"{at}issues/",
        "issue": f"{at}issues/%231274/",
        "tokens": f"{at}settings/tokens/",
        "access": f"{at}settings/access/",
        "share": f"{at}share/",
        "pull requests": f"{at}pull-requests/?state=all&sort=number",
        "pull requests, none": f"{at}pull-requests/?text=nothing-fits",
        "pull requests, empty": "/repositories/empty/pull-requests/",
        "pull request": f"{at}pull-requests/41/",
        "pull request, not judged": f"{at}pull-requests/42/",
        "my work": f"{at}my-work/",
        "waivers": f"{at}waivers/",
        "plan": f"{at}plan/",
        "plan builder": f"{at}plan/builder/?part=rules/0",
        "people": "/people/",
        "add repository": "/add-repository/",
        "archived repositories": "/archived-repositories/",
        "connections": "/connections/",
        "new connection": "/new-connection/github/",
        "connection": "/connections/jira/",
        "channels": "/channels/",
        "inbox": "/inbox/?show=all",
        "notifications": "/account/notifications/",
        "repository notifications": f"{at}notifications/",
        "new rule": "/new-notification-rule/?repository=netra",
        "new channel": "/new-channel/webhook/",
        "channel": f"/channels/{channel.pk}/",
        "rule": f"/notification-rules/{rule.pk}/",
        "activity": "/activity/",
        "search": "/search/?q=module&in=netra",
        "search, none": "/search/?q=nothing-fits",
        "account": "/account/",
        "public link": f"/shared/{public_links.make(netra.repository, None, name='Wiki').key}/",
    }


def connect(repository: Repository) -> None:
    """A forge whose webhook is installed, and a tracker whose token doesn't permit that."""
    now = timezone.now()
    forge = Connection.objects.create(
        slug="forge",
        name="GitHub of the company",
        provider="github",
        api_url="https://github.example.org/api/v3",
        token="t0ken",
        acts_as="ssot-bot",
        scopes=["admin:repo_hook", "repo"],
        last_success_at=now,
    )
    problem = "Jira answered GET /rest/webhooks/1.0/webhook with 403 Forbidden."
    jira = Connection.objects.create(
        slug="jira",
        name="Jira",
        provider="jira",
        api_url="https://example.atlassian.net",
        account="ssot@example.org",
        token="t0ken",
        prefixes=["SHOP", "OPS"],
        acts_as="SSOT bot",
        scopes=["BROWSE_PROJECTS"],
        last_success_at=now - timedelta(days=1),
        last_failure_at=now,
        last_failure=problem,
        webhook_problem=problem,
    )
    rows = Attachment.objects
    rows.create(
        connection=forge,
        repository=repository,
        kind="forge",
        project="team/netra",
        webhook_id="7",
        webhook_at=now,
    )
    rows.create(connection=jira, repository=repository, kind="tracker")


def add_channel() -> Channel:
    """A channel that signs, whose last message failed."""
    now = timezone.now()
    made = Channel.objects.create(
        name="Build server",
        kind="webhook",
        url="https://hooks.example.org/ssot",
        secret="whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=",
        last_success_at=now - timedelta(days=1),
        last_failure_at=now,
        last_failure="The server replied with 500.",
    )
    OutboxItem.objects.create(
        kind="message",
        channel="webhook",
        target=str(made.pk),
        key="channel.test 1",
        attempts=2,
        outcome="The server replied with 500.",
        detail={"about": "channel.test", "channel": made.name},
    )
    return made
