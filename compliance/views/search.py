"""The search for repositories, pages, files, rules, phases, issues, commits, people and actions.

The page works without a script. The dialog that opens on every page shows the same results.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from compliance.accounts.roles import Role, may, person_of
from compliance.lib import rate_limit
from compliance.lib.wording import count_of
from compliance.models import Repository
from compliance.queries.search import LONGEST, SHORTEST, Group, Search, search, show_repository
from compliance.views.search_pages import find_actions, find_pages

IN_DIALOG, ON_PAGE = 6, 20
"""Maximum number of results of each kind."""

AT_ONCE, PER_MINUTE = 60, 240
"""How often one person may search; each pause in typing is a search."""

_FIRST = 8
"""Number of repositories that are offered before anything has been typed."""


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the search with its results."""
    return _answer(request, "search/page.html", ON_PAGE)


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Return the results for the dialog."""
    return _answer(request, "search/results.html", IN_DIALOG)


def _answer(request: HttpRequest, template: str, most: int) -> HttpResponse:
    wait = rate_limit.spend(f"search {person_of(request).pk}", AT_ONCE, PER_MINUTE)
    if wait:
        words = f"Too many searches. Search again in {count_of(wait, 'second')}."
        response = render(
            request, template, {"problem": words, "groups": ()}, status=HTTPStatus.TOO_MANY_REQUESTS
        )
        response["Retry-After"] = str(wait)
        return response
    text = request.GET.get("q", "").strip()
    rows = Repository.objects.select_related("plan")
    slug = request.GET.get("in", "")
    current = rows.filter(slug=slug).first() if slug else None
    asked = Search(
        text[:LONGEST],
        Repository.objects.all(),
        current,
        sees_people=may(request.user, Role.MANAGER),
        most=most,
    )
    groups = _find(request, asked)
    shown = sum(len(group.hits) for group in groups)
    is_limited = any(group.is_limited for group in groups)
    context = {
        "text": text[:LONGEST],
        "current": current,
        "groups": groups,
        "problem": _problem(text),
        "summary": f"{'More than ' if is_limited else ''}{count_of(shown, 'result')}",
        "more": urlencode({"q": text[:LONGEST], **({"in": slug} if current else {})}),
    }
    return render(request, template, context)


def _find(request: HttpRequest, asked: Search) -> list[Group]:
    """Return the groups of results, best first. Without a text, they are the places to go to."""
    pages = find_pages(request, asked.current, asked.words)
    actions = find_actions(request, asked.current, asked.words)
    if not asked.text:
        rows = list(asked.repositories.order_by("name")[: _FIRST + 1])
        switcher = Group("repositories", "Repositories", [show_repository(row) for row in rows[:_FIRST]])
        return [group for group in (switcher, pages, actions) if group.hits]
    found = search(asked)
    first = [group for group in found if group.kind == "repositories"]
    others = [group for group in found if group.kind != "repositories"]
    return [group for group in (*first, pages, actions, *others) if group.hits]


def _problem(text: str) -> str:
    if len(text) > LONGEST:
        return f"Only the first {LONGEST} characters were searched for."
    if text and len(text) < SHORTEST:
        return f"Type at least {SHORTEST} characters to search for more than pages and actions."
    return ""


URLS = [
    path("search/", page, name="search"),
    path("search/results/", results, name="search-results"),
]
