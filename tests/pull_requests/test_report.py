"""What is published about a check: built from the records when it is sent, short, and harmless to others."""

import html
import re
from typing import Any

import pytest
from django.utils import timezone

from compliance.integrations.delivery import NotNeededError
from compliance.integrations.outbound import Comment, Status, StatusState
from compliance.models import (
    Attachment,
    CheckFinding,
    Connection,
    GatePolicy,
    OutboxItem,
    PullRequest,
    PullRequestCheck,
    Repository,
)
from compliance.pull_requests import report

pytestmark = pytest.mark.django_db

HEAD, BASE = "a" * 40, "b" * 40
NASTY = "@ada #12 GH-3 `x` <img src=x onerror=y> [l](https://e.org) **b** \u202e"


@pytest.fixture
def shop() -> Repository:
    """A repository that is connected to a forge."""
    repository = Repository.objects.create(
        slug="shop", name="Shop", url="/srv/shop.git", web_url="https://forge.example.org/team/shop"
    )
    found = Connection.objects.create(
        slug="forge", name="Forge", provider="gitea", api_url="https://forge.example.org/api/v1", token="t"
    )
    Attachment.objects.create(repository=repository, connection=found, kind="forge", project="team/shop")
    return repository


def pull(repository: Repository, number: int = 7, head: str = HEAD, **values: Any) -> PullRequest:
    """Store a pull request."""
    known = {"title": "T", "url": "", "author": "ada", "state": "open", "base": "main", "source": "topic"}
    return PullRequest.objects.create(
        repository=repository, number=number, head_sha=head, updated_at=timezone.now(), **(known | values)
    )


def judged(of: PullRequest, state: str = "failed", head: str = "", **values: Any) -> PullRequestCheck:
    """Store a verdict on the head of a pull request."""
    known: dict[str, Any] = {"base_sha": BASE, "base_reason": "It is the merge base with main."}
    known["judged_at"] = None if state == "pending" else timezone.now()
    return PullRequestCheck.objects.create(
        repository=of.repository,
        pull_request=of,
        head_sha=head or of.head_sha,
        state=state,
        **(known | values),
    )


def finding(check: PullRequestCheck, kind: str = "new", **values: Any) -> CheckFinding:
    """Store a finding."""
    known = {
        "path": "shop/jobs.py",
        "line": 12,
        "rule": "sites",
        "message": "Uses the old API.",
        "risk": "high",
    }
    return CheckFinding.objects.create(pull_request_check=check, kind=kind, **(known | values))


def status() -> Status:
    """Return the status as it would be sent."""
    found = report.write_status(OutboxItem.objects.get(kind="status"))
    assert isinstance(found, Status)
    return found


def comment() -> Comment:
    """Return the comment as it would be sent."""
    found = report.write_pull_comment(OutboxItem.objects.get(kind="comment"))
    assert isinstance(found, Comment)
    return found


def kinds() -> list[str]:
    return sorted(OutboxItem.objects.values_list("kind", flat=True))


def test_a_pending_head_has_a_status_and_no_comment(shop: Repository) -> None:
    report.publish_pending(judged(pull(shop), "pending"))
    assert kinds() == ["status"]
    found = status()
    assert (found.state, found.name, found.ref) == (StatusState.PENDING, "ssot-compliance/shop", "topic")
    assert found.url.endswith("/repositories/shop/pull-requests/7/")


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

Proven patch for `shop/jobs.py:12`:

```diff
--- a
+++ b
@@ -1 +1 @@
-old
+new
```

To keep a violation, give the reason in a comment at the end of its line, or on the line before the statement; `until=YYYY-MM-DD` before `because` lets it end. See `docs/pull-requests.md`. The comment is listed here, but doesn't block.

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
    check = judged(pull(shop), "passed", new=3, restored=2)
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
    OutboxItem.objects.filter(kind="status").update(revision=0)
    report.publish(check)
    assert OutboxItem.objects.get(kind="status").revision == 1
    assert (status().state, status().description) == (
        StatusState.SUCCESS,
        "This repository's policy for pull requests is off",
    )
    with pytest.raises(NotNeededError):
        comment()


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


