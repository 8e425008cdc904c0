"""A world in which every address leads to something, and what each address wants to be sent."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from compliance import evidence
from compliance.accounts import invitations, public_links
from compliance.accounts.roles import Role, give
from compliance.lib.secret_keys import digest_of
from compliance.lib.standard_webhooks import new_secret
from compliance.models import (
    AccessChange,
    Attachment,
    Channel,
    Claim,
    Connection,
    InboxEntry,
    Invitation,
    IssueNotePolicy,
    Job,
    Marker,
    NotificationEvent,
    NotificationRule,
    OutboxItem,
    Patch,
    Phase,
    PlanDraft,
    PlanProposal,
    PlanTrial,
    RejectedDelivery,
    Repository,
    RepositorySetup,
    Subscription,
    Token,
    Violation,
    Waiver,
)
from compliance.models.token import new_token
from compliance.notifications.digest_mail import token as unsubscribe_token
from compliance.notifications.unsubscribing import token_of
from compliance.people.own_identities import add_address, add_handle
from tests.evidence.conftest import furnish
from tests.views.cast import World, world
from tests.views.permissions import Rule
from tests.views.pull_requests import HEAD, judged

PASSWORD, ANOTHER = "the quick brown fox", "over the lazy dog"

PROPOSAL: dict[str, Any] = {
    "sha": "a" * 40,
    "head": ["version: 1", 'name: "Migration"', "compliance_counts: [production]"],
    "candidates": [
        {
            "key": "deprecated:app.old:get_it",
            "title": "get_it → make_it",
            "why": "app.old declares get_it deprecated: “Use make_it”.",
            "evidence": "deprecated",
            "rules": [{"id": "get-it", "kind": "deprecated-symbol", "symbols": ["app.old.get_it"]}],
            "counted": ["production"],
            "places": 3,
            "files": 2,
            "production_places": 3,
            "percent": 81.5,
            "fixable": 0,
            "fix_note": "No place can be rewritten automatically; each gets a guide.",
            "examples": [{"path": "app/a.py", "line": 2, "code": "x = get_it()"}],
            "earlier": {"commit": "b" * 40, "on": "2025-01-02", "files": 7},
            "counted_places": 3,
            "counted_files": 2,
            "replaced_in": "repository",
        }
    ],
}
"""The values of a proposal with one candidate."""


@dataclass
class Furnished:
    """`places` maps the placeholders in addresses to values, and `sent` maps names to forms."""

    netra: World
    violation: Violation
    owner: User
    places: dict[str, str] = field(default_factory=dict)
    pages: dict[str, dict[str, str]] = field(default_factory=dict)
    sent: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def address(self, rule: Rule) -> str:
        """The rule's address with what is in the world."""
        address = rule.address
        for name, value in {**self.places, **self.pages.get(rule.name, {})}.items():
            address = address.replace(f"<{name}>", value)
        return address

    def webhook(self) -> tuple[bytes, dict[str, str]]:
        """A signed ping, as GitHub sends it."""
        body, key = b'{"zen": "Speak like a human."}', self.netra.repository.webhook_secret
        signed = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        named = {
            "X-GitHub-Delivery": "1",
            "X-GitHub-Event": "ping",
            "X-Hub-Signature-256": f"sha256={signed}",
        }
        return body, named


def somebody(role: str) -> User:
    """A person with this role."""
    made = User.objects.create_user(role, f"{role}@example.org", PASSWORD, is_staff=role == "administrator")
    give(made, Role[role.upper()])
    return made


def token_for(person: User, scope: str) -> str:
    """The secret of a new token."""
    secret = new_token()
    until = timezone.now() + timedelta(days=1)
    Token.objects.create(
        name=scope, scope=scope, digest=digest_of(secret), hint=secret[:9], person=person, expires_at=until
    )
    return secret


def readable(netra: World) -> World:
    """With a plan that can be read and put in force again."""
    netra.plan.text = (settings.BASE_DIR / "tests/scanner/planfile/plans/example.yaml").read_text()
    netra.plan.save()
    return netra


