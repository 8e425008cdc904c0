"""The patch for a file: shown on the file's page once a worker has created it, and available for download."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.accounts.roles import Role, may
from compliance.models import File, Job, Patch
from compliance.queries.patches import asked_for, made_of, patch_lines
from compliance.views.lookup import find_repository

LONGEST = 200_000
"""Maximum number of characters of a patch that the page shows. The download is complete."""

FIRST_POLL = "load delay:300ms"
"""The htmx trigger for a file page's first request for its patch."""


@require_safe
def patch(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the patch section of a file's page. It polls while the patch is being created.

    Only engineers' requests create a patch, so that viewers and crawlers don't cause any work.
    """
    repository = find_repository(slug)
    file = get_object_or_404(File, repository=repository, pk=pk)
    made = made_of(repository, file)
    makes = may(request.user, Role.ENGINEER)
    job = asked_for(repository, file, "requested on the file page") if makes and not made else None
    text = bytes(made.text).decode("utf-8", "replace") if made else ""
    context = {
        "repository": repository,
        "file": file,
        "patch": made,
        "job": job,
        "makes": makes,
        "poll": _poll(file, made, job) if makes else "",
        "rows": patch_lines(text[:LONGEST]),
        "cut": len(text) > LONGEST,
        "command": _command(made),
    }
    return render(request, "files/patch.html", context)


def _poll(file: File, made: Patch | None, job: Job | None) -> str:
    """Return the htmx trigger for the next request if the patch hasn't been created yet, or an empty string
    if it never will be.
    """
    if made or not file.left_to_fix or (job and job.state == Job.State.BURIED):
        return ""
    return "every 1s" if job else FIRST_POLL


@require_safe
def download(_request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Return the patch for `git apply`. Raises Http404 if there is none."""
    repository = find_repository(slug)
    file = get_object_or_404(File, repository=repository, pk=pk)
    made = made_of(repository, file)
    if made is None or not made.text:
        raise Http404("There is no patch for this file. See the file's page for the reason.")
    # The whole path, because files in several folders often share a name.
    name = f"{file.path.replace('/', '-')}.patch".replace('"', "").replace("\n", " ")
    answer = HttpResponse(bytes(made.text), content_type="text/x-patch")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _command(made: Patch | None) -> str:
    """Return a shell command that applies the patch, or an empty string if its bytes can't be represented in
    a shell command.
    """
    if made is None or not made.text:
        return ""
    try:
        text = bytes(made.text).decode()
    except UnicodeDecodeError:
        return ""
    if "\r" in text or "END_OF_PATCH" in text:
        return ""
    return f"git apply <<'END_OF_PATCH'\n{text}END_OF_PATCH\n"


REPOSITORY_URLS = [
    path("files/<int:pk>/patch/", patch, name="patch"),
    path("files/<int:pk>.patch", download, name="patch-file"),
]
