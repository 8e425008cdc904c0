"""Template tags that format figures, times, risks and links consistently on all pages."""

import re
from datetime import date, datetime
from math import floor
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.timezone import localtime, now

from compliance.accounts import roles
from compliance.lib import field_types, theme
from compliance.lib.dates import written
from compliance.lib.wording import count_of, format_pace, format_percent, noun_for
from compliance.models import Job
from compliance.queries.keyset import PARAMETERS

register = template.Library()

JOB_TITLES = {
    "update": "Scan of new commits",
    "backfill": "History backfill",
    "preview": "Plan preview",
    "propose": "Search for a plan",
    "trial": "Trial of a rule",
    "patch": "Patch",
    "source": "Text of a file",
    "pull": "Check of pull request",
    "pull-patch": "Patches for pull request",
    "recheck": "Check of the open pull requests",
    "group": "Check of a merge group",
    "baseline": "Change of the baseline",
    "digest": "Weekly digest",
    "notify": "Notifications about events",
    "deliver": "Delivery of e-mails and messages",
    "letters": "E-mails about claims",
    "connection": "Test of a connection",
    "hook": "Installation of a webhook",
    "unhook": "Removal of a webhook",
    "disconnect": "Removal of a connection",
    "upkeep": "Maintenance of the mirror",
    "read": "Reading for another machine",
    "issues": "Comparison of the issues",
    "setup": "Check of a new address",
    "access": "Check of new credentials",
    "purge": "Removal of a repository",
}
"""Maps the kind of a job to its title on the pages."""

STATE_LABELS = {
    "waiting": "pending",
    "buried": "failed",
    "replaced": "failed, replaced",
    "unknown": "not scanned yet",
    "reached": "target reached",
    "backwards": "regressing",
    "trouble": "problem",
    "holds": "met",
    "fails": "not met",
    "no proof yet": "no evidence yet",
}
"""Maps a recorded state to its label on the pages. Other states are shown unchanged."""
MOST_CHARACTERS = 4096
_STEPS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


@register.filter
def number(value: int | None) -> str:
    """Return an integer with thousands separators."""
    return "n/a" if value is None else f"{value:,}"


@register.filter
def count(value: int, nouns: str) -> str:
    """Return a number with its noun. `nouns` is the singular, or the singular and the plural separated by a
    comma.
    """
    singular, _, plural = nouns.partition(",")
    return count_of(value, singular, plural)


@register.filter
def noun(value: int, nouns: str) -> str:
    """Return the form of a noun that agrees with a number. `nouns` has the same format as in `count`."""
    singular, _, plural = nouns.partition(",")
    return noun_for(value, singular, plural)


@register.filter
def full_stop(value: str) -> str:
    """Return a text that somebody wrote with a full stop at its end, unless it ends with a mark already."""
    return value if value.endswith((".", "!", "?", "…")) else f"{value}."


@register.filter
def one_line(value: str) -> str:
    """Return a text without characters that control a line or its direction, for e-mails in plain text."""
    return field_types.one_line(value, MOST_CHARACTERS)


@register.filter
def percent(value: float | None) -> str:
    """Return a percentage to one decimal place."""
    return format_percent(value)


@register.filter
def pace(value: float | None) -> str:
    """Return units per week, to one decimal place if below ten, and with a true minus sign."""
    return format_pace(value)


@register.filter
def signed(value: float | None) -> str:
    """Return a difference with its sign. It uses a true minus sign, because that has the same width as the
    plus sign.
    """
    if value is None:
        return ""
    if not value:
        return "0"
    text = f"{abs(value):,.1f}" if isinstance(value, float) else f"{abs(value):,}"
    return ("+" if value > 0 else "\N{MINUS SIGN}") + text


@register.filter
def http_url(address: str) -> str:
    """Return the URL if it is safe to link to, otherwise an empty string. Plans and trackers may contain any
    URL.
    """
    return address if address.startswith(("https://", "http://")) else ""


@register.filter
def short_sha(sha: str) -> str:
    """Return the first ten digits of a commit's SHA."""
    return sha[:10]


@register.filter
def kind_title(kind: str) -> str:
    """Return the title of a kind of job, which is the kind by default."""
    return JOB_TITLES.get(kind, kind)


@register.filter
def job_title(job: Job) -> str:
    """Return a job's title, which is its kind by default."""
    words = kind_title(job.kind)
    return f"{words} #{job.key}" if job.kind in {"pull", "pull-patch"} else words


@register.simple_tag
def password_help() -> str:
    """Return the password rules in AUTH_PASSWORD_VALIDATORS on a single line."""
    asked = get_default_password_validators()
    least = max((one.min_length for one in asked if isinstance(one, MinimumLengthValidator)), default=1)
    return f"At least {least} characters. No common passwords, nothing similar to your username or e-mail."


@register.filter
def breakable(path: str) -> SafeString:
    """Return a path that can wrap after slashes, dots and underscores, with visible control characters."""
    parts = re.findall(r"[^/._]*[/._]|[^/._]+", field_types.visible(path))
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in parts))


@register.filter
def visible(path: str) -> str:
    """Return a path in which escapes replace the characters that control a line or its direction."""
    return field_types.visible(path)


