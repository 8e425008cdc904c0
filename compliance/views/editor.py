"""The form of the account page in which people choose the editor that opens files."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from compliance.accounts.editors import EditorError, choose_editor
from compliance.accounts.roles import person_of
from compliance.models import EditorChoice


@require_POST
def change_editor(request: HttpRequest) -> HttpResponse:
    """Store the editor, or none."""
    given = request.POST
    try:
        choose_editor(
            person_of(request), given.get("kind", ""), given.get("folder", ""), given.get("pattern", "")
        )
    except EditorError as error:
        messages.error(request, f"{error} Nothing was changed.")
    else:
        messages.success(
            request,
            "Pages of files now have a link to your editor."
            if given.get("kind")
            else "Pages of files have no link to an editor now.",
        )
    return redirect("account")


def editor_context(person: User) -> dict[str, Any]:
    """Return what the form shows."""
    return {
        "editor": EditorChoice.objects.filter(person=person).first(),
        "editor_kinds": EditorChoice.Kind.choices,
    }


URLS = [
    path("account/editor/", change_editor, name="change-editor"),
]
