"""Adds people, their work and repositories in other states to the demonstration.

Everything is created through pages, webhooks and the product's own functions, so that the data is real.
"""

import hashlib
import hmac
import json
import subprocess
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from compliance import scans
from compliance.accounts import invitations
from compliance.accounts.editors import choose_editor
from compliance.accounts.roles import Role, give
from compliance.lib.standard_webhooks import new_secret
from compliance.models import (
    Attachment,
    Change,
    Channel,
    Connection,
    File,
    Job,
    NotificationRule,
    OutboxItem,
    Phase,
    PhaseIssue,
    PlanDraft,
    PublicLink,
    Repository,
    RepositorySetup,
    Violation,
)
from compliance.work import claims
from tests.scanner.history import Commit, write_history
from tests.screenshots.clock import START
from tests.screenshots.pages import Targets

JOB_SECONDS = 900.0
"""How long the worker may take for the jobs of one repository."""
ENGINEER, VIEWER = "ben.okafor", "vera.novak"
TEAM = {
    ENGINEER: ("Ben", "Okafor", Role.ENGINEER),
    "chen.li": ("Chen", "Li", Role.ENGINEER),
    VIEWER: ("Vera", "Novak", Role.VIEWER),
}
REPOSITORIES = {
    "Billing": "main~14",
    "Ledger": "main~30",
    "Reports": "main",
    "Sandbox": "",
    "Exports": "main~20",
}
"""Further repositories, each a clone of the demonstration as of some commit, or one without a plan."""
DEPRECATED = {
    "shop/clock.py": (
        "import warnings\n\n\ndef now():\n    return 0\n\n\n"
        "def get_time():\n"
        '    warnings.warn("get_time is deprecated, use now", DeprecationWarning)\n    return now()\n'
    ),
    **{
        f"shop/{name}.py": (
            "import os.path\nfrom typing import Dict, Optional\n\nfrom shop.clock import get_time\n\n\n"
            f"def {name}(names: Optional[Dict[str, int]]) -> str:\n"
            '    return "%s of %s" % (os.path.join("a", str(names)), get_time())\n'
        )
        for name in ("basket", "invoice", "offer", "order", "parcel")
    },
}
"""The files of the repository without a plan, from which one can be proposed."""
HELD = {"Reports", "Ledger"}
"""Those whose first jobs would end before their pictures: one has no plan yet, the other has chosen one."""


def add_all(client: Client, administrator: User, repository: Repository) -> Targets:
    """Add everything, wait for the worker, and return what the addresses of the pages need."""
    add_people()
    add_work(client, administrator, repository)
    send_webhooks(client, repository)
    add_connection(repository)
    add_channels(repository)
    add_repositories(repository)
    wait_for_jobs(repository)
    return find_targets(administrator, repository)


def add_people() -> None:
    """Add the team. These accounts have no password."""
    for name, (first, last, role) in TEAM.items():
        person = User(username=name, first_name=first, last_name=last, email=f"{name}@example.org")
        person.set_unusable_password()
        person.save()
        give(person, role)


def add_work(client: Client, administrator: User, repository: Repository) -> None:
    """Add claims, a waiver, a note, a draft of the plan, a token and a public link."""
    at = f"/repositories/{repository.slug}/"
    client.post(f"{at}share/links/", {"name": "Board, quarterly review"})
    files = list(File.objects.filter(repository=repository, violations__gt=0).order_by("-violations", "pk"))
    note = "The registry first, then its callers."
    client.post(f"{at}claims/", {"file": [file.pk for file in files[:3]], "note": note})
    engineer = User.objects.get(username=ENGINEER)
    for claim in claims.claim(files[5:8], engineer)[:1]:
        claims.offer(claim, engineer, administrator)
    violations = Violation.objects.filter(plan=repository.plan_id, last=None, suppressed=False)
    waived = violations.filter(rule="singletons", file__violations__gt=1).exclude(file__in=files[:8]).last()
    reason = "Removed together with the old endpoint, which is switched off next quarter."
    until = timezone.localdate() + timedelta(days=60)
    client.post(f"{at}waivers/", {"violation": waived.pk if waived else "", "reason": reason, "until": until})
    client.post(f"{at}marks/", {"text": "Two more engineers join the migration."})
    client.post(f"{at}settings/tokens/", {"name": "CI, test reports", "scope": "evidence", "days": "90"})
    text = repository.plan.text if repository.plan else ""
    text = text.replace("target_percent: 95.0", "target_percent: 97.5")
    text = text.replace('exclude: ["backups/**"', 'exclude: ["backups/**", "netra_backend/app/search/**"')
    client.post(f"{at}plan/preview/", {"text": text})
    choose_editor(administrator, "jetbrains")


