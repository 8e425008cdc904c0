"""Sentences about waivers that several pages print."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from compliance.lib.dates import DASH
from compliance.lib.field_types import one_line
from compliance.lib.wording import count_of
from compliance.models import Repository, Waiver
from compliance.templatetags.show import when

register = template.Library()


@register.simple_tag
def waiver_sentence(waiver: Waiver) -> SafeString:
    """Describe a waiver by its last day and its reason."""
    if waiver.until:
        return format_html("Waived until {}: {}.", when(waiver.until), waiver.reason.removesuffix("."))
    return format_html("Waived: {}.", waiver.reason.removesuffix("."))


@register.simple_tag
def waiver_request(waiver: Waiver, count: int) -> SafeString:
    """Describe a request by the violations that it covers, the person, the day and the last day."""
    last = format_html("until {}", when(waiver.until)) if waiver.until else "without an end date"
    return format_html(
        "{}, {}; requested by {} {}.",
        count_of(count, "violation"),
        last,
        waiver.person or "a former user",
        when(waiver.created_at, "ago"),
    )


@register.simple_tag
def waiver_decision(waiver: Waiver) -> SafeString:
    """Return who decided on a waiver, when, and the comment."""
    comment = format_html('<div class="quiet">{}</div>', waiver.comment) if waiver.comment else ""
    if waiver.decided_at is None:
        return format_html("{}{}", DASH, comment)
    return format_html("{}, {}{}", waiver.decided_by or DASH, when(waiver.decided_at, "day"), comment)


@register.simple_tag
def waiver_outcome(waiver: Waiver) -> SafeString:
    """Return the state of a waiver that is over or was rejected, with the people and days."""
    over = waiver.ended_at or waiver.decided_at
    parts = [format_html("Requested by {}", waiver.person or "a former user")]
    if waiver.state != Waiver.State.REJECTED and waiver.decided_at:
        said = f" ({waiver.comment})" if waiver.comment else ""
        parts.append(format_html("approved by {}{}", waiver.decided_by or "nobody", said))
    by = format_html(" by {}", waiver.decided_by) if waiver.state == Waiver.State.REJECTED else ""
    parts.append(format_html("{}{} {}", waiver.state, by, when(over, "day") if over else ""))
    comment = format_html(": {}", waiver.comment) if waiver.state == Waiver.State.REJECTED else ""
    return format_html("{}{}.", SafeString(", ".join(parts)), comment)


@register.simple_tag
def waiver_news(detail: dict[str, str], repository: Repository) -> str:
    """Say in an e-mail who approved or rejected a waiver."""
    who = f"{detail['by'] or 'Somebody'} {detail['state']} your waiver"
    words = f"{who} for {detail['path']} in {repository.name}."
    return one_line(words, 1000)


@register.simple_tag
def list_address(waiver: Waiver) -> str:
    """Return the address of the list of the open violations that a waiver may cover."""
    query = urlencode({"path": waiver.glob, **({"rule": waiver.rule} if waiver.rule else {})})
    return f"{reverse('violations', args=[waiver.repository.slug])}?{query}"
