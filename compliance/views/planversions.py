"""The versions of a plan: the list, one whole, what changed between any two, and one put in force again."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from compliance import scans
from compliance.models import PlanDraft, PlanVersion
from compliance.numbers import number_in
from compliance.roles import Role, needs, person_of
from compliance.views.plan import may_keep_here, version_of
from compliance.views.spreadsheet import csv_of
from compliance.views.tracked import tracked

AROUND = 3
"""Lines that are the same, shown before and after those that changed."""

COLUMNS = ("version", "in_force", "name", "target_percent", "since", "by", "from", "digest")


class Line(NamedTuple):
    """One line of a difference: `sign` is +, - or a space; `gap` stands for lines left out before it."""

    sign: str
    old: int | None
    new: int | None
    text: str
    gap: bool = False


@require_safe
def versions_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Every version as a spreadsheet, newest first."""
    repository = tracked(slug)
    columns = ("pk", "number", "name", "target_percent", "created_at", "author__username", "source", "digest")
    rows = repository.plans.order_by("-number").values_list(*columns).iterator(chunk_size=500)
    told = ([number, "yes" if pk == repository.plan_id else "no", *rest] for pk, number, *rest in rows)
    return csv_of(f"{slug}-plan-versions", COLUMNS, told)


@require_safe
def text(_request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version's text, as it was given, to be saved as a file."""
    version = version_of(tracked(slug), number)
    response = HttpResponse(version.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-plan-{number}.yaml"'
    return response


@require_safe
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed from version `from` to version `to`, or to a draft: in words, then line by line."""
    repository = tracked(slug)
    holds = scans.current(repository)
    number = holds.number if holds else 1
    old = version_of(repository, request.GET.get("from") or max(1, number - 1))
    wanted = request.GET.get("to", "")
    draft = number_in(request.GET.get("draft", "") or wanted.partition("draft-")[2])
    made = repository.drafts.filter(pk=draft).first() if draft else None
    new: PlanVersion | PlanDraft = made or version_of(repository, wanted or number)
    unread, words = "", []
    try:
        words = scans.differences(old, new)
    except scans.PlanError as error:
        unread = str(error)  # it was kept by a release whose format was another
    context = {
        "repository": repository,
        "section": "settings",
        "unread": unread,
        "old": old,
        "new": new,
        "draft": made,
        "holds": holds,
        "words": words,
        "lines": list(lines(old.text, new.text)),
        "versions": list(repository.plans.only("number", "name", "repository").order_by("-number")),
    }
    return render(request, "plan/compare.html", context)


@require_POST
@needs(Role.MANAGER)
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Put an earlier version in force again."""
    repository = tracked(slug)
    version = version_of(repository, number)
    if not may_keep_here(request, repository):
        return redirect("plan", slug=slug)
    try:
        scans.restore(version, number_in(request.POST.get("base", "")) or 0, person_of(request))
    except scans.ConflictError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"Plan version {number} is put in force again; commits since are judged first."
        )
    return redirect("plan", slug=slug)


def lines(old: str, new: str) -> Iterator[Line]:
    """The lines that changed, with those around them; nothing where the texts are the same."""
    before, after = old.splitlines(), new.splitlines()
    for place, group in enumerate(SequenceMatcher(None, before, after, False).get_grouped_opcodes(AROUND)):
        for index, line in enumerate(_lines(before, after, group)):
            yield line._replace(gap=place > 0 and index == 0)


def _lines(before: list[str], after: list[str], group: list[Any]) -> Iterator[Line]:
    for tag, first, last, begin, end in group:
        if tag == "equal":
            for offset in range(last - first):
                yield Line(" ", first + offset + 1, begin + offset + 1, before[first + offset])
            continue
        yield from (Line("-", place + 1, None, before[place]) for place in range(first, last))
        yield from (Line("+", None, place + 1, after[place]) for place in range(begin, end))
