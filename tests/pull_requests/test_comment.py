"""The texts about a check: short, and harmless to those whom they name."""

import html
import re

import pytest

from compliance.integrations.delivery import NotNeededError
from compliance.integrations.outbound import Comment
from compliance.models import (
    CheckFinding,
    Connection,
    GatePolicy,
    PullRequest,
    PullRequestCheck,
    Repository,
)
from compliance.pull_requests import report
from tests.pull_requests.published import comment, finding, judged, kinds, pull, status

pytestmark = pytest.mark.django_db

NASTY = "@ada #12 GH-3 `x` <img src=x onerror=y> [l](https://e.org) **b** \u202e"


def test_what_is_suppressed_and_what_breaks_only_together_is_listed(shop: Repository) -> None:
    other = pull(shop, 12, "e" * 40)
    check = judged(pull(shop), suppressed=1, moved_out=1, together=2, blocking=1, doubts=1)
    finding(check, "suppressed", message="", reason="It waits for @ada.")
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
    assert " `sites` (reason: It waits for @\u200bada.) (high risk)" in body
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


def test_what_the_policy_ignores_or_allows_is_not_commented(shop: Repository) -> None:
    GatePolicy.objects.create(repository=shop, by_risk={"low": "off"}, level="block", suppressions="allow")
    check = judged(pull(shop), "passed", new=2, uncounted=2, suppressed=3)
    finding(check, risk="low")
    finding(check, risk="low", path="shop/a.py")
    finding(check, "suppressed")
    report.publish(check)
    assert kinds() == ["status"]
    assert (status().description, status().annotations) == ("No new violations", ())
    assert status().summary.startswith("### SSOT compliance of Shop\n\n**No new violations**\n\n")
    check.new = 3
    check.save()
    finding(check, path="shop/b.py")
    report.publish(check)
    assert status().description == "1 new violation (policy: warn)"
    assert "shop/b.py" in comment().body
    assert "shop/a.py" not in comment().body


def test_what_is_hidden_or_only_together_is_ignored_with_its_risk_as_well(shop: Repository) -> None:
    GatePolicy.objects.create(repository=shop, by_risk={"low": "off"}, level="block")
    ignored = {"suppressed": 3, "moved out": 1, "together": 2}
    check = judged(pull(shop), "passed", suppressed=3, moved_out=1, together=2, ignored=ignored)
    for kind in ignored:
        finding(check, kind, risk="low", path=f"shop/{kind[:3]}.py")
    finding(check, "together", risk="low", in_other=True, other=pull(shop, 8, "e" * 40))
    report.publish(check)
    assert kinds() == ["status"]
    assert (status().description, status().annotations) == ("No new violations", ())

    check.suppressed, check.moved_out, check.together = 5, 2, 3
    check.save()
    for kind in ignored:
        finding(check, kind, path="shop/b.py")
    report.publish(check)
    assert status().description == (
        "No new violations, 2 suppressed by comments, 1 moved to where the plan doesn't count them, "
        "1 only together with newer commits"
    )
    assert [row.path for row in status().annotations] == ["shop/b.py"] * 3
    body = comment().body
    assert body.count("`shop/b.py:12`") == 3
    assert not any(f"shop/{kind[:3]}.py" in body for kind in ignored)


def test_why_a_head_was_not_merged_is_said_once(shop: Repository) -> None:
    note = "The head cannot be merged without conflicts."
    report.publish(judged(pull(shop), new=1, blocking=1, notes=[note], merge_note=note))

    assert comment().body.count(note) == 1


def test_a_pull_request_that_targets_another_branch_is_no_longer_checked(shop: Repository) -> None:
    Repository.objects.update(branch="main")
    row = pull(shop, forge_state="open")
    report.publish_left(row)
    assert kinds() == []
    check = judged(row, new=1)
    finding(check)
    report.publish(check)
    PullRequest.objects.update(state="closed", base="release")
    report.publish_left(row)
    assert comment() == Comment(
        "### SSOT compliance of Shop: not checked\n\n"
        "This pull request no longer targets `main`, so it isn't checked any more.",
        create=False,
    )
    with pytest.raises(NotNeededError):
        status()


def test_a_head_of_which_the_first_digits_are_known_has_no_status(shop: Repository) -> None:
    report.publish(judged(pull(shop, head="a" * 12), "error", reason="The fork can't be read."))
    assert kinds() == []
