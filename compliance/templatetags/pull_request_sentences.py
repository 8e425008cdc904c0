"""Sentences and labels about pull requests and the verdicts on their heads."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from compliance.lib.addresses import problem_of_links
from compliance.lib.dates import DASH
from compliance.lib.wording import count_of
from compliance.models import Attachment, CheckResult, PullRequest, PullRequestCheck, Repository
from compliance.queries.pull_request_heads import Compliance
from compliance.queries.pull_requests import pull_check, verdict_words
from compliance.templatetags.show import short_sha, signed, when

register = template.Library()

State = PullRequestCheck.State

CI_STATES = {
    CheckResult.State.PENDING: "running",
    CheckResult.State.PASSED: "passed",
    CheckResult.State.FAILED: "failed",
    CheckResult.State.CANCELLED: "gone",
}
"""Maps the state of a CI result to the label's style."""


@register.simple_tag
def verdict(check: PullRequestCheck | None) -> SafeString:
    """Return a verdict as a label."""
    words = verdict_words(check)
    return format_html('<span class="state state-{}">{}</span>', words.replace(" ", "-"), words)


@register.simple_tag
def verdict_link(pull: PullRequest) -> str:
    """Return the verdict on a pull request's newest commit with its numbers, for a link."""
    words, check = verdict_words(pull_check(pull)), pull_check(pull)
    if check is None or check.files_after is None:
        return words
    counts = [f"{check.new:,} new"] + ([f"{check.fixed:,} fixed"] if check.fixed else [])
    return f"{words}: {', '.join(counts)}"


@register.simple_tag
def pull_mention(pull: PullRequest) -> str:
    """Return a pull request's number and verdict, for a link in a list of files."""
    return f"#{pull.number} {verdict_words(pull_check(pull))}"


@register.simple_tag
def ci_state(result: CheckResult) -> SafeString:
    """Return the state of a CI result as a label."""
    state = CheckResult.State(result.state)
    return format_html('<span class="state state-{}">{}</span>', CI_STATES[state], state.label)


@register.simple_tag
def figure(check: PullRequestCheck | None, name: str) -> SafeString | str:
    """Return a count of a check, or a dash if there is no verdict yet."""
    if check is None or check.files_after is None:
        return format_html('<span class="quiet">{}</span>', DASH)
    number = getattr(check, name)
    return f"{number:,}" if number else SafeString('<span class="quiet">0</span>')


@register.simple_tag
def pull_origin(pull: PullRequest) -> SafeString:
    """Say who proposes which branch for which one."""
    source = f"{pull.source} (fork)" if pull.source and pull.source_url else pull.source
    branches = format_html("{} → {}", source, pull.base) if source and pull.base else source or pull.base
    author = f"by {pull.author}" if pull.author else ""
    separator = ", " if author and branches else ""
    return format_html("{}{}{}{}", author, separator, branches, ", draft" if pull.draft else "")


@register.simple_tag
def verdict_headline(pull: PullRequest, check: PullRequestCheck | None) -> str:
    """Say in one sentence what the verdict on a head is based on."""
    if check is None:
        waits = "The newest commit has not been judged. It is judged at the next push or re-run."
        return waits if pull.state == "open" else "Only open pull requests are judged."
    if check.state == State.PENDING:
        return "This commit is being judged. The page updates itself."
    if check.state == State.ERROR:
        return f"This commit couldn't be judged, which doesn't count as success. {check.reason}".strip()
    return check.reason or _count_sentence(check)


def _count_sentence(check: PullRequestCheck) -> str:
    if check.state == State.FAILED:
        return f"{count_of(check.blocking, 'finding blocks', 'findings block')} it."
    if check.new:
        return f"It adds {count_of(check.new, 'violation')}, which the policy doesn't block."
    return "It adds no violations."


@register.simple_tag
def base_sentence(check: PullRequestCheck) -> SafeString | str:
    """Say what a head was compared with, and why with that commit."""
    if not check.base_sha:
        return ""
    reason = check.base_reason
    if reason.startswith("The "):
        return format_html("Compared with <code>{}</code>, t{}", short_sha(check.base_sha), reason[1:])
    return format_html("Compared with <code>{}</code>. {}", short_sha(check.base_sha), reason)


@register.simple_tag
def judged_sentence(check: PullRequestCheck) -> SafeString | str:
    """Say when, why and under which plan version a head was judged."""
    plan = f" under plan version {check.plan.number}" if check.plan else ""
    cause = f" ({check.cause})" if check.cause else ""
    if check.judged_at is None:
        return format_html("Requested {}{}.", when(check.requested_at), cause)
    return format_html("Judged {}{}{}.", when(check.judged_at), plan, cause)


@register.simple_tag
def override_sentence(check: PullRequestCheck) -> SafeString | str:
    """Say who overrode a verdict and why, or return an empty string."""
    if check.overridden_at is None:
        return ""
    who, at = check.overridden_by_name, when(check.overridden_at)
    return format_html("Overridden by {} {}: {}", who, at, check.override_reason)


@register.simple_tag
def blocking_note(check: PullRequestCheck) -> str:
    """Say how many findings block, for the note under the number of new violations."""
    return f"{check.blocking:,} blocking" if check.blocking else "none blocks"


@register.simple_tag
def compliance_note(compliance: Compliance) -> SafeString | str:
    """Return the numbers of clean files before and after a head, and the change in points."""
    if compliance.clean_after is None or compliance.files_after is None:
        return "not known"
    now = f"{compliance.clean_after:,} of {compliance.files_after:,} files"
    before = (compliance.clean_before, compliance.files_before)
    if before == (compliance.clean_after, compliance.files_after) or None in before:
        return now
    was = f"{before[0]:,} of {before[1]:,} before"
    points = compliance.points
    if not points:
        return f"{now}, {was}"
    tone = "up" if points > 0 else "down"
    return format_html('{}, {}, <span class="{}">{} points</span>', now, was, tone, signed(points))


@register.inclusion_tag("parts/link_problem.html")
def link_problem(repository: Repository | None = None) -> dict[str, str]:
    """Warn if links in statuses and comments don't lead here. Nothing is published about a repository to
    which no forge is connected.
    """
    problem = problem_of_links()
    if problem and repository and not repository.attachments.filter(kind=Attachment.Kind.FORGE).exists():
        problem = ""
    return {"problem": problem}


@register.simple_tag
def no_pulls_title(state: str) -> str:
    """Return the title of a list without pull requests of one state."""
    return f"No {state or 'open'} pull requests"


@register.simple_tag
def no_pulls_hint(is_connected: bool) -> str:
    """Say how the product hears of pull requests."""
    if is_connected:
        return "The connected forge hasn't reported any pull request to the tracked branch."
    return (
        "Each open pull request to the tracked branch is judged once a forge is connected, or its webhook is "
        "installed. Both are on the Settings page."
    )


@register.simple_tag
def group_sentence(check: PullRequestCheck) -> SafeString | str:
    """Describe the check of a group in the merge queue."""
    if check.judged_at is None:
        return format_html("{}, requested {}", short_sha(check.head_sha), when(check.requested_at, "ago"))
    counts = f"{check.new:,} new, {check.fixed:,} fixed, {check.blocking:,} blocking"
    return format_html("{}, {}, judged {}", short_sha(check.head_sha), counts, when(check.judged_at, "ago"))
