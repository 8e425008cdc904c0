"""Sentences that several pages print and that depend on more than one condition."""

from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from compliance.lib import wording
from compliance.lib.wording import count_of, format_pace, join_names
from compliance.models import (
    Approval,
    Claim,
    FileState,
    PlanVersion,
    PublicLink,
    Repository,
    Snapshot,
    Violation,
)
from compliance.progress.preliminary import forecast_pending, preliminary
from compliance.scans import plan_editing
from compliance.templatetags.show import when

register = template.Library()


@register.simple_tag
def history_sentence(
    repository: Repository, history: dict[str, Any], *, is_public: bool = False
) -> SafeString | str:
    """Describe how far back the recorded history goes and how much remains to be evaluated. A public page has
    no link to the commits.
    """
    if history["oldest"] is None:
        return ""
    since, left = when(history["oldest"].committed_at, "day"), count_of(history["to_go"], "commit")
    if repository.rejudging and repository.plan and repository.line_plan:
        return format_html(
            "Re-evaluating history under plan version {new}: {left} left{time}. Until it finishes, the "
            "trend shows version {old} up to the plan change. The latest commit's figures already use "
            "version {new}, and fixed violations are counted back to {since}.",
            new=repository.plan.number,
            old=repository.line_plan.number,
            left=left,
            time=history["time"],
            since=since,
        )
    unread = count_of(history["unread"], "older commit")
    if history["to_go"]:
        limited = f"; {unread} will not be read" if history["unread"] else ""
        return format_html(
            "Backfilling history: recorded back to {}, {} left{}{}.", since, left, history["time"], limited
        )
    if not repository.history_done:
        return format_html(
            "All commits back to {} are read. The baseline is being chosen, and regressions counted anew.",
            since,
        )
    commits: SafeString | str = count_of(history["total"], "commit")
    if not is_public:
        commits = format_html('<a href="{}">{}</a>', reverse("commits", args=[repository.slug]), commits)
    if history["unread"]:
        return format_html("History read since {}: {}; {} not read.", since, commits, unread)
    return format_html("Complete history since {}: {}.", since, commits)


@register.simple_tag
def preliminary_sentence(repository: Repository) -> str:
    """Return which figures can still change while history is read, or an empty string."""
    return preliminary(repository)


@register.simple_tag
def no_action_sentence(repository: Repository) -> str:
    """Return the text for a repository in which nobody has to act, as far as is known."""
    if preliminary(repository):
        return "Nothing is known to wait for anybody yet."
    return "Nothing waits for anybody: no open regressions, no late phases, no requests."


@register.simple_tag
def forecast_pending_sentence(repository: Repository) -> str:
    """Return why there is no forecast yet."""
    return forecast_pending(repository)


@register.simple_tag
def no_regression_sentence(history: dict[str, Any], dated: bool) -> str:
    """Return the text for a repository without regressions."""
    since = "the first phase started" if dated else "the baseline, the commit with the most violations"
    scope = " in the history recorded so far" if history["to_go"] or history["unread"] else ""
    return f"No regressions since {since}{scope}."


@register.simple_tag
def regression_sentence(commit: dict[str, Any]) -> str:
    """Describe the violations that a regression introduced and the phases that it reopened."""
    said = []
    if commit["places"]:
        clean = f" ({commit['clean_files']:,} previously clean)" if commit["clean_files"] else ""
        files = f"{count_of(commit['files'], 'file')}{clean}"
        said.append(f"{count_of(commit['places'], 'violation')} introduced in {files}")
    if commit["reopened"]:
        said.append(f"{count_of(len(commit['reopened']), 'phase')} reopened")
    return ", ".join(said)


@register.simple_tag
def regression_extent(broken: list[dict[str, Any]]) -> str:
    """Return how many regressions are listed, out of how many."""
    total = broken[0]["in_all"]
    if total > len(broken):
        return f"the newest {len(broken)} of {count_of(total, 'regression')}"
    return count_of(total, "regression")


@register.simple_tag
def regression_outcome(commit: dict[str, Any]) -> str:
    """Return how many violations introduced by a regression are open or suppressed, or say that all are
    fixed.
    """
    if commit["standing"]:
        return f"{commit['standing']:,} still open"
    if commit["suppressed"]:
        return f"{commit['suppressed']:,} suppressed by a comment"
    return "fixed since" if commit["places"] else "no violations introduced"


@register.simple_tag
def regression_owners(commit: dict[str, Any]) -> str:
    """Name the owners of the files with open violations, in a sentence, if they are known."""
    return f"Owned by {join_names(commit['owners'])}. " if commit.get("owners") else ""


@register.simple_tag
def regression_advice(commit: dict[str, Any]) -> str:
    """Say what to do about a regression."""
    if commit["standing"]:
        return f"Fix or revert {count_of(commit['standing'], 'open violation')}."
    if commit["suppressed"]:
        return "Check the reasons given in the suppression comments."
    if commit["reopened"]:
        return "Check the criteria of the reopened phase."
    return "Nothing left to do."


@register.simple_tag
def regression_state(commit: dict[str, Any]) -> SafeString:
    """Return a label that shows if the violations introduced by a regression are open, suppressed or
    fixed.
    """
    if commit["standing"]:
        part = commit["standing"] < commit["places"]
        label = f"{commit['standing']:,} of {commit['places']:,} open" if part else "open"
        return format_html('<span class="state state-regressed">{}</span>', label)
    if commit["suppressed"]:
        return SafeString('<span class="state state-suppressed">suppressed</span>')
    if not commit["places"]:
        return SafeString('<span class="state state-regressed">phase reopened</span>')
    return SafeString('<span class="state state-migrated">fixed</span>')