def furnished(person: User, files: int = 8) -> Furnished:
    """The world, with rows of this person wherever only whose they are may change them."""
    netra = readable(furnish(world(files=files, commits=4)))
    violation, free = netra.standing[0], netra.standing[-1]
    owner = User.objects.create_user("owner", "owner@example.org", PASSWORD)
    give(owner, Role.MANAGER)
    made = Furnished(netra, violation, owner)
    link = public_links.make(netra.repository, owner)
    made.places = {
        "slug": "netra",
        "name": "trend",
        "sha": netra.head.sha,
        "key": link.key,
        "number": "1",
        "provider": "github",
        "provider_id": "oidc",
        "rest": "nowhere",
    }
    made.pages = _rows(made, person)
    made.pages["revoke-link"] = {"pk": str(link.pk)}
    made.sent = _forms(made, free, person)
    return made


def _rows(made: Furnished, person: User) -> dict[str, dict[str, str]]:
    """Maps the name of an address to the values that only this address uses."""
    repository, head, plan, violation = (
        made.netra.repository,
        made.netra.head,
        made.netra.plan,
        made.violation,
    )
    in_a_week = timezone.now() + timedelta(days=7)
    claim = Claim.objects.create(file=violation.file, person=person, until=in_a_week)
    waiver = Waiver.objects.create(
        repository=repository,
        glob="x/**",
        reason="Old",
        person=person,
        state=Waiver.State.APPROVED,
        decided_at=timezone.now(),
    )
    asked = Waiver.objects.create(repository=repository, glob="y/**", reason="New", person=made.owner)
    phases = {phase.key: phase for phase in Phase.objects.filter(issue__repository=repository)}
    approval = evidence.approve(repository, phases["cleanup"], made.owner, "manager", "Looked at it")
    made.netra.commit("One more")
    note = Marker.objects.create(repository=repository, kind="note", at=head.committed_at, text="A note")
    job = Job.objects.create(repository=repository, kind="update", state="buried", attempts=5)
    Patch.objects.create(
        file=violation.file,
        commit=made.netra.head,
        plan=plan,
        text=b"--- a\n",
        fixed=1,
        refused=[],
        guides=[],
    )
    draft = PlanDraft.objects.create(
        repository=repository, base=plan, text=plan.text.replace("95.0", "96.0"), person=person
    )
    PlanProposal.objects.create(repository=repository, **PROPOSAL)
    trial = PlanTrial.objects.create(repository=repository, text=plan.text, rule="shared", person=person)
    item = OutboxItem.objects.create(
        repository=repository, kind="digest", channel="e-mail", target="1", key="digest", state="failed"
    )
    key = invitations.invite("new@example.org", Role.VIEWER, made.owner)[1]
    token_for(made.owner, "read")
    Token.objects.update(repository=repository)
    gone = Subscription.objects.create(repository=repository, person=made.owner)
    Subscription.objects.get_or_create(repository=repository, person=person)
    drafts = ("plan-draft", "plan-draft-live", "plan-again", "plan-adopt", "plan-draft-files")
    forge = _connected("forge", "github")
    judged(made.netra)
    row = Attachment.objects.create(repository=repository, connection=forge, kind="forge", project="a/b")
    _connected("spare", "jira", "SPARE")
    IssueNotePolicy.objects.create(repository=repository, is_enabled=True)
    channel, unwanted = (
        Channel.objects.create(
            name=name, kind="webhook", url="https://hooks.example.org/1", secret=new_secret()
        )
        for name in ("Builds", "Unwanted")
    )
    rules = [NotificationRule.objects.create(channel=channel) for _ in range(2)]
    message = OutboxItem.objects.create(
        kind="message", channel="webhook", target=str(channel.pk), key="1", state="failed"
    )
    entry = notify(made.netra, person)
    RejectedDelivery.objects.create(
        provider="github", address="/webhooks/github/elsewhere/", status=401, reason="There is no repository."
    )
    return {
        **_added(repository),
        "add-channel": {"kind": "slack"},
        **{
            name: {"pk": str(channel.pk)}
            for name in ("channel", "channel-live", "test-channel", "channel-secret", "switch-channel")
        },
        "remove-channel": {"pk": str(unwanted.pk)},
        "send-message-again": {"pk": str(channel.pk), "item": str(message.pk)},
        **{name: {"pk": str(rules[0].pk)} for name in ("rule", "switch-rule")},
        "remove-rule": {"pk": str(rules[1].pk)},
        **{name: {"pk": str(entry.pk)} for name in ("inbox-entry", "mark-read")},
        **{name: {"slug": "forge"} for name in ("connection", "connection-live", "test-connection")},
        **{
            name: {"slug": "spare"}
            for name in ("connection-webhook", "connection-secret", "remove-connection")
        },
        **{
            name: {"number": "41"}
            for name in (
                *("pull-request", "pull-request-csv", "pull-request-live"),
                *("override-check", "rerun-check"),
            )
        },
        **{name: {"pk": str(row.pk)} for name in ("detach", "reinstall-webhook")},
        **{name: {"pk": str(violation.file_id)} for name in ("file", "file-csv", "patch", "patch-file")},
        **{name: {"pk": str(draft.pk)} for name in (*drafts, "plan-draft-files-csv")},
        "plan-trial-live": {"pk": str(trial.pk)},
        "change-claim": {"pk": str(claim.pk), "verb": "release"},
        "end-waiver": {"pk": str(waiver.pk)},
        "approve-waiver": {"pk": str(asked.pk)},
        "reject-waiver": {"pk": str(asked.pk)},
        "remove-note": {"pk": str(note.pk)},
        "phase": {"key": "cleanup"},
        "phase-patches": {"key": violation.phases[0]},
        "approve": {"key": "cleanup"},
        "create-issue": {"key": "cleanup"},
        "withdraw-approval": {"pk": str(approval.pk)},
        "issue": {"key": "%231274"},
        "run-again": {"pk": str(job.pk)},
        **{name: {"pk": str(item.pk)} for name in ("outbox-again", "whole-outbox-again")},
        "join": {"key": key},
        "make-reset": {"pk": str(made.owner.pk)},
        "reset": {"key": invitations.remember(made.owner)},
        "disconnect": {"pk": str(SocialAccount.objects.create(user=person, provider="gitlab", uid="1").pk)},
        "remove-address": {"pk": str(add_address(person, "elsewhere@example.org").pk)},
        "remove-handle": {"pk": str(add_handle(person, "github", "elsewhere").pk)},
        "change-person": {"pk": str(made.owner.pk)},
        "end-invitation": {"pk": str(Invitation.objects.get().pk)},
        "revoke-token": {"pk": str(Token.objects.get().pk)},
        "unsubscribe": {"token": unsubscribe_token(gone)},
        "unsubscribe-topic": {"token": token_of(made.owner)},
    }