def send_webhooks(client: Client, repository: Repository) -> None:
    """Send a forge's webhooks, signed with the repository's secret."""
    issue = {
        "number": 1274, "state": "open", "title": "SSOT compliance to 95%",
        "html_url": "https://github.com/example/netra/issues/1274", "labels": [{"name": "P0"}],
        "updated_at": f"{START - timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}",
        "body": "- [x] Golden path integration tests\n- [x] Core WebSocket integration\n"
        "- [ ] Agent factory components\n- [ ] Validation and cleanup",
    }  # fmt: skip
    deliveries: list[tuple[str, dict[str, Any]]] = [
        ("ping", {"zen": "Design for failure."}),
        ("issues", {"action": "edited", "issue": issue}),
    ]
    for number, (event, payload) in enumerate(deliveries):
        body = json.dumps(payload).encode()
        digest = hmac.new(repository.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        client.post(
            f"/webhooks/github/{repository.slug}/",
            body,
            content_type="application/json",
            headers={
                "X-Hub-Signature-256": f"sha256={digest}",
                "X-GitHub-Delivery": f"7a1c5b20-0000-11f0-8000-00000000000{number}",
                "X-GitHub-Event": event,
            },
        )


def add_connection(repository: Repository) -> None:
    """Add a connection as it is after its test and the installation of its webhook: no forge answers here."""
    now = timezone.now()
    forge = Connection.objects.create(
        slug="forge", name="GitHub", provider="github", api_url="https://api.github.com", acts_as="ssot-bot",
        token="none", scopes=["admin:repo_hook", "repo"], last_success_at=now,
    )  # fmt: skip
    Attachment.objects.create(
        connection=forge, repository=repository, kind=Attachment.Kind.FORGE, project="example/netra",
        webhook_id="1", webhook_at=now,
    )  # fmt: skip
    PhaseIssue.objects.create(
        phase=Phase.objects.get(issue__repository=repository, key="validation"), connection=forge,
        title="Validation and cleanup", key="#1391", url="https://github.com/example/netra/issues/1391",
        requested_by=User.objects.get(username=ENGINEER),
    )  # fmt: skip


def add_channels(repository: Repository) -> None:
    """Add channels after their tests: one works, one was removed at the receiver. No chat answers here."""
    now, gone = timezone.now(), "Slack replied with 404 (no_service): it no longer has the channel."
    builds = Channel.objects.create(
        name="Build server", kind="webhook", url="https://hooks.example.org/ssot", secret=new_secret(),
        repository=repository, last_success_at=now,
    )  # fmt: skip
    Channel.objects.create(
        name="#migration", kind="slack", url="https://hooks.slack.com/services/T0/B0/x", is_enabled=False,
        disabled_reason=gone, last_failure_at=now, last_failure=gone,
    )  # fmt: skip
    NotificationRule.objects.create(
        channel=builds, repository=repository, topics=["regression"], risks=["critical", "high"]
    )
    for key, outcome in (("1", "The server replied with 500."), ("2", "The server replied with 204.")):
        is_sent = outcome.endswith("204.")
        OutboxItem.objects.create(
            kind="message", channel="webhook", repository=repository, target=str(builds.pk), key=key,
            detail={"about": "channel.test", "channel": builds.name}, outcome=outcome,
            attempts=1 if is_sent else 15, state="sent" if is_sent else "failed",
            sent_at=now if is_sent else None,
        )  # fmt: skip


def add_repositories(demonstration: Repository) -> None:
    """Add repositories that are behind, in their first scan, without a plan, and unreachable."""
    text = demonstration.plan.text if demonstration.plan else None
    threading.Thread(target=_hold_leases, daemon=True).start()
    for name, revision in REPOSITORIES.items():
        path = settings.DATA_DIR / "others" / name.lower()
        if revision:
            _clone(Path(demonstration.url), path, revision)
        else:
            write_history(path, [Commit(DEPRECATED)])
        with transaction.atomic():
            added = scans.track(str(path), name=name, plan=text if name == "Ledger" else None)
            if name in HELD:
                Job.objects.filter(repository=added).update(state="running", lease_until=Now(), attempts=1)
                _renew_leases()
        if name == "Exports":
            wait_for_jobs(added)
            Repository.objects.filter(pk=added.pk).update(url="https://git.example.invalid/exports.git")
    Repository.objects.update(polled_at=None)
    scans.poll()  # one repository cannot be reached any more; the scheduler's poll may be a minute away
    for added in Repository.objects.exclude(name__in=HELD):
        wait_for_jobs(added)


def _renew_leases() -> None:
    held = Job.objects.filter(repository__name__in=HELD, state="running")
    held.update(lease_until=Now() + timedelta(seconds=25))


def _hold_leases() -> None:
    """Hold the leases of jobs that nobody runs, until the server is stopped."""
    with suppress(OperationalError):
        while True:
            _renew_leases()
            time.sleep(5)


def wait_for_jobs(repository: Repository) -> None:
    """Wait until a repository has no job left. Raises TimeoutError."""
    deadline = time.monotonic() + JOB_SECONDS
    while Job.objects.filter(repository=repository, state__in=("waiting", "running")).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"The jobs of {repository.name} did not end within {JOB_SECONDS:.0f} seconds.")
        time.sleep(0.3)


