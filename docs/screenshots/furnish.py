"""What the pictures show beyond the demonstration: people and their work, and repositories in other states.

It is added through the pages, the webhooks and the product's own verbs, so that it is real; what is there
already stays alone.
"""

import hashlib
import hmac
import json
import subprocess
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from compliance import scans
from compliance.accounts import invitations
from compliance.accounts.roles import Role, give
from compliance.models import File, Invitation, Job, PublicLink, Repository, Violation, Waiver
from compliance.work import claims

PATIENCE = 120.0
"""Seconds that a job of the worker may take."""
CAST = {
    "ben.okafor": ("Ben", "Okafor", Role.ENGINEER),
    "chen.li": ("Chen", "Li", Role.ENGINEER),
    "vera.novak": ("Vera", "Novak", Role.VIEWER),
}
BRANCHED = "main~14"
"""The demonstration some days ago, which stands for a second repository that is moved by the same plan."""


def cast() -> None:
    """The team: nobody can sign in under these names."""
    for name, (first, last, role) in CAST.items():
        person, new = User.objects.get_or_create(
            username=name, defaults={"first_name": first, "last_name": last, "email": f"{name}@example.org"}
        )
        if new:
            person.set_unusable_password()
            person.save()
            give(person, role)


def work(client: Client, administrator: User, repository: Repository) -> None:
    """Claims, waivers, a note, a draft of the plan, a token, a link and an invitation."""
    at = f"/repositories/{repository.slug}/"
    if not PublicLink.objects.filter(repository=repository, revoked_at=None).exists():
        client.post(f"{at}share/links/", {"name": "Board, quarterly review"})
    if Waiver.objects.filter(repository=repository).exists():
        return
    ben = User.objects.get(username="ben.okafor")
    files = list(File.objects.filter(repository=repository, violations__gt=0).order_by("-violations", "pk"))
    note = "The registry first, then those that ask it."
    client.post(f"{at}claims/", {"file": [file.pk for file in files[:3]], "note": note})
    for claim in claims.claim(files[5:8], ben)[:1]:
        claims.offer(claim, ben, administrator)
    standing = Violation.objects.filter(plan=repository.plan_id, last=None, suppressed=False)
    last = standing.filter(rule="singletons", file__violations__gt=1).exclude(file__in=files[:8]).last()
    reason = "Goes with the old endpoint, which is switched off next quarter."
    until = timezone.localdate() + timedelta(days=60)
    client.post(f"{at}waivers/", {"violation": last.pk if last else "", "reason": reason, "until": until})
    client.post(f"{at}marks/", {"text": "Two more engineers join the migration."})
    client.post(f"{at}settings/tokens/", {"name": "CI, test reports", "scope": "evidence", "days": "90"})
    text = repository.plan.text if repository.plan else ""
    text = text.replace("target_percent: 95.0", "target_percent: 97.5")
    text = text.replace('exclude: ["backups/**"', 'exclude: ["backups/**", "netra_backend/app/search/**"')
    client.post(f"{at}plan/preview/", {"text": text})


def told(client: Client, repository: Repository) -> None:
    """What a forge says by webhooks, signed with the repository's secret."""
    issue = {
        "number": 1274, "state": "open", "title": "SSOT compliance to 95%",
        "html_url": "https://github.com/example/netra/issues/1274", "labels": [{"name": "P0"}],
        "updated_at": "2026-11-20T09:30:00Z",
        "body": "- [x] Golden path integration tests\n- [x] Core WebSocket integration\n"
        "- [ ] Agent factory components\n- [ ] Validation and cleanup",
    }  # fmt: skip
    said: list[tuple[str, dict[str, Any]]] = [
        ("ping", {"zen": "Design for failure."}),
        ("issues", {"action": "edited", "issue": issue}),
    ]
    for number, (event, payload) in enumerate(said):
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


def others(demonstration: Repository) -> None:
    """Further repositories: some days behind, just begun, without a plan, and one that is gone."""
    folder = settings.DATA_DIR / "others"
    text = demonstration.plan.text if demonstration.plan else None
    for name, revision in (
        ("Billing", BRANCHED),
        ("Reports", "main"),
        ("Sandbox", "main"),
        ("Exports", "main~20"),
    ):
        if Repository.objects.filter(name=name).exists():
            continue
        path = folder / name.lower()
        _copy(Path(demonstration.url), path, revision, plan=name != "Sandbox")
        with transaction.atomic():
            made = scans.track(str(path), name=name, plan=text if name == "Reports" else None)
            if name == "Reports":  # its first scan goes on for as long as somebody looks
                hour = timezone.now() + timedelta(hours=1)
                Job.objects.filter(repository=made).update(state="running", lease_until=hour, attempts=1)
        if name == "Exports":
            settled(made)
            path.rename(path.with_name("moved"))
            Repository.objects.filter(pk=made.pk).update(polled_at=None)
    for made in Repository.objects.exclude(name="Reports"):
        settled(made)


def settled(repository: Repository) -> None:
    """Wait until the worker has nothing left to do for a repository. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while Job.objects.filter(repository=repository, state__in=("waiting", "running")).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"The worker does not come to an end with {repository.name}.")
        time.sleep(0.3)


def invited(administrator: User) -> str:
    """The key of an invitation that stands."""
    return invitations.invite("dana.ruiz@example.org", Role.ENGINEER, administrator)[1]


def forgotten() -> str:
    """The key of a link to a new password."""
    return invitations.remember(User.objects.get(username="ben.okafor"))


def end_keys() -> None:
    """End every key that a picture may show."""
    now = timezone.now()
    PublicLink.objects.filter(revoked_at=None).update(revoked_at=now)
    Invitation.objects.filter(accepted_at=None, revoked_at=None).update(revoked_at=now)
    for person in User.objects.filter(username__in=CAST):
        person.set_unusable_password()  # another one than before, which ends the link to a new one
        person.save()


def _copy(source: Path, target: Path, revision: str, *, plan: bool) -> None:
    target.parent.mkdir(exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", source, target], check=True)
    tip = revision
    if not plan:  # an empty tree on an empty history: nothing says what counts there
        tree = subprocess.check_output(
            ["git", "-C", target, "hash-object", "-t", "tree", "-w", "/dev/null"], text=True
        ).strip()
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        tip = subprocess.check_output(
            ["git", "-C", target, *who, "commit-tree", tree, "-m", "Begin"], text=True
        ).strip()
    subprocess.run(["git", "-C", target, "update-ref", "refs/heads/main", tip], check=True)