def _added(netra: Repository) -> dict[str, dict[str, str]]:
    """An address that was checked, one that was not, a deleted repository, and a token that was refused."""
    AccessChange.objects.create(
        repository=netra,
        kind=AccessChange.Kind.TOKEN,
        state=AccessChange.State.FAILED,
        access="ada:t0ken",
        trouble=f"{netra.url}: Authentication failed",
        trouble_kind="refused",
    )
    ready = RepositorySetup.objects.create(
        url="https://example.org/team/new.git",
        state="ready",
        branches=["main"],
        branch_count=1,
        default_branch="main",
        estimate={"commits": 120, "size": 5_000_000, "since": "2020-01-31", "seconds": [3, 20]},
    )
    failed = RepositorySetup.objects.create(
        url="https://example.org/team/private.git",
        state="failed",
        trouble="https://example.org/team/private.git: Authentication failed",
        trouble_kind="refused",
    )
    gone = Repository.objects.create(slug="gone", name="Gone", url="/gone", deleted_at=timezone.now())
    return {
        **{
            name: {"pk": str(ready.pk)}
            for name in ("repository-setup", "repository-setup-live", "finish-repository-setup")
        },
        **{name: {"pk": str(failed.pk)} for name in ("check-repository-setup", "cancel-repository-setup")},
        "restore-repository": {"pk": str(gone.pk)},
        "cancel-repository": {"slug": _first_scan()},
        "extend-history": {"slug": _read_in_part()},
    }


def _read_in_part() -> str:
    """A repository of whose history only the last commits are to be read."""
    return Repository.objects.create(slug="part", name="Part", url="/part", history_floor=0).slug


def _first_scan() -> str:
    """A repository whose first scan is waiting."""
    new = Repository.objects.create(slug="new", name="New", url="/new")
    Job.objects.create(repository=new, kind="update")
    return new.slug