def test_what_is_suppressed_and_what_breaks_only_together_is_listed(shop: Repository) -> None:
    other = pull(shop, 12, "e" * 40)
    check = judged(pull(shop), suppressed=1, moved_out=1, together=2, blocking=1, doubts=1)
    finding(check, "suppressed", message="")
    finding(check, "moved out", path="vendor/x.py", message="")
    finding(
        check, "together", other=other, cause_sha="f" * 40, is_blocking=True, message="The method is gone."
    )
    finding(check, "together", path="shop/b.py", cause_sha="d" * 40, message="")
    finding(check, "doubt", line=0, rule="", risk="", message="It does not parse.")
    report.publish(check)
    assert status().description == (
        "No new violations, 1 blocks, 1 suppressed by comments, "
        "1 moved to where the plan doesn't count them, "
        "2 only together with newer commits"
    )
    assert [row.level for row in status().annotations] == ["failure", "warning", "notice", "notice"]
    body = comment().body
    together = "[pull request 12](http://127.0.0.1:8000/repositories/shop/pull-requests/12/)"
    assert "**Only together with newer commits**\n\n- `shop/jobs.py:12` `sites`: " in body
    assert f"The method is gone. (with {together}, which is `ffffffffffff`) (high risk, blocks)" in body
    assert "- `shop/b.py:12` `sites` (with `dddddddddddd`) (high risk)" in body
    assert "**Suppressed by this pull request**\n\n- [`shop/jobs.py:12`](" in body
    assert "**Could not be judged**\n\n- `shop/jobs.py`: It does not parse." in body
    assert "**Moved to where the plan doesn't count them**\n\n- [`vendor/x.py:12`](" in body
    GatePolicy.objects.create(repository=shop, suppressions="allow")
    assert "Suppressed" not in comment().body


def test_what_a_pull_request_causes_in_others_is_reported_even_after_its_merge(shop: Repository) -> None:
    merged, other = pull(shop, state="merged"), pull(shop, 12, "e" * 40)
    check = judged(merged, "passed")
    report.publish(check)
    assert kinds() == ["status"]
    finding(check, "together", other=other, cause_sha="f" * 40, in_other=True, message="It is gone.")
    report.publish(check)
    assert comment().create
    assert "**No new violations, 1 in other pull requests**" in comment().body
    link = "[pull request 12](http://127.0.0.1:8000/repositories/shop/pull-requests/12/)"
    assert "**In other pull requests, only together with this one**\n\n- `shop/jobs.py:12`" in comment().body
    assert f"`sites`: It is gone. (in {link}, since `ffffffffffff`) (high risk)" in comment().body
    with pytest.raises(NotNeededError):
        status()
    check.findings.all().delete()
    assert not comment().create
    assert ": resolved\n" in comment().body


def test_nothing_that_others_wrote_pings_anybody(shop: Repository) -> None:
    Repository.objects.update(name=NASTY)
    check = judged(
        pull(shop, title=NASTY), reason=NASTY, base_reason=NASTY, new=1, suppressed=1, doubts=1, notes=[NASTY]
    )
    for kind in ("new", "suppressed", "doubt"):
        finding(check, kind, path=f"{NASTY}.py", rule=NASTY, message=NASTY, patch=f"+{NASTY}\n```\n@ada")
    report.publish(PullRequestCheck.objects.select_related("repository").get())
    body = comment().body
    assert "\u202e" not in body
    outside = re.sub(r"(?s)^(`{3,}).*?^\1$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`)", "", body, flags=re.MULTILINE)
    outside = re.sub(r"\]\(https?:[^)]*\)", "]", outside)
    assert not re.search(r"<img|\]\(|\*\*b", outside), outside
    assert not re.search(r"@\w|#\d|GH-\d|://", html.unescape(outside)), outside
    assert all("\u202e" not in row.message + row.title for row in status().annotations)


def test_a_comment_is_short_however_much_there_is(shop: Repository) -> None:
    check = judged(pull(shop), new=700, blocking=500, suppressed=600, doubts=9)
    long = "<@x`> " * 2_000
    for kind in ("new", "suppressed", "doubt"):
        CheckFinding.objects.bulk_create(
            CheckFinding(
                pull_request_check=check, kind=kind, path=f"{long}{at}.py", line=at, rule="r" * 200,
                message=long, patch=long if at % 2 else "+x\n" * 59, is_blocking=True,
            )
            for at in range(500)
        )  # fmt: skip
    report.publish(check)
    body = comment().body
    assert len(body) < 32_000
    assert body.count("```diff") == 3
    assert re.search(r"- \[and 6\d\d more\]", body)
    assert len(status().annotations) == 200


def test_a_line_of_a_fork_has_no_address_at_bitbucket_cloud(shop: Repository) -> None:
    Connection.objects.update(provider="bitbucket")
    check = judged(pull(shop, source_url="https://bitbucket.example.org/ada/shop"), new=1)
    finding(check)
    report.publish(check)
    assert "- `shop/jobs.py:12` `sites`" in comment().body
