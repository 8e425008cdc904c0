"""Creates and changes the rules that send events to channels, for pages and the API alike."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.utils.dates import WEEKDAYS

from compliance.lib.field_types import cut, is_storable
from compliance.lib.wording import join_names, noun_for
from compliance.models import Cadence, NotificationRule, Phase, Repository, Risk
from compliance.notifications.quiet import times_of
from compliance.notifications.topics import TOPICS

MOST_RULES = 500
MOST_VALUES = 100
LONGEST_OWNER = 300
MOST_NAMED = 3
"""Maximum number of values of a filter that messages name."""

FIELDS = ("channel", "repository", "topics", "phases", "owners", "risks", "cadence", "is_enabled")
LISTS = ("topics", "phases", "owners", "risks")


class RuleValueError(Exception):
    """Raised if a rule can't be stored as requested. `field` is the name of what is wrong, or empty."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def create(person: User, given: Mapping[str, Any]) -> NotificationRule:
    """Store a new rule with the fields `FIELDS`, of which only the channel is required. Raises
    `RuleValueError`.
    """
    if NotificationRule.objects.count() >= MOST_RULES:
        raise RuleValueError("", f"There are {MOST_RULES} rules already. Remove one first.")
    rule = checked(NotificationRule(created_by=person), given)
    rule.save()
    return rule


def change(rule: NotificationRule, given: Mapping[str, Any]) -> NotificationRule:
    """Store changed fields of a rule; omitted ones stay. Raises `RuleValueError`."""
    checked(rule, given).save()
    return rule


def checked(rule: NotificationRule, given: Mapping[str, Any]) -> NotificationRule:
    """Set fields of a rule, which isn't stored, and return it. Raises `RuleValueError`."""
    for name in FIELDS:
        if name in given:
            value = given[name]
            setattr(rule, name, _distinct(name, value) if name in LISTS else value)
    if rule.channel_id is None:
        raise RuleValueError("channel", "Choose a channel.")
    reach = rule.channel.repository
    if reach and rule.repository and rule.repository != reach:
        raise RuleValueError(
            "repository", f"The channel is only for {reach.name}. Choose that repository or another channel."
        )
    _check_known("topics", "topic", rule.topics, TOPICS)
    _check_known("risks", "risk", rule.risks, Risk.values)
    _check_known("cadence", "cadence", [rule.cadence], Cadence.values)
    _check_phases(rule)
    _check_owners(rule.owners)
    return rule


def scope_of(rule: NotificationRule) -> Repository | None:
    """Return the repository whose events a rule can send, or None for all."""
    return rule.repository or rule.channel.repository


def phases_of(repository: Repository | None) -> list[tuple[str, str]]:
    """Return the keys and titles of a repository's phases. Without one, there are none to choose from."""
    if repository is None:
        return []
    rows = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True)
    return list(rows.values_list("key", "title"))


def describe(rule: NotificationRule) -> str:
    """Return a sentence that says what a rule does."""
    sentence = f"{rule.channel.name} gets {_selection(rule, join_names)}, {_how_often(rule)}."
    return sentence if rule.is_enabled else f"Disabled: {sentence}"


def reason_of(rule: NotificationRule) -> str:
    """Return what completes "Sent because …" in the messages that a rule sends: its number, its channel, and
    what it selects, with long lists shortened.
    """
    often = "" if rule.cadence == Cadence.AT_ONCE else f", {Cadence(rule.cadence).label}"
    name = cut(rule.channel.name, 60)
    return f"rule {rule.pk} of the channel “{name}” sends {_selection(rule, _some)}{often}"


_Join = Callable[[Sequence[str], str], str]
"""Joins names with a conjunction."""


def _some(names: Sequence[str], conjunction: str = "and") -> str:
    """Join the first few names, and say how many are left out."""
    more = len(names) - MOST_NAMED
    shown = [cut(name, 40) for name in (names[: MOST_NAMED - 1] if more > 0 else names)]
    return join_names([*shown, f"{more + 1} more"] if more > 0 else shown, conjunction)


def _selection(rule: NotificationRule, join: _Join) -> str:
    titles = [f"“{TOPICS[name].title}”" if name in TOPICS else name for name in rule.topics]
    scope = scope_of(rule)
    topics = f"the {noun_for(len(titles), 'topic')} {join(titles, 'and')}" if titles else ""
    what = f"events of {topics}" if topics else "all events"
    where = f"in {scope.name}" if scope else "in all repositories"
    conditions = _conditions(rule, scope, join)
    only = f", but only those with {' and '.join(conditions)}" if conditions else ""
    return f"{what} {where}{only}"


def _conditions(rule: NotificationRule, scope: Repository | None, join: _Join) -> list[str]:
    titles = dict(phases_of(scope)) if rule.phases else {}
    phases = [f"“{titles.get(key, key)}”" for key in rule.phases]
    return [
        *([f"the phase {join(phases, 'or')}"] if phases else []),
        *([f"the owner {join(rule.owners, 'or')}"] if rule.owners else []),
        *([f"{join(rule.risks, 'or')} risk"] if rule.risks else []),
    ]


def _how_often(rule: NotificationRule) -> str:
    times = times_of(None)
    at = f"at {times.digest_hour:02}:00 ({times.zone})"
    match rule.cadence:
        case Cadence.DAILY:
            return f"in one message a day {at}"
        case Cadence.WEEKLY:
            return f"in one message a week, on {WEEKDAYS[times.digest_day]}s {at}"
    return "at once, in one message for each push and topic"


def _distinct(name: str, values: Collection[str]) -> list[str]:
    found = list(dict.fromkeys(text for value in values if (text := str(value).strip())))
    if len(found) > MOST_VALUES:
        raise RuleValueError(name, f"At most {MOST_VALUES} values are allowed.")
    return found


def _check_known(name: str, noun: str, values: Collection[str], known: Collection[str]) -> None:
    wrong = next((value for value in values if value not in known), None)
    if wrong is not None:
        listed = join_names(sorted(known), "or")
        raise RuleValueError(name, f"“{wrong[:60]}” is not a valid {noun}; use {listed}.")


def _check_phases(rule: NotificationRule) -> None:
    if not rule.phases:
        return
    scope = scope_of(rule)
    if scope is None:
        raise RuleValueError("phases", "Phases belong to a plan. Choose a repository to filter by phase.")
    known = dict(phases_of(scope))
    former = NotificationRule.objects.filter(pk=rule.pk).values_list("phases", flat=True).first() or []
    # A phase that has left the plan since doesn't prevent other changes.
    wrong = next((key for key in rule.phases if key not in known and key not in former), None)
    if wrong is not None:
        raise RuleValueError("phases", f"The plan of {scope.name} has no phase “{wrong[:60]}”.")


def _check_owners(owners: Collection[str]) -> None:
    for owner in owners:
        if len(owner) > LONGEST_OWNER or not is_storable(owner) or " " in owner or "@" not in owner:
            raise RuleValueError(
                "owners",
                f"“{owner[:60]}” is not an owner. Use @name, @organisation/team or an e-mail address, as in "
                "CODEOWNERS.",
            )
