"""Sentences about the findings of a pull request's head."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from compliance.lib.field_types import visible
from compliance.models import CheckFinding, Repository
from compliance.pull_requests.together import together_sentence
from compliance.queries.patches import PatchLine, patch_lines
from compliance.queries.pull_request_heads import FindingList, FindingRow
from compliance.templatetags.show import breakable
from compliance.templatetags.waiver_sentences import waiver_sentence

register = template.Library()

Kind = CheckFinding.Kind

TITLES = {
    Kind.NEW: "New",
    Kind.TOGETHER: "Together with newer commits",
    Kind.SUPPRESSED: "Suppressed",
    Kind.RESTORED: "Counted again",
    Kind.MOVED_OUT: "Moved out",
    Kind.MOVED: "Moved",
    Kind.FIXED: "Fixed",
    Kind.DOUBT: "In doubt",
}
GLOSSES = {
    Kind.TOGETHER: "only once this is merged",
    Kind.SUPPRESSED: "by a comment, not fixed",
    Kind.RESTORED: "no longer suppressed",
    Kind.MOVED_OUT: "where the plan doesn't count",
    Kind.MOVED: "same code, new location",
    Kind.DOUBT: "could not be judged",
}
"""Short explanations beside the number of each kind."""
NOTES = {
    Kind.TOGETHER: "These violations exist only once the target's newer commits are merged.",
    Kind.SUPPRESSED: "Comments in the code exclude these violations from the figures. They are not fixed.",
    Kind.RESTORED: "The comments that suppressed these violations were removed or have expired.",
    Kind.MOVED_OUT: "These violations are moved to where the plan doesn't count them. They are not fixed.",
    Kind.DOUBT: "Nothing can be said with certainty about these places.",
}
"""Explanations above the list of each kind."""


@register.simple_tag
def kind_title(kind: str) -> str:
    """Return the title of a kind of finding."""
    return TITLES[Kind(kind)]


@register.simple_tag
def kind_gloss(kind: str) -> str:
    """Return a short explanation of a kind of finding."""
    return GLOSSES[Kind(kind)]


@register.simple_tag
def kind_note(kind: str) -> str:
    """Return the explanation of a kind of finding, or an empty string if it needs none."""
    return NOTES.get(Kind(kind), "")


@register.simple_tag
def limit_note(part: FindingList) -> str:
    """Say that a list of findings is limited and where the rest is, or return an empty string."""
    notes = []
    if part.stored > len(part.rows):
        notes.append(f"{part.stored - len(part.rows):,} more are in the CSV file.")
    if part.total > part.stored:
        stored = f"Only {part.stored:,} of {part.total:,} are stored."
        notes.append(f"{stored} `python -m scanner check` on the branch lists all of them.")
    return " ".join(notes)


@register.simple_tag
def finding_place(finding: CheckFinding) -> SafeString:
    """Return the path and line of a finding; the line is left out if there is none."""
    return (
        format_html("{}:{}", breakable(finding.path), finding.line)
        if finding.line
        else breakable(finding.path)
    )


@register.simple_tag
def finding_url(repository: Repository, row: FindingRow) -> str:
    """Return the address of the file's page, at the line unless the tracked branch may have another one."""
    address = reverse("file", args=[repository.slug, row.file])
    line = row.finding.line if row.finding.kind == Kind.FIXED else 0
    return f"{address}?{urlencode({'line': line})}#L{line}" if line else address


@register.simple_tag
def finding_role(finding: CheckFinding) -> str:
    """Return the role, scope and category of a finding, as far as it has them."""
    role = f"{finding.role} in {finding.scope}" if finding.role and finding.scope else finding.role
    return ", ".join(part for part in (role, finding.category) if part)


@register.simple_tag
def finding_sentence(finding: CheckFinding, branch: str) -> SafeString:
    """Say why something is a finding, where it was before, and which waiver covers it."""
    parts = []
    if finding.message:
        parts.append(format_html("{}.", finding.message.removesuffix(".")))
    if finding.kind == Kind.SUPPRESSED:
        reason = finding.reason.removesuffix(".") or "no reason given"
        parts.append(format_html("Suppressed: {}.", reason))
    if finding.former_path:
        place = f"{visible(finding.former_path)}:{finding.former_line}"
        parts.append(format_html('Moved from <span class="path">{}</span>.', place))
    if finding.kind == Kind.TOGETHER:
        parts.append(format_html("{}", together_sentence(finding, branch)))
    if finding.phases or finding.issues:
        parts.append(format_html("Belongs to {}.", ", ".join([*finding.issues, *finding.phases])))
    if finding.waiver:
        parts.append(waiver_sentence(finding.waiver))
    return format_html_join(" ", "{}", ((part,) for part in parts))


@register.simple_tag
def repeated_patch(row: FindingRow) -> str:
    """Say which patch of the list fixes a finding that has no patch of its own."""
    return f"Also fixed by the patch for {visible(row.finding.path)}:{row.patch_line}."


@register.filter
def diff_lines(patch: str) -> list[PatchLine]:
    """Return the lines of a patch with their kinds."""
    return patch_lines(patch if patch.endswith("\n") else f"{patch}\n")
