"""The switch for notes on issues, with a preview, and the button that continues a note that was stopped."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from compliance.accounts.roles import Role, needs, person_of
from compliance.integrations.issue_notes import policy
from compliance.integrations.issue_notes.following import write_again
from compliance.models import Repository
from compliance.queries.issue_notes import find_subject, note_states, preview
from compliance.views.lookup import find_repository

MOST_PROBLEMS = 20
MOST_CHOICES = 200


@require_POST
@needs(Role.MANAGER)
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch the notes of a repository on (`want` is yes) or off."""
    repository = find_repository(slug)
    wanted = request.POST.get("want") == "yes"
    policy.set_enabled(repository, person_of(request), enabled=wanted)
    if wanted:
        messages.success(request, "Progress is written on the issues from now on.")
    else:
        messages.success(
            request, "Progress is no longer written on issues. The notes that exist will say so."
        )
    return redirect("settings", slug=slug)


@require_POST
@needs(Role.MANAGER)
def resume(request: HttpRequest, slug: str) -> HttpResponse:
    """Write the note on an issue (`issue`) again, also if it was stopped."""
    repository = find_repository(slug)
    subject = find_subject(repository, request.POST.get("issue", ""))
    if write_again(subject, person_of(request)):
        messages.success(request, f"The note on {subject.key} is being written again.")
    else:
        messages.error(request, "Notes on issues are switched off in this repository.")
    name, key = ("phase", subject.phase) if subject.phase else ("issue", subject.key)
    return redirect(name, slug=slug, key=key)


def notes_context(repository: Repository, key: str) -> dict[str, Any]:
    """Return what the settings page shows of the notes, with a preview of that on the issue `key`."""
    enabled = policy.is_enabled(repository)
    states = note_states(repository, enabled=enabled)
    problems = [state for state in states if state.is_problem]
    shown = next((state for state in states if state.key == key), None)
    subject = find_subject(repository, shown.key) if shown else None
    return {
        "notes_enabled": enabled,
        "notes_written": sum(state.at is not None for state in states),
        "notes": states[:MOST_CHOICES],
        "notes_total": len(states),
        "note_problems": problems[:MOST_PROBLEMS],
        "note_problems_total": len(problems),
        "note_shown": shown,
        "note_preview": preview(repository, subject) if subject else None,
        "is_public_url_given": settings.IS_PUBLIC_URL_GIVEN,
        "public_url": settings.PUBLIC_URL,
    }


REPOSITORY_URLS = [
    path("settings/issues/", switch, name="issue-notes"),
    path("settings/issues/again/", resume, name="issue-note-again"),
]