@register.filter
def has_role(user: User | AnonymousUser, role: str) -> bool:
    """Return True if the user has the named role or a higher one."""
    return roles.may(user, roles.Role[role.upper()])


@register.filter
def lookup(table: dict[str, Any], key: str) -> Any:
    """Return the value for a key in a mapping, or an empty string if the key doesn't exist."""
    return table.get(key, "")


@register.simple_tag
def when(moment: datetime | date | None, shape: str = "full") -> SafeString | str:
    """Return a time that the page's script converts to the reader's time zone. `shape` is full, day or ago.

    The text is as long as that of the script (static/js/times.js), so the layout doesn't jump if it is late.
    """
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), written(moment))
    return format_html(
        '<time datetime="{}" data-when="{}" title="{}">{}</time>',
        moment.isoformat(),
        shape,
        f"{written(localtime(moment))}, {localtime(moment):%H:%M:%S %Z}",
        relative_time(moment) if shape == "ago" else _stamp(moment, shape),
    )


def _stamp(moment: datetime, shape: str) -> str:
    here = localtime(moment)
    return written(here) if shape == "day" else f"{written(here)}, {here:%H:%M}"


def relative_time(moment: datetime) -> str:
    """Return a relative time in the wording of Intl.RelativeTimeFormat, or an absolute time if it is more
    than 30 days away.
    """
    seconds = (moment - now()).total_seconds()
    if abs(seconds) > 30 * 86400:
        return _stamp(moment, "full")
    unit, size = next((step for step in _STEPS if abs(seconds) >= step[1]), _STEPS[-1])
    count = floor(seconds / size + 0.5)
    if unit == "day" and abs(count) == 1:
        return "tomorrow" if count > 0 else "yesterday"
    words = f"{abs(count)} {noun_for(abs(count), unit)}"
    return "now" if not count else f"in {words}" if count > 0 else f"{words} ago"


@register.simple_tag
def colour(name: str, scheme: theme.Scheme = "light") -> str:
    """Return a colour of a theme by its name in static/css/theme.css, for e-mails and images."""
    return theme.colour(name, scheme)


@register.simple_tag
def risk(name: str) -> SafeString | str:
    """Return a risk as a label with a shape."""
    return format_html('<span class="risk risk-{}">{}</span>', name, name) if name else ""


@register.filter
def code_spans(text: str) -> SafeString:
    """Return text with the parts between backticks as code."""
    parts = [escape(part) for part in str(text).split("`")]
    if len(parts) % 2 == 0:  # a backtick without a partner
        return escape(text)
    return mark_safe("".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(parts)))  # noqa: S308


@register.simple_tag
def status(name: str) -> SafeString:
    """Return a file's, phase's or job's state as a label."""
    label = STATE_LABELS.get(name, name)
    return format_html('<span class="state state-{}">{}</span>', name.replace(" ", "-"), label)


@register.inclusion_tag("parts/bar.html")
def bar(part: float, whole: float, label: str, target: float | None = None) -> dict[str, Any]:
    """Return a bar filled to the share of `part` in `whole`, with a mark at `target` percent."""
    return {"width": round(100 * part / whole, 2) if whole else 0, "label": label, "target": target}


@register.inclusion_tag("parts/bar.html")
def fixed_bar(row: dict[str, Any]) -> dict[str, Any]:
    """Return the bar for a phase or an issue, which shows the share of its violations that are fixed."""
    return bar(row["fixed"], row["total"], f"{number(row['fixed'])} fixed, {number(row['left'])} left")


@register.inclusion_tag("parts/bar.html")
def risk_bar(row: dict[str, Any], total: int) -> dict[str, Any]:
    """Return the bar for a risk, which shows its share of all violations left."""
    return bar(row["left"], total, f"{count_of(row['left'], 'violation')} with {row['key']} risk")


@register.inclusion_tag("parts/sort_header.html", takes_context=True)
def sort_header(
    context: dict[str, Any],
    label: str,
    first: str,
    css: str = "",
    worst_first: bool = False,
) -> dict[str, Any]:
    """Return a column heading that sorts by `first` and, on the next click, in reverse.

    With `worst_first`, the order without a minus sign is the descending one.
    """
    key = first.removeprefix("-")
    chosen = context["sort"]
    query = context["request"].GET.copy()
    for parameter in PARAMETERS:
        query.pop(parameter, None)
    query["sort"] = (f"-{key}" if first == key else key) if chosen == first else first
    ascending = chosen == (f"-{key}" if worst_first else key)
    direction = ("ascending" if ascending else "descending") if chosen in (key, f"-{key}") else ""
    return {"label": label, "class": css, "direction": direction, "href": f"?{query.urlencode()}"}


@register.simple_tag
def criterion_mark(result: Any) -> SafeString:
    """Return a criterion's state as a small mark, with its text as tooltip and accessible label."""
    text = f"{result.requirement}: {STATE_LABELS.get(result.state, result.state)}"
    mark = '<span class="mark-state state-{}" title="{}" role="img" aria-label="{}"></span>'
    return format_html(mark, slugify(result.state), text, text)
