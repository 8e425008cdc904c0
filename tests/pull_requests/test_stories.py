"""Each forge's story: webhooks come in over HTTP, a worker judges the heads, and the forge's API receives a
status for each head and at most one comment. Every delivery comes twice, and the API fails once.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from compliance.models import Job, PullRequest, PullRequestCheck
from tests.integrations.senders import Forge, Sent, bitbucket, bitbucket_dc, gitea, github, gitlab
from tests.processes import Start, wait
from tests.pull_requests.stories import FORK_ID, Origin, Setting, Story, case_of, hurry, pending, telling
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, NEW, OLD, git, tracked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SUPPRESSION = "# ssot: ignore[shared] because it waits"
SUPPRESSED = f"from app.home import get_it  {SUPPRESSION}\nx = get_it()  {SUPPRESSION}\n"
GITHUB, GITLAB, GITEA, BITBUCKET, BITBUCKET_DC = cast(
    "tuple[Forge, ...]", (github, gitlab, gitea, bitbucket, bitbucket_dc)
)
SETTINGS = (
    Setting(
        GITHUB,
        case_of("github"),
        "refs/pull/41/head",
        "https://github.com/northwind/shop",
        "blob/{sha}/app/d.py#L2",
    ),
    Setting(
        GITHUB,
        case_of("github"),
        "refs/pull/41/head",
        "https://github.com/northwind/shop",
        "blob/{sha}/app/d.py#L2",
        is_app=True,
    ),
    Setting(
        GITLAB,
        case_of("gitlab"),
        "refs/merge-requests/41/head",
        "https://gitlab.example.org/northwind/teams/shop",
        "-/blob/{sha}/app/d.py#L2",
        states={"failed": "failure"},
    ),
    Setting(
        GITEA,
        case_of("gitea"),
        "refs/pull/41/head",
        "https://gitea.example.org/northwind/shop",
        "src/commit/{sha}/app/d.py#L2",
    ),
    Setting(
        BITBUCKET,
        case_of("bitbucket"),
        "refs/heads/part",
        "https://bitbucket.org/northwind/shop",
        "src/{sha}/app/d.py#lines-2",
        text=lambda row: str(row["content"]["raw"]),
        states={"FAILED": "failure", "SUCCESSFUL": "success", "INPROGRESS": "pending"},
    ),
    Setting(
        BITBUCKET_DC,
        case_of("bitbucket-dc"),
        "refs/pull-requests/41/from",
        "https://git.example.org/projects/NW/repos/shop",
        "browse/app/d.py?at={sha}#2",
        text=lambda row: str(row["text"]),
        states={"FAILED": "failure", "SUCCESSFUL": "success", "INPROGRESS": "pending"},
    ),
)


@pytest.fixture(params=SETTINGS, ids=str)
def story(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    live_server: LiveServer,
    process_environment: dict[str, str],
    start: Start,
) -> Iterator[Story]:
    """A tracked repository that blocks new violations, its forge, and a worker."""
    write_history(tmp_path / "r.git", HISTORY)
    repository = tracked(tmp_path / "r.git")
    start({**process_environment, "OUTGOING_ALLOW": "127.0.0.1/32"}, "worker", app="compliance")
    with telling(request.param, Origin(tmp_path / "r.git"), repository, live_server) as found:
        found.policy(level="block")
        yield found


def test_a_pull_request_from_its_first_head_to_its_end(story: Story) -> None:
    main = git(story.origin.folder, "rev-parse", "main")
    first = _a_new_violation_fails(story, main)
    fixed = _a_fix_resolves_it(story, first)
    _a_suppression_is_treated_as_the_policy_says(story, fixed)
    forced = _a_forced_push_is_judged_for_itself(story, main)
    tip = _what_others_added_to_the_target_is_not_reported(story, main)
    _a_head_is_judged_again_when_its_base_moves(story, tip)
    _a_pull_request_to_another_branch_gets_no_status(story, forced)
    if story.setting.forge.NAME == "github":
        _a_group_of_the_merge_queue_gets_a_status(story, main)
    _a_closed_one_is_left_alone_until_it_is_reopened(story, main)
    _nothing_is_published_after_the_end(story, main)
    assert len(story.peer.store["comments"]) == 1


def _a_new_violation_fails(story: Story, main: str) -> str:
    head = story.head(main, app__d=OLD)
    story.peer.trouble("status", status=500, **story.setting.case.writes, times=1)
    story.tell("opened", head)
    story.until(head, "failure", "2 new violations, 2 block")
    words = story.comment()
    base = f"`{head[:12]}` was compared with `{main[:12]}`"
    line = f"{story.setting.web}/{story.setting.line.format(sha=head)}"
    assert f"- [`app/d.py:2`]({line}) `shared`" in words
    assert base in words
    assert "# ssot: ignore[shared] because <reason>" in words
    assert f"/repositories/{story.repository.slug}/pull-requests/41/)" in words
    return head


def _a_fix_resolves_it(story: Story, first: str) -> str:
    head = story.head(first, app__d=NEW)
    story.tell("updated", head, before=first)
    story.until(head, "success", "No new violations")
    story.until_comment(": resolved")
    assert story.status(first)[0] == "failure", "each head keeps its own status"
    return head


def _a_suppression_is_treated_as_the_policy_says(story: Story, former: str) -> None:
    head = story.head(former, app__d=SUPPRESSED)
    story.tell("updated", head, before=former)
    story.until(head, "success", "2 suppressed by comments")
    story.until_comment("Suppressed by this pull request")
    story.policy(suppressions="block")
    story.until(head, "failure", "2 suppressed by comments")
    story.policy(suppressions="warn")
    story.until(head, "success")


def _a_forced_push_is_judged_for_itself(story: Story, main: str) -> str:
    head = story.head(main, app__e=NEW)
    story.tell("updated", head, before="c" * 40)
    story.until(head, "success", "No new violations")
    story.until_comment(": resolved")
    return head


def _what_others_added_to_the_target_is_not_reported(story: Story, main: str) -> str:
    tip = story.origin.commit("refs/heads/main", main, app__f=OLD)
    story.send(story.setting.forge.push("main", main, tip))
    head = story.head(tip, app__e=NEW)
    story.tell("updated", head, before="c" * 40)
    story.until(head, "success", "No new violations")
    assert PullRequestCheck.objects.get(head_sha=head).base_sha == tip
    return tip


def _a_head_is_judged_again_when_its_base_moves(story: Story, tip: str) -> None:
    """Its first commit is merged before it, so that it no longer adds that one's violations."""
    first = story.origin.commit("refs/heads/other", tip, app__m=OLD)
    head = story.head(first, app__n=NEW)
    story.tell("updated", head, before="c" * 40)
    story.until(head, "failure", "2 block")
    story.until_comment("app/m.py:2")
    git(story.origin.folder, "update-ref", "refs/heads/main", first)
    story.send(story.setting.forge.push("main", tip, first))
    story.until(head, "success", "No new violations")
    story.until_comment(": resolved")
    assert PullRequestCheck.objects.get(head_sha=head).base_sha == first