def notify(netra: World, person: User, topic: str = "regression", **detail: Any) -> InboxEntry:
    """A notification in somebody's inbox about the newest commit."""
    known = {"sha": netra.head.sha, "subject": "Bring it back", "author": "Cy", "violations": 2, "files": 1}
    event = NotificationEvent.objects.create(
        repository=netra.repository,
        topic=topic,
        key=str(NotificationEvent.objects.count()),
        happened_at=timezone.now(),
        routed_at=timezone.now(),
        detail={**known, **detail},
    )
    return InboxEntry.objects.create(person=person, event=event, reason="you are a manager")


def _connected(slug: str, provider: str, *prefixes: str) -> Connection:
    values = {"name": slug.title(), "provider": provider, "prefixes": list(prefixes)}
    return Connection.objects.create(slug=slug, api_url="https://api.example.org", token="t0ken", **values)


def _forms(made: Furnished, free: Violation, person: User) -> dict[str, Mapping[str, Any]]:
    """Name of an address -> what its form holds."""
    pair = {"password1": PASSWORD, "password2": PASSWORD}
    return {
        "claim": {"file": free.file_id},
        "waivers": {"violation": free.pk, "reason": "By hand only", "glob": "", "rule": ""},
        "reject-waiver": {"comment": "Not needed"},
        "marks": {"text": "Holidays"},
        "approve": {"role": "manager", "comment": "Looked at it"},
        "subscribe": {"want": "yes"},
        "tokens": {"name": "CI", "scope": "evidence", "days": "30"},
        "plan-preview": {"text": made.netra.plan.text},
        "plan-builder-edit": {"text": made.netra.plan.text, "do": "check"},
        "plan-adopt": {"keep_here": "1"},
        "make-plan": {"candidate": ["deprecated:app.old:get_it"]},
        "plan-source": {"path": "ssot-plan.yaml"},
        "plan-baseline": {"commit": made.netra.head.sha},
        "plan-restore": {"base": "1", "keep_here": "1"},
        "add-repository": {"address": "https://example.org/team/another.git"},
        "rename-repository": {"name": "Netra", "slug": "netra-2"},
        "delete-repository": {"confirm": "netra"},
        "extend-history": {"history": "whole"},
        "change-access": {"kind": "token", "user": "ada", "token": "t0ken"},
        "add-connection": {"name": "Hub", "api_url": "https://api.example.org", "token": "t0ken"},
        "connection": {"name": "Hub"},
        "gate-policy": {"level": "block", "suppressions": "warn"},
        "issue-notes": {"want": "no"},
        "issue-note-again": {"issue": "#1274"},
        "create-issue": {"prefix": ""},
        "override-check": {"reason": "Hotfix", "head": HEAD},
        "attach": {"connection": "spare", "project": "team/shop"},
        "add-channel": {"name": "Chat", "url": "https://hooks.slack.com/services/T0/B0/x"},
        "channel": {"name": "Builds"},
        "switch-channel": {"want": "no"},
        "add-rule": {"channel": Channel.objects.get(name="Builds").pk, "cadence": "at once"},
        "rule": {"channel": Channel.objects.get(name="Builds").pk, "cadence": "daily"},
        "switch-rule": {"want": "no"},
        "mark-all-read": {"until": "999999999"},
        "notifications": {"regression": "daily"},
        "notification-times": {"digest_hour": "9", "digest_day": "4"},
        "mute-notifications": {"choice": "hour"},
        "repository-notifications": {"level": "watching", "regression": "off"},
        "invite": {"email": "another@example.org", "role": "viewer"},
        "change-person": {"role": "engineer"},
        "add-identity": {"email": "one-more@example.org"},
        "join": {"username": "newcomer", **pair},
        "reset": {"new_password1": ANOTHER, "new_password2": ANOTHER},
        "change-editor": {"kind": "jetbrains"},
        "change-profile": {"first_name": "Ann", "email": "ann@example.org", "password": PASSWORD},
        "change-password": {"old_password": PASSWORD, "new_password1": ANOTHER, "new_password2": ANOTHER},
        "sign-in": {"username": "owner", "password": PASSWORD},
    }