@register.simple_tag
def introduced_sentence(violation: Violation, slug: str) -> SafeString | str:
    """Return the commit that introduced a violation, or made it count again. If a suppression ran out, the
    commit is only the first one after its last day, so its author isn't named.
    """
    if violation.introduced is None:
        return ""
    if violation.ran_out:
        return format_html(
            'Counted again since {}: the comment that suppressed it has expired (<a href="{}">first commit'
            " afterwards</a>).",
            when(violation.introduced.committed_at, "day"),
            reverse("commit", args=[slug, violation.introduced.sha]),
        )
    verb = "Counted again since" if violation.restored else "Introduced by"
    return _by_commit(verb, violation.introduced, slug)


@register.simple_tag
def resolved_sentence(violation: Violation, slug: str) -> SafeString | str:
    """Return the commit that resolved a violation."""
    return _by_commit("Resolved by", violation.resolved, slug) if violation.resolved else ""


def _by_commit(verb: str, commit: Any, slug: str) -> SafeString:
    subject = commit.subject if len(commit.subject) <= 70 else f"{commit.subject[:69]}…"
    return format_html(
        '{} <a href="{}">{}</a>, {}, {}.',
        verb,
        reverse("commit", args=[slug, commit.sha]),
        subject or "(no subject)",
        commit.author_name,
        when(commit.committed_at, "day"),
    )


@register.simple_tag
def unreadable_reason(state: FileState) -> str:
    """Return the reason why a file was skipped or could not be parsed."""
    if state.skipped:
        return state.skipped
    return f"{state.unparsed}, line {state.unparsed_line:,}" if state.unparsed_line else state.unparsed


@register.simple_tag
def claim_rule(claim: Claim, reader: User | AnonymousUser) -> str:
    """Explain how a claim is renewed and completed."""
    who = "you" if claim.person == reader else "them"
    return f"Each commit by {who} that changes the file renews the claim. Fixing the last violation ends it."


@register.simple_tag
def owners_sentence(owners: list[str]) -> str:
    """Return a sentence about the owners of a file according to CODEOWNERS."""
    return f"Owned by {join_names(owners)}." if owners else ""


@register.simple_tag
def version_name(version: PlanVersion, repository: Repository) -> str:
    """Return a plan version's number, marked if it is the active one, or the one that becomes active next."""
    if version.pk == repository.plan_id:
        return f"{version.number} (active)"
    holds = plan_editing.current(repository)
    return f"{version.number} (being activated)" if holds and version.pk == holds.pk else str(version.number)


@register.simple_tag
def current_pace_note(forecast: dict[str, Any]) -> str:
    """Return the unit of the current pace, or the reason why there is no pace."""
    if forecast["reached"]:
        return "target reached"
    if forecast["kept"] is None:
        return "not enough history"
    period = count_of(forecast["kept_weeks"], "week")
    return f"files per week ({format_pace(forecast['kept_points'])} points), over {period}"


@register.simple_tag
def required_pace_note(forecast: dict[str, Any], target: float) -> SafeString | str:
    """Return the unit of the required pace and its due date, or the reason why there is no required pace."""
    if not forecast["due"]:
        return "the plan has no due date"
    if forecast["needed"] is None:
        return format_html("the due date, {}, has passed", when(forecast["due"]))
    points, goal = format_pace(forecast["needed_points"]), f"{target:g}"
    note = "files per week ({} points) to reach {}% by {}"
    return format_html(note, points, goal, when(forecast["due"]))


@register.simple_tag
def call_sites_note(snapshot: Snapshot) -> str:
    """Return how many call sites still use the old form."""
    return f"{snapshot.old_sites:,} left"


@register.simple_tag
def approval_sentence(approval: Approval, slug: str) -> SafeString:
    """Describe an approval by its person, role, time, commit and comment."""
    at = ""
    if approval.commit:
        address = reverse("commit", args=[slug, approval.commit.sha])
        at = format_html(', at <a href="{}">{}</a>', address, approval.commit.sha[:10])
    return format_html(
        "<strong>{}</strong> approved as {}, {}{}: “{}”",
        approval.person or "a former user",
        approval.role,
        when(approval.created_at),
        at,
        approval.comment,
    )


@register.simple_tag
def withdrawal_sentence(approval: Approval) -> SafeString:
    """Describe the withdrawal of an approval by its time and person."""
    by = f" by {approval.withdrawn_by}" if approval.withdrawn_by else ""
    return format_html("withdrawn {}{}", when(approval.withdrawn_at), by)


@register.simple_tag
def link_sentence(link: PublicLink) -> SafeString:
    """Describe a public link by its creator, last day and last use."""
    by = f" by {link.person}" if link.person else ""
    valid = format_html("valid until {}", when(link.until)) if link.until else "valid until revoked"
    used = format_html("last used {}", when(link.last_used_at, "ago")) if link.last_used_at else "never used"
    commits = ", shows commit subjects and authors" if link.show_commits else ""
    return format_html("created {}{}, {}, {}{}", when(link.created_at, "day"), by, valid, used, commits)


@register.filter
def with_article(role: str) -> str:
    """Return a role with its indefinite article."""
    return wording.with_article(role)


@register.filter
def contact(person: User) -> str:
    """Return a person's full name and e-mail address, if they are known."""
    return ", ".join(filter(None, (person.get_full_name(), person.email)))
