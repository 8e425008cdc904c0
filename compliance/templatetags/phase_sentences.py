"""Sentences about phases that depend on more than one condition."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from compliance.lib.wording import count_of, format_pace
from compliance.models import Phase
from compliance.progress.phase_status import days_late
from compliance.templatetags.show import when

register = template.Library()


@register.simple_tag
def closing_sentence(phase: Phase, slug: str) -> SafeString | str:
    """Return when and by which commit a phase was closed, or when it will be closed."""
    if not phase.closed_at:
        return "closes automatically when all are met"
    by: SafeString | str = ""
    if phase.closed_by:
        address = reverse("commit", args=[slug, phase.closed_by.sha])
        by = format_html(' by <a href="{}">{}</a>', address, phase.closed_by.sha[:10])
    return format_html("closed {}{}{}", when(phase.closed_at, "day"), by, _lateness(days_late(phase)))


@register.simple_tag
def files_left(row: dict[str, Any], slug: str, dimension: str) -> SafeString | str:
    """Return in how many files a phase or an issue has violations left, as a link to these files."""
    if not row["left"]:
        return ""
    address = f"{reverse('files', args=[slug])}?{urlencode({dimension: row['key']})}"
    return format_html('in <a href="{}">{}</a>', address, count_of(row["files"], "file"))


@register.simple_tag
def removed_note(row: dict[str, Any]) -> str:
    """Return, after a space, how many of the fixed violations were in removed files, or an empty string."""
    return f" ({row['fixed_gone']:,} in removed files)" if row["fixed_gone"] else ""


@register.simple_tag
def fixed_of_total(row: dict[str, Any], slug: str) -> SafeString | str:
    """Return how many of a phase's violations are fixed, as a link to these violations."""
    so_far = " so far" if row["so_far"] else ""
    if not row["total"]:
        return f"nothing found{so_far}" if so_far else "nothing in this phase"
    query = urlencode({"state": "resolved", "after": "baseline", "phase": row["key"]})
    address = f"{reverse('violations', args=[slug])}?{query}"
    numbers = f"{row['fixed']:,}", f"{row['total']:,}"
    removed = removed_note(row)
    return format_html('<a href="{}">{}</a> of {}{}{}', address, *numbers, removed, so_far)


@register.simple_tag
def dates_note(row: dict[str, Any], late: bool = True) -> SafeString | str:
    """Return a phase's due date or, if it has none, its start date. With `late`, also return how late it was
    closed.
    """
    if not row["due"]:
        return format_html("from {}", when(row["start"])) if row["start"] else ""
    if late and row["days_late"]:
        return format_html("due {}, closed{}", when(row["due"]), _lateness(row["days_late"]))
    return format_html("due {}", when(row["due"]))


@register.simple_tag
def progress_note(row: dict[str, Any]) -> SafeString | str:
    """Return when a phase was closed or when no violations are expected to be left."""
    if row["closed_at"]:
        return format_html("closed {}{}", when(row["closed_at"], "day"), _lateness(row["days_late"]))
    return estimate_note(row)


def _lateness(days: int) -> SafeString | str:
    return format_html(' <strong class="down">{} late</strong>', count_of(days, "day")) if days else ""


@register.simple_tag
def estimate_note(row: dict[str, Any], alternative: SafeString | str = "") -> SafeString | str:
    """Return when no violations are expected to be left, or the alternative if that is unknown."""
    return f"expected {range_note(row)}" if row["left"] and row["span"] else alternative


@register.simple_tag
def range_note(row: dict[str, Any], said: str | None = "") -> str:
    """Return when no violations are expected to be left and the chance of meeting the due date, or why there
    is no date. A reason that the page has `said` already isn't repeated.
    """
    if not row["span"]:
        return "no date" if said and row["reason"] == said else str(row["reason"])
    chance = f"{row['chance_text']} chance by the due date" if row["chance_text"] else ""
    return ", ".join(part for part in (row["span"], row["too_slow"], chance) if part)


@register.simple_tag
def start_note(phase: Phase) -> SafeString | str:
    """Return the date on which a phase starts."""
    return format_html("from {}", when(phase.start)) if phase.start else ""


@register.simple_tag
def pace_note(row: dict[str, Any]) -> str:
    """Return a phase's current pace and, if it has a due date, the required pace."""
    required = f", {format_pace(row['needed'])} required" if row["needed"] else ""
    return f"pace {format_pace(row['pace'])} per week{required}"


@register.simple_tag
def criteria_met(row: dict[str, Any]) -> str:
    """Return how many of a phase's criteria are met."""
    return f"{row['holding']} of {len(row['results'])}"


@register.simple_tag
def pending_reports(number: int) -> str:
    """Return how many test reports are for commits that are not on the tracked branch yet."""
    return f"{count_of(number, 'test report')} pending: the commit is not on the tracked branch yet."
