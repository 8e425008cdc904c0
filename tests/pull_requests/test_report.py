"""What is published about a check, and when: built from the records when it is sent."""

import pytest
from django.utils import timezone

from compliance.integrations import connections
from compliance.integrations.delivery import NotNeededError
from compliance.integrations.outbound import Comment, StatusState
from compliance.models import (
    Attachment,
    Connection,
    GatePolicy,
    Job,
    OutboxItem,
    PullRequest,
    PullRequestCheck,
    Repository,
)
from compliance.pull_requests import report
from tests.pull_requests.published import HEAD, comment, finding, judged, kinds, pull, status

pytestmark = pytest.mark.django_db


def test_a_pending_head_has_a_status_and_no_comment(shop: Repository) -> None:
    report.publish_pending(judged(pull(shop), "pending"))
    assert kinds() == ["status"]
    found = status()
    assert (found.state, found.name, found.ref) == (StatusState.PENDING, "ssot-compliance/shop", "topic")
    assert found.url.endswith("/repositories/shop/pull-requests/7/")


def test_a_group_of_a_merge_queue_has_a_status_that_leads_to_the_list(shop: Repository) -> None:
    group = PullRequestCheck.objects.create(
        repository=shop,
        merge_group="refs/heads/queue/7",
        head_sha=HEAD,
        state="failed",
        judged_at=timezone.now(),
        new=1,
        blocking=1,
    )
    report.publish(group)
    assert kinds() == ["status"]
    found = status()
    assert (found.state, found.description) == (StatusState.FAILURE, "1 new violation, 1 blocks")
    assert (found.ref, found.pull) == ("", "")
    assert found.url.endswith("/repositories/shop/pull-requests/")


def test_the_newest_head_of_one_pull_request_counts_before_the_former_one_of_another(
    shop: Repository,
) -> None:
    judged(pull(shop, 8, head="c" * 40), "failed", head=HEAD, new=1, blocking=1)
    report.publish(judged(pull(shop), "passed"))
    assert (status().state, status().pull) == (StatusState.SUCCESS, "7")


def test_what_blocks_fails_and_is_explained_in_one_comment(shop: Repository) -> None:
    check = judged(pull(shop), new=2, blocking=1, fixed=3, notes=["The pull request edits ssot-plan.yaml."])
    finding(check, path="shop/a.py", risk="low")
    finding(check, is_blocking=True, is_locked=True, patch="--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n")
    report.publish(check)
    assert kinds() == ["comment", "status"]
    found = status()
    assert found.state == StatusState.FAILURE
    assert found.description == "2 new violations, 1 blocks, 3 fixed"
    assert [(row.path, row.level) for row in found.annotations] == [
        ("shop/jobs.py", "failure"),
        ("shop/a.py", "warning"),
    ]
    assert found.annotations[0].message == ("Uses the old API. High risk. Blocks. The file was clean before")
    told = comment()
    assert told.create
    assert told.body == COMMENT


COMMENT = f"""### SSOT compliance of Shop

**2 new violations, 1 blocks, 3 fixed**

**New violations**

- [`shop/jobs.py:12`](https://forge.example.org/team/shop/src/commit/{HEAD}/shop/jobs.py#L12) `sites`: Uses the old API. (high risk, blocks, the file was clean before)
- [`shop/a.py:12`](https://forge.example.org/team/shop/src/commit/{HEAD}/shop/a.py#L12) `sites`: Uses the old API. (low risk)

Patch for `shop/jobs.py:12`, checked to compile and to add no violation:

```diff
--- a
+++ b
@@ -1 +1 @@
-old
+new
```

To keep a violation, give the reason in a comment at the end of its line, or on the line before the statement; `until=YYYY-MM-DD` before `because` lets it end. The comment is listed here, but doesn't block.

```python
# ssot: ignore[sites] because <reason>
```

- The pull request edits ssot-plan.yaml.

`aaaaaaaaaaaa` was compared with `bbbbbbbbbbbb`: It is the merge base with main.

Policy: New violations are counted in the status but don't block. A new violation in a file that was clean or migrated before blocks as well. Violations that a pull request suppresses by comments, or moves out of the plan's figures, are counted in the status but don't block.

[All details](http://127.0.0.1:8000/repositories/shop/pull-requests/7/)"""  # noqa: E501  (as it is published)


def test_without_anything_to_report_there_is_no_comment(shop: Repository) -> None:
    report.publish(judged(pull(shop), "passed", fixed=1))
    assert kinds() == ["status"]
    assert (status().state, status().description) == (StatusState.SUCCESS, "No new violations, 1 fixed")


def test_under_warn_the_description_has_the_count(shop: Repository) -> None:
    check = judged(pull(shop), "passed", new=3, restored=2, uncounted=1)
    finding(check, "restored", ran_out=True)
    report.publish(check)
    assert (status().state, status().description) == (
        StatusState.SUCCESS,
        "4 new violations (policy: warn)",
    )


def test_the_comment_says_resolved_later_and_shows_the_newest_head(shop: Repository) -> None:
    row = pull(shop)
    old = judged(row, new=1)
    finding(old)
    report.publish(old)
    row.head_sha = "c" * 40
    row.save()
    report.publish(judged(row, "passed", fixed=1))
    assert kinds() == ["comment", "status", "status"]
    found = comment()
    assert not found.create
    assert (
        "### SSOT compliance of Shop: resolved\n\nNothing that was reported here is left at `cccc"
        in found.body
    )
    # A late verdict on the former head changes nothing in the comment.
    report.publish(old)
    assert comment() == found
    # The branch is reset to the former head.
    row.head_sha = HEAD
    row.save()
    assert "New violations" in comment().body


