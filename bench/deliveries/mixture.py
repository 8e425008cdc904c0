"""Decides which deliveries are sent in which order, and which state they must lead to."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bench.deliveries.hooks import Hook, Receiver, issue, push, state_of, title_of, tracker_issue

PUSHES, NUMBERS, KEYS = 0.1, 3, 2
"""The share of pushes, and how many issues of the forge and of each tracker a repository has."""


@dataclass(frozen=True)
class Mixture:
    """The deliveries, each made when it is sent, in the order of sending.

    `states` maps the slug of a repository and the key of an issue to its state and title at the end.
    """

    deliveries: list[Callable[[], Hook]]
    repeated: int
    late: int
    states: dict[tuple[str, str], tuple[str, str]]


def keys(place: int, provider: str) -> list[str]:
    """The keys of the tracker's issues in the plan of the repository at a place."""
    prefix = "SHOP" if provider == "jira" else "ENG"
    return [f"{prefix}-{place * KEYS + number}" for number in range(1, KEYS + 1)]


def mix(
    repositories: Sequence[Receiver], trackers: Sequence[Receiver], number: int, seed: int = 1
) -> Mixture:
    """`number` deliveries: a tenth of them are repetitions, and a tenth are sent late."""
    chance = random.Random(seed)
    repeated = number // 10
    makers: list[Callable[[], Hook]] = []
    versions: dict[tuple[str, str], int] = {}
    for count in range(number - repeated):
        place = count % len(repositories)
        where = repositories[place], chance.choice(trackers), place
        makers.append(_delivery(where, versions, f"{seed}-{count}", chance))
    late = _delay(makers, number // 10, chance)
    for place in sorted(chance.sample(range(len(makers)), repeated), reverse=True):
        makers.insert(chance.randint(place + 1, min(place + 40, len(makers))), makers[place])
    states = {where: (state_of(version), title_of(version)) for where, version in versions.items()}
    return Mixture(makers, repeated, late, states)


def _delivery(
    where: tuple[Receiver, Receiver, int],
    versions: dict[tuple[str, str], int],
    delivery: str,
    chance: random.Random,
) -> Callable[[], Hook]:
    repository, tracker, place = where
    if chance.random() < PUSHES:
        return partial(push, repository, delivery, f"{chance.getrandbits(160):040x}")
    if chance.random() < 0.5:
        number = chance.randint(1, NUMBERS)
        version = _next(versions, repository.slug, f"#{number}")
        return partial(issue, repository, delivery, number, version)
    key = chance.choice(keys(place, tracker.provider))
    return partial(tracker_issue, tracker, delivery, key, _next(versions, repository.slug, key))


def _next(versions: dict[tuple[str, str], int], slug: str, key: str) -> int:
    versions[slug, key] = versions.get((slug, key), 0) + 1
    return versions[slug, key]


def _delay(makers: list[Callable[[], Hook]], late: int, chance: random.Random) -> int:
    """Move so many deliveries behind others that were caused after them."""
    for place in sorted(chance.sample(range(len(makers) - 1), late), reverse=True):
        maker = makers.pop(place)
        makers.insert(chance.randint(place + 1, min(place + 60, len(makers))), maker)
    return late
