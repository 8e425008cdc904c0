"""What only the two Bitbuckets have: several branches in a delivery, short hashes, forks, pings and times."""

from datetime import UTC, datetime
from typing import Any

import pytest

from compliance.integrations.forges import bitbucket, bitbucket_dc
from compliance.integrations.provider import PayloadError, Signed
from compliance.integrations.pull_requests import PullNews
from tests.integrations.senders import ZEROS, Pull
from tests.integrations.senders import bitbucket as cloud
from tests.integrations.senders import bitbucket_dc as center

BODY = b"{}"
OPENED = Pull("opened", 0, "a" * 40)


@pytest.mark.parametrize(("source", "sender"), [(bitbucket, cloud), (bitbucket_dc, center)])
def test_the_signature_needs_its_prefix_and_the_right_body(source: Any, sender: Any) -> None:
    sent = sender.push("main", ZEROS, "2" * 40)
    given = sender.headers(sent, "id", BODY, "right")
    assert source.verify(Signed(given, {}, BODY), ("", "former", "right"))
    assert source.name(Signed(given, {}, BODY), {}) == ("id", sent.event)
    assert not source.verify(Signed(given, {}, b"{ }"), ("right",))
    assert not source.verify(Signed(given, {}, BODY), ("wrong",))
    bare = {"X-Hub-Signature": given["X-Hub-Signature"].removeprefix("sha256=")}
    assert not source.verify(Signed(bare, {}, BODY), ("right",))
    assert source.name(Signed({"X-Event-Key": "repo:push"}, {}, BODY), {})[0].startswith("sha256:")


def test_cloud_reports_several_branches_and_tags_at_once() -> None:
    changes = (
        cloud.change("branch", "a", ZEROS, "1" * 40),
        cloud.change("tag", "v1", ZEROS, "2" * 40),
        {**cloud.change("named_branch", "main", "2" * 40, "3" * 12), "forced": True},
        cloud.change("branch", "gone", "2" * 40, ZEROS),
    )
    event = bitbucket.parse("repo:push", cloud.pushes(*changes).payload)
    assert [(push.branch, push.after[:12], push.deleted, push.forced) for push in event.pushes] == [
        ("a", "1" * 12, False, False),
        ("main", "3" * 12, False, True),
        ("gone", "0" * 12, True, False),
    ]
    assert bitbucket.parse("repo:push", cloud.pushes().payload).kind == "ignored"


def test_data_center_reports_several_branches_and_tags_at_once() -> None:
    changes = (
        center.change("refs/tags/v1", ZEROS, "2" * 40),
        center.change("refs/heads/feature/a", "1" * 40, "2" * 40),
        center.change("refs/heads/main", "1" * 40, ZEROS),
    )
    event = bitbucket_dc.parse("repo:refs_changed", center.pushes(*changes).payload)
    assert [(push.branch, push.deleted) for push in event.pushes] == [("feature/a", False), ("main", True)]


def cloud_pull(pull: Pull, **more: Any) -> PullNews:
    sent = cloud.pull(pull, **more)
    told = bitbucket.parse(sent.event, sent.payload).pull
    assert told is not None
    return told


def test_clouds_pull_requests_have_short_hashes_and_several_names_for_authors() -> None:
    told = cloud_pull(OPENED)
    assert (told.head, told.author, told.state) == ("a" * 12, "ada", "open")
    assert told.updated_at == datetime(2026, 3, 2, 9, 0, 0, 478612, tzinfo=UTC)
    assert cloud_pull(OPENED, author={"display_name": "Ada L."}).author == "Ada L."
    assert cloud_pull(OPENED, author=None).author == ""
    assert cloud_pull(OPENED, state="SUPERSEDED").state == "closed"
    assert cloud_pull(Pull("closed", 1, "a" * 40, state="closed")).state == "closed"


def test_a_pull_request_whose_fork_is_gone_is_ignored() -> None:
    sent = cloud.pull(OPENED, source={"branch": {"name": "part"}, "commit": None, "repository": None})
    assert bitbucket.parse(sent.event, sent.payload).reason == "Pull request #41 has no source commit."


def center_pull(pull: Pull, **more: Any) -> PullNews:
    sent = center.pull(pull, **more)
    event = bitbucket_dc.parse(sent.event, sent.payload)
    assert event.pull is not None
    assert event.about == "NW/shop"
    return event.pull


def test_data_centers_pull_requests() -> None:
    told = center_pull(OPENED)
    assert told.updated_at == datetime(2026, 3, 2, 9, 0, 0, 90000, tzinfo=UTC)
    assert (told.base, told.author, told.state) == ("main", "ada", "open")
    assert center_pull(Pull("deleted", 1, "a" * 40)).state == "closed"
    moved = center_pull(Pull("retargeted", 1, "a" * 40, before="release"))
    assert moved.retargeted
    assert not center_pull(Pull("retargeted", 1, "a" * 40, before="main")).retargeted
    late = center_pull(Pull("updated", 5, "a" * 40), updatedDate=1_000)
    assert late.updated_at == datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    assert center_pull(OPENED, links={"self": [None]}).url == ""
    assert center_pull(OPENED, links=None, author=None).author == ""


@pytest.mark.parametrize("at", [True, "1530818490848", -1, 10**15, 7_300_000_000_000, None])
def test_a_time_that_is_not_milliseconds_is_refused(at: object) -> None:
    sent = center.pull(OPENED, updatedDate=at)
    with pytest.raises(PayloadError, match=r"'pullRequest\.updatedDate'"):
        bitbucket_dc.parse(sent.event, sent.payload)


def test_pings_and_other_events() -> None:
    assert bitbucket_dc.parse("diagnostics:ping", {"test": True}).reason == "The webhook works."
    for event in ("repo:forked", "pr:comment:added", "pr:reviewer:approved"):
        assert bitbucket_dc.parse(event, {}).kind == "ignored"
    for event in ("repo:fork", "issue:created", "pullrequest:approved"):
        assert bitbucket.parse(event, {}).kind == "ignored"