def test_a_status_is_built_when_it_is_sent(shop: Repository) -> None:
    check = judged(pull(shop), "pending")
    report.publish_pending(check)
    PullRequestCheck.objects.update(state="error", reason="The fork can't be read.", judged_at=timezone.now())
    assert (status().state, status().description) == (
        StatusState.ERROR,
        "Not judged: The fork can't be read.",
    )
    report.publish(PullRequestCheck.objects.get())
    assert kinds() == ["status"]


def test_of_two_pull_requests_with_one_head_the_worse_verdict_counts(shop: Repository) -> None:
    report.publish(judged(pull(shop, 7), new=1, blocking=1))
    report.publish(judged(pull(shop, 8), "passed"))
    moved_on = pull(shop, 9, "d" * 40)
    judged(moved_on, "error", HEAD, reason="x")
    judged(pull(shop, 10, state="closed"), "error", reason="x")
    assert OutboxItem.objects.filter(kind="status").count() == 1
    assert status().state == StatusState.FAILURE
    PullRequest.objects.exclude(number=8).update(state="closed")
    assert status().state == StatusState.SUCCESS
    PullRequest.objects.update(state="closed")
    with pytest.raises(NotNeededError):
        status()


def test_a_merge_group_gets_a_status_on_its_head(shop: Repository) -> None:
    group = PullRequestCheck.objects.create(
        repository=shop, merge_group="refs/heads/gh-readonly-queue/main/pr-7", head_sha=HEAD, new=1,
        state="failed", judged_at=timezone.now(),
    )  # fmt: skip
    finding(group)
    report.publish(group)
    assert kinds() == ["status"]
    assert (status().state, status().commit) == (StatusState.FAILURE, HEAD)
    assert status().url.endswith("/repositories/shop/pull-requests/")


def test_while_the_policy_is_off_nothing_is_published_but_what_was_is_released(shop: Repository) -> None:
    check = judged(pull(shop), new=1, blocking=1)
    policy = GatePolicy.objects.create(repository=shop, level="off")
    report.publish_pending(check)
    report.publish(check)
    assert kinds() == []
    GatePolicy.objects.update(by_risk={"critical": "block"})
    report.publish(check)
    assert kinds() == ["comment", "status"]
    policy.save()
    OutboxItem.objects.update(revision=0)
    report.publish(check)
    assert OutboxItem.objects.get(kind="status").revision == 1
    assert (status().state, status().description) == (
        StatusState.SUCCESS,
        "This repository's policy for pull requests is off",
    )
    link = "[All details](http://127.0.0.1:8000/repositories/shop/pull-requests/7/)"
    assert comment() == Comment(
        "### SSOT compliance of Shop: not checked\n\n"
        "This repository's policy for pull requests is off, so this "
        f"one isn't checked any more.\n\n{link}",
        create=False,
    )
    assert OutboxItem.objects.get(kind="comment").revision == 1
    GatePolicy.objects.update(by_risk={}, level="warn")
    assert "**1 new violation, 1 blocks**" in comment().body
    GatePolicy.objects.update(comments=False)
    assert comment().body.startswith("### SSOT compliance of Shop: no longer updated\n\n")
    assert not comment().create


def test_comments_can_be_turned_off(shop: Repository) -> None:
    GatePolicy.objects.create(repository=shop, comments=False)
    report.publish(judged(pull(shop), new=1))
    assert kinds() == ["status"]


def test_an_override_is_named(shop: Repository) -> None:
    check = judged(
        pull(shop), "passed", new=1, blocking=1, override_reason="Agreed @ada.", overridden_at=timezone.now()
    )
    report.publish(check)
    assert status().description == "Overridden by a former user: Agreed @ada."
    assert "Overridden by a former user: Agreed @\u200bada." in comment().body


def test_a_reason_from_right_to_left_has_no_visible_direction_marks(shop: Repository) -> None:
    check = judged(pull(shop), "passed", new=1, override_reason="\u05d0 agreed", overridden_at=timezone.now())
    report.publish(check)
    assert status().description == "\u2068Overridden by a former user: \u05d0 agreed\u2069"
    assert "**\u2068Overridden by a former user: \u05d0 agreed\u2069**" in comment().body


def test_an_annotation_says_that_its_line_is_that_of_the_merged_file(shop: Repository) -> None:
    check = judged(pull(shop), together=1)
    finding(check, "together", message="It is gone.")
    report.publish(check)
    assert [row.message for row in status().annotations] == [
        "It is gone. Only once this is merged, with the line as it is then. High risk"
    ]


def test_attaching_a_forge_has_known_heads_judged_again(shop: Repository) -> None:
    found = Connection.objects.get()
    Attachment.objects.all().delete()
    connections.attach(shop, found, "team/shop")
    assert not Job.objects.filter(kind="recheck").exists()
    judged(pull(shop), "passed")
    Attachment.objects.all().delete()
    connections.attach(shop, found, "team/shop")
    assert Job.objects.get(kind="recheck").cause == "Forge attached"


def test_the_id_of_a_comment_at_another_forge_is_not_used(shop: Repository) -> None:
    report.publish(check := judged(pull(shop), new=1))
    OutboxItem.objects.update(remote_id="12")
    report.publish(check)
    assert set(OutboxItem.objects.values_list("remote_id", flat=True)) == {"12"}
    Connection.objects.update(api_url="https://git.example.net/api/v1")
    report.publish(check)
    assert set(OutboxItem.objects.values_list("remote_id", "host")) == {("", "git.example.net")}