def find_targets(administrator: User, repository: Repository) -> Targets:
    """Return the rows, commits and keys that the addresses of the pages name."""
    fixed = Violation.objects.filter(plan=repository.plan_id, last__isnull=False, file__violations__gt=0)
    files = File.objects.filter(repository=repository)
    changes = Change.objects.filter(commit__repository=repository).order_by("-commit")
    return Targets(
        slug=repository.slug,
        file=fixed.order_by("-file__violations", "file")[0].file_id,
        file_with_patch=files.get(path="netra_backend/app/agents/prompt_smith/agent.py").pk,
        commit_with_regression=changes.filter(regression=True)[0].commit.sha,
        commit_with_move=changes.filter(kind=Change.Kind.MOVED)[0].commit.sha,
        draft=PlanDraft.objects.get(repository=repository).pk,
        channel=Channel.objects.get(name="Build server").pk,
        rule=NotificationRule.objects.get().pk,
        setup=_setup().pk,
        public_link=PublicLink.objects.get(repository=repository).key,
        invitation=invitations.invite("dana.ruiz@example.org", Role.ENGINEER, administrator)[1],
        reset=invitations.remember(User.objects.get(username=ENGINEER)),
    )


def _clone(source: Path, target: Path, revision: str) -> None:
    target.parent.mkdir(exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", source, target], check=True)
    subprocess.run(["git", "-C", target, "update-ref", "refs/heads/main", revision], check=True)


def _setup() -> RepositorySetup:
    """An address that has been checked and can be added."""
    return RepositorySetup.objects.create(
        url="https://github.com/example/billing.git",
        state="ready",
        branches=["main", "release/2.4", "release/2.5"],
        branch_count=3,
        default_branch="main",
        estimate={"size": 61_000_000, "commits": 7_863, "since": "2009-04-24", "seconds": [43, 259]},
    )
