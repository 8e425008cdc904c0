"""The policy for a repository's pull requests, which managers set. After a change, the open heads are judged
again.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from compliance import jobs
from compliance.lib.wording import join_names
from compliance.models import GatePolicy, Repository, Risk
from compliance.pull_requests.verdict import Level, Policy, Suppressions


class PolicyError(Exception):
    """Raised if a value isn't one that a policy can have. The message tells the user which are."""


def policy_of(repository: Repository) -> Policy:
    """Return the policy that is set for a repository, or the default."""
    row = GatePolicy.objects.filter(repository=repository).first()
    return _policy(row) if row else Policy()


def set_policy(repository: Repository, person: User, values: Mapping[str, Any]) -> Policy:
    """Set the given values of the policy and leave the others. `by_risk` is replaced as a whole.

    Raises:
        PolicyError: if a value is unknown.
    """
    with transaction.atomic():
        Repository.objects.select_for_update(no_key=True).get(pk=repository.pk)
        former = policy_of(repository)
        policy = replace(former, **_checked(values))
        if policy != former:
            GatePolicy.objects.update_or_create(repository=repository, defaults=asdict(policy))
            cause = f"policy changed by {person.get_username()}"
            jobs.enqueue("recheck", repository, cause=cause, person=person)
    return policy


def policy_sentences(policy: Policy) -> list[str]:
    """Describe a policy."""
    if policy.is_off:
        return ["Pull requests are not judged: the policy is off for every risk."]
    sentences = [_level_sentence(policy)]
    if policy.locks:
        sentences.append("A new violation in a file that was clean or migrated before blocks as well.")
    hidden = "Violations that a pull request suppresses by comments, or moves out of the plan's figures,"
    sentences.append(f"{hidden} {_SUPPRESSIONS[policy.suppressions]}.")
    if not policy.comments:
        sentences.append("No comments are written on pull requests.")
    return sentences


_SUPPRESSIONS = {
    Suppressions.ALLOW: "are allowed",
    Suppressions.WARN: "are counted in the status but don't block",
    Suppressions.BLOCK: "block",
}
_LEVELS = {
    Level.BLOCK: "block the pull request",
    Level.WARN: "are counted in the status but don't block",
    Level.OFF: "are ignored",
}


def _level_sentence(policy: Policy) -> str:
    """Say what new violations do, the risks with the same level together."""
    risks: dict[Level, list[str]] = {}
    for risk in Risk.values:
        risks.setdefault(policy.level_of(risk), []).append(str(risk))
    if len(risks) == 1:
        return f"New violations {_LEVELS[policy.level]}."
    parts = [
        f"those of {join_names(risks[level])} risk {_LEVELS[level]}" for level in Level if level in risks
    ]
    return f"New violations: {'; '.join(parts)}."


def _policy(row: GatePolicy) -> Policy:
    by_risk = {risk: Level(level) for risk, level in row.by_risk.items()}
    return Policy(Level(row.level), by_risk, Suppressions(row.suppressions), row.locks, row.comments)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with the types of a policy's fields."""
    found = dict(values)
    if "level" in found:
        found["level"] = _one_of(Level, found["level"], "The level")
    if "suppressions" in found:
        found["suppressions"] = _one_of(Suppressions, found["suppressions"], "The policy for suppressions")
    if "by_risk" in found:
        found["by_risk"] = {
            risk: _one_of(Level, found["by_risk"][risk], f"The level of {risk} risk")
            for risk in _known_risks(found["by_risk"])
        }
    return found


def _known_risks(by_risk: Mapping[str, Any]) -> list[str]:
    """Return the risks, highest first. Raises PolicyError if one is unknown."""
    if unknown := sorted(set(by_risk) - set(Risk.values)):
        known = ", ".join(Risk.values)
        raise PolicyError(f"There is no risk “{unknown[0][:50]}”. The risks are {known}.")
    return [risk for risk in Risk.values if risk in by_risk]


def _one_of(kind: type[Level] | type[Suppressions], value: Any, what: str) -> Level | Suppressions:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(kind)
        raise PolicyError(f"{what} can't be “{str(value)[:50]}”. Choose one of {known}.") from None
