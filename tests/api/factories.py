"""Helpers that several test modules share."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from compliance.models import Claim, Team, Waiver
from tests.api.conftest import Send
from tests.evidence.conftest import mission
from tests.views.furnished import Furnished, furnished
from tests.views.permissions import Rule
from tests.views.pull_requests import HEAD


def furnish(person: User, files: int = 8) -> tuple[Furnished, dict[str, dict[str, str]], dict[str, Any]]:
    """Return a world, the values for each operation's address, and the body that each requires."""
    world = furnished(person, files)
    netra, violation = world.netra, world.violation
    claim, waiver = Claim.objects.get(), Waiver.objects.get(state="requested")
    free = netra.standing[-1]
    places = {
        "claims": {"pk": str(claim.pk)},
        "waivers": {"pk": str(waiver.pk)},
        "files": {"pk": str(violation.file_id)},
        "findings": {"pk": str(violation.pk)},
        "issues": {"key": "%231274"},
        "phases": {"key": "cleanup"},
        "plans": {"number": "1"},
        "plan_trials_show": {"pk": world.pages["plan-trial-live"]["pk"]},
        "drafts": {"number": "1", "pk": world.pages["plan-draft"]["pk"]},
        "marks": {"pk": world.pages["remove-note"]["pk"]},
        "approvals": {"key": "cleanup", "pk": world.pages["withdraw-approval"]["pk"]},
        "links": {"pk": world.pages["revoke-link"]["pk"]},
        "scans": {"pk": world.pages["run-again"]["pk"]},
        "outbox": {"pk": world.pages["outbox-again"]["pk"]},
        "pull": {"number": "41"},
        "gate": {"number": "41"},
        "tracker_preview_note": {"key": "%231274"},
        "tracker_list_created": {"key": "cleanup"},
        "tracker_create_issue": {"key": "cleanup"},
        "repository": {"pk": world.pages["repository-setup"]["pk"]},
        "repository_history_extend": {"slug": "part"},
        "repository_lifecycle_rename": {"slug": "netra"},
        "repository_setups_cancel": world.pages["cancel-repository-setup"],
        "deleted": world.pages["restore-repository"],
        "connections": {"pk": world.pages["detach"]["pk"]},
        "connections_change": {"slug": "forge"},
        "connections_test": {"slug": "forge"},
        "connections_remove": {"slug": "spare"},
        "channels": {"pk": world.pages["channel"]["pk"]},
        "channels_remove": {"pk": world.pages["remove-channel"]["pk"]},
        "channels_again": world.pages["send-message-again"],
        "inbox": {"pk": world.pages["inbox-entry"]["pk"]},
        "notification_rules_change": {"pk": world.pages["rule"]["pk"]},
        "notification_rules_remove": {"pk": world.pages["remove-rule"]["pk"]},
        "teams": {"pk": str(Team.objects.create(name="Web").pk)},
    }
    sent = {
        "claims_take": {"paths": [free.file.path]},
        "claims_offer": {"to": "owner"},
        "waivers_give": {"finding": free.pk, "reason": "By hand only"},
        "waivers_approve": {"comment": "Until spring"},
        "waivers_reject": {"comment": "Not needed"},
        "approvals_give": {"role": "manager", "comment": "Looked at it"},
        "marks_write": {"text": "Holidays"},
        "drafts_write": {"text": netra.plan.text},
        "plan_trials_start": {"rule": {"kind": "pattern", "pattern": "print($$$)"}},
        "drafts_adopt": {"keep_here": True},
        "drafts_restore": {"base": 1, "keep_here": True},
        "drafts_follow": {"path": "ssot-plan.yaml"},
        "drafts_baseline": {"commit": netra.head.sha},
        "proposals_choose": {"candidates": ["deprecated:app.old:get_it"]},
        "repository_setups_write": {"address": "https://example.org/team/another.git"},
        "repository_setups_check": {},
        "repository_setups_add": {"branch": "main"},
        "repository_history_extend": {"history_commits": 100},
        "repository_access_change": {"kind": "token", "token": "t0ken"},
        "repository_access_confirm": {},
        "repository_lifecycle_rename": {"name": "Netra"},
        "teams_write": {"name": "Data", "members": ["owner"]},
        "teams_change": {"handles": [{"forge": "github", "name": "acme/web"}]},
        "connections_write": {"provider": "gitlab", "name": "Lab", "token": "t0ken"},
        "connections_change": {"name": "Hub"},
        "connections_attach": {"connection": "spare"},
        "channels_write": {"kind": "discord", "name": "Chat", "url": "https://discord.com/api/webhooks/1/x"},
        "channels_change": {"name": "Builds"},
        "channels_rotate": {"secret": f"whsec_{'QUJD' * 10}"},
        "inbox_mark_all": {"until": 999_999},
        "notification_preferences_change": {"topics": {"regression": "daily"}, "digest_hour": 9},
        "notification_preferences_change_for_repository": {"level": "watching"},
        "notification_rules_write": {"channel": int(world.pages["channel"]["pk"])},
        "notification_rules_show_preview": {"channel": int(world.pages["channel"]["pk"])},
        "notification_rules_change": {"cadence": "weekly"},
        "gate_change_policy": {"level": "block"},
        "tracker_switch_notes": {"is_enabled": True},
        "tracker_write_note_again": {"issue": "#1274"},
        "tracker_create_issue": {},
        "gate_override": {"reason": "Hotfix", "head": HEAD},
        "links_make": {"name": "For the board"},
        "measurements_send_measurement": {"name": "added_ms", "value": 4.5},
        "test_reports_send_report": mission(),
    }
    return world, places, sent


def ask(
    client: Client,
    rule: Rule,
    world: Furnished,
    places: Mapping[str, Mapping[str, str]],
    sent: Mapping[str, Any],
    **headers: str,
) -> int:
    """The status of one call, after which everything is as it was."""
    address = rule.address
    values = {**world.places, **places.get(rule.name.partition("_")[0], {}), **places.get(rule.name, {})}
    asked = {"plans_compare": "?from=1", "search_index": "?q=module"}.get(rule.name, "")
    for name, value in values.items():
        address = address.replace(f"<{name}>", value)
    body = sent.get(rule.name, b"")
    kind = "application/xml" if isinstance(body, bytes) else "application/json"
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    before = transaction.savepoint()
    answer = client.generic(rule.method, address + asked, data, kind, headers=headers)
    transaction.savepoint_rollback(before)
    return answer.status_code


def whole(send: Send, token: str, path: str, limit: int) -> list[dict[str, Any]]:
    """A list to its end, page by page, by what each page says is next."""
    found: list[dict[str, Any]] = []
    address: str | None = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    while address:
        answer = send("GET", address, token)
        assert answer.status == 200, answer.body
        assert len(answer.body["items"]) <= limit
        found += answer.body["items"]
        following = answer.body["next"]
        assert answer.headers.get("Link") == (f'<{following}>; rel="next"' if following else None)
        address = following and following.removeprefix("/api/v1/repositories/")
    return found