def _a_pull_request_to_another_branch_gets_no_status(story: Story, forced: str) -> None:
    story.tell("retargeted", forced, base="release", before="main")
    row = PullRequest.objects.get()
    assert (row.state, row.base) == ("closed", "release")
    story.until_comment(": not checked\n\nThis pull request no longer targets `main`")
    other = story.head(forced, app__d=OLD)
    story.tell("updated", other, base="release", before=forced)
    head = story.head(forced, app__g=OLD)
    story.tell("retargeted", head, base="main", before="release", fork=True)
    if story.setting.forge.NAME == "gitlab":
        story.until(head, "failure", "2 block")
        # GitLab shows and requires only what is in the fork.
        rows = [row for row in story.peer.store["statuses"] if row["sha"] == head]
        assert {row["project"] for row in rows} == {story.setting.case.project, FORK_ID}
        assert {row["status"] for row in rows if not row["retried"]} == {"failed"}
        story.until_comment("app/g.py:2")
    elif story.setting.forge.NAME == "bitbucket":
        _a_fork_that_cannot_be_read_is_an_error(head)
    else:
        story.until(head, "failure", "2 block")
        story.until_comment("app/g.py:2")
    assert story.status(other) == ("", "")


def _a_fork_that_cannot_be_read_is_an_error(head: str) -> None:
    """Of a fork, Bitbucket Cloud has no ref in the repository itself."""
    checks = PullRequestCheck.objects.filter(head_sha=head[:12], state="error")
    wait(checks.exists, 90)
    assert "is in the fork https://forge.example.org/ada/shop, which can't be read" in checks[0].reason


def _a_group_of_the_merge_queue_gets_a_status(story: Story, main: str) -> None:
    ref = "refs/heads/gh-readonly-queue/main/pr-41"
    head = story.origin.commit(ref, main, app__h=OLD)
    story.know(head)
    group = {
        "head_sha": head,
        "head_ref": ref,
        "base_ref": "refs/heads/main",
        "base_sha": main,
    }
    payload = {"action": "checks_requested", "merge_group": group, "repository": github.REPOSITORY}
    story.send(Sent("merge_group", {**payload, "sender": github.ADA}))
    story.until(head, "failure", "2 block")
    story.policy(level="warn")
    story.until(head, "success")
    story.policy(level="block")
    story.until(head, "failure", "2 block")
    # A group that is this old has left the queue and is not judged again.
    groups = PullRequestCheck.objects.filter(pull_request=None)
    groups.update(requested_at=timezone.now() - timedelta(hours=7))


def _a_closed_one_is_left_alone_until_it_is_reopened(story: Story, main: str) -> None:
    """Bitbucket Cloud can't reopen a pull request."""
    head = story.head(main, app__j=OLD)
    story.tell("closed", head, state="closed")
    wait(_is_idle, 90)
    assert PullRequest.objects.get().state == "closed"
    assert story.status(head) == ("", "")
    if story.setting.forge.NAME != "bitbucket":
        story.tell("reopened", head)
        story.until(head, "failure", "2 block")
        story.until_comment("app/j.py:2")


def _nothing_is_published_after_the_end(story: Story, main: str) -> None:
    head = story.head(main, app__k=OLD)
    story.tell("merged", head, state="merged")
    wait(_is_idle, 90)
    before = story.peer.calls
    story.policy(level="warn")
    wait(_is_idle, 90)
    assert PullRequest.objects.get().state == "merged"
    assert story.status(head) == ("", "")
    assert story.peer.calls == before


def _is_idle() -> bool:
    """Return true if no job is left, and nothing to be sent."""
    hurry()
    return not pending() and not Job.objects.filter(state__in=("waiting", "running")).exists()
