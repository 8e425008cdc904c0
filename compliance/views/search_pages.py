"""The pages and actions that the search offers, each with the role that it needs."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import reverse

from compliance.accounts.roles import Role, may
from compliance.models import Repository
from compliance.queries.search import Group, Hit, matches
from compliance.views.navigation import navigation


class Place(NamedTuple):
    """A page that can be found by its title or other words. `fragment` is a part of it."""

    title: str
    name: str
    words: str = ""
    role: Role = Role.VIEWER
    fragment: str = ""


_ENGINEER, _MANAGER, _ADMINISTRATOR = Role.ENGINEER, Role.MANAGER, Role.ADMINISTRATOR

PAGES = (
    Place("All repositories", "home", "home portfolio"),
    Place("Inbox", "inbox", "notifications unread"),
    Place("Your account", "account", "password profile e-mail"),
    Place("Your notifications", "notifications", "preferences digest mute quiet hours"),
    Place("Channels", "channels", "slack teams mattermost discord webhook", _MANAGER),
    Place("Activity", "activity", "audit trail log", _MANAGER),
    Place("People", "people", "accounts users invitations roles", _ADMINISTRATOR),
    Place("Connections", "connections", "github gitlab gitea bitbucket jira linear", _ADMINISTRATOR),
    Place("System", "system", "storage tables processes versions", _ADMINISTRATOR),
    Place("Outbox of all repositories", "whole-outbox", "sent mail messages failed", _ADMINISTRATOR),
)
"""Pages that don't belong to a repository."""

REPOSITORY_PAGES = (
    Place("Violations", "violations", "findings open suppressed fixed"),
    Place("Waivers", "waivers", "accepted exceptions"),
    Place("Plan", "plan", "rules yaml versions"),
    Place("Events of the trend", "marks", "notes tags markers"),
    Place("Scans", "scans", "jobs history backfill deliveries"),
    Place("Notifications about this repository", "repository-notifications", "mute topics"),
    Place("Outbox", "outbox", "sent mail messages failed", _MANAGER),
)
"""Pages of a repository that have no link at the top of its pages."""

ACTIONS = (
    Place("Claim a file", "my-work", "take next work", _ENGINEER),
    Place("Request a waiver", "waivers", "accept exception", _ENGINEER),
    Place("Approve or reject waivers", "waivers", "decide requests", _MANAGER),
    Place("Edit the plan", "plan", "change rules phases yaml preview", _MANAGER),
    Place("Propose a plan", "propose-plan", "candidates migration deprecated", _MANAGER),
    Place("Add a note to the trend", "marks", "comment event", _MANAGER),
    Place("Share this repository", "share", "public link badge", _MANAGER),
    Place("Create an API token", "tokens", "key secret", _MANAGER),
    Place("Change settings", "settings", "webhook branch", _MANAGER),
)
"""What can be done in a repository: the page on which that is done."""


def find_pages(request: HttpRequest, repository: Repository | None, words: list[str]) -> Group:
    """Return the pages that the reader may open and that contain each word; all of them without words."""
    own: Iterable[Place] = ()
    if repository:
        links = navigation(request)["navigation"]
        own = (*(Place(link.title, link.name) for link in links), *REPOSITORY_PAGES)
    hits = [*_hits(request.user, own, words, repository), *_hits(request.user, PAGES, words)]
    return Group("pages", "Pages", hits)


def find_actions(request: HttpRequest, repository: Repository | None, words: list[str]) -> Group:
    """Return what the reader may do in a repository and what contains each word; everything without words."""
    hits = _hits(request.user, ACTIONS, words, repository) if repository else ()
    return Group("actions", "Actions", list(hits))


def _hits(
    user: User | AnonymousUser,
    places: Iterable[Place],
    words: list[str],
    repository: Repository | None = None,
) -> Iterator[Hit]:
    for place in places:
        if may(user, place.role) and matches(words, place.title, place.words):
            address = reverse(place.name, args=[repository.slug] if repository else [])
            yield Hit(place.title, repository.name if repository else "", f"{address}{place.fragment}")
