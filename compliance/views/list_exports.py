"""CSV exports for lists that share a page with other lists."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.accounts.roles import Role, needs
from compliance.models import Commit, File, Violation
from compliance.progress.preliminary import preliminary
from compliance.progress.regressions import regressions
from compliance.queries.commits import judged
from compliance.queries.scans import unread_at
from compliance.scans.owners import owners_of
from compliance.views import tokens, violations
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository

REGRESSION_COLUMNS = (
    *("commit", "committed_at", "author", "subject", "violations", "files", "still_there", "suppressed"),
    *("clean_files", "reopened", "owners", "preliminary"),
)
UNREAD_COLUMNS = ("path", "skipped", "unparsed", "line")
TOKEN_COLUMNS = (
    *("name", "scope", "begins_with", "repository", "made_by", "made_at", "expires_at", "used_at"),
    *("revoked_at", "revoked_by"),
)


@require_safe
def regressions_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return all commits that introduced violations or reopened a phase, newest first."""
    repository = find_repository(slug)
    rows = regressions(repository, most=None)
    names = ("sha", "at", "author", "subject", "places", "files", "standing", "suppressed", "clean_files")
    cells = (
        [
            *(row[name] for name in names),
            "; ".join(row["reopened"]),
            " ".join(owners_of(repository, row["open_files"])),
            preliminary(repository),
        ]
        for row in rows
    )
    return stream_csv(f"{slug}-broken", REGRESSION_COLUMNS, cells)


@require_safe
def file_csv(_request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Return all current and past violations in one file."""
    repository = find_repository(slug)
    shown = get_object_or_404(File, repository=repository, pk=pk)
    rows = Violation.objects.filter(plan=repository.plan_id, file=shown, silenced=False)
    rows = rows.order_by("-last", "line", "pk")
    found = violations.cells(rows.select_related("file", "introduced", "resolved", "waiver"))
    return stream_csv(f"{slug}-file-{pk}", violations.COLUMNS, found)


@require_safe
def unread_csv(_request: HttpRequest, slug: str, sha: str) -> HttpResponseBase:
    """Return the files that couldn't be read at one commit."""
    repository = find_repository(slug)
    shown = get_object_or_404(Commit, repository=repository, sha=sha)
    snapshot = judged(repository, shown)
    rows = unread_at(snapshot.plan_id if snapshot else None, shown)
    names = ("file__path", "skipped", "unparsed", "unparsed_line")
    return stream_csv(f"{slug}-unread-{shown.sha[:12]}", UNREAD_COLUMNS, rows.values_list(*names))


@require_safe
@needs(Role.MANAGER)
def tokens_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the tokens that the user may see, without the tokens' secrets."""
    rows = tokens.visible_tokens(request, find_repository(slug)).values_list(
        *("name", "scope", "hint", "repository__slug", "person__username", "created_at", "expires_at"),
        *("used_at", "revoked_at", "revoked_by__username"),
    )
    return stream_csv(f"{slug}-tokens", TOKEN_COLUMNS, rows.iterator(chunk_size=2000))


REPOSITORY_URLS = [
    path("files/<int:pk>.csv", file_csv, name="file-csv"),
    path("commits/<sha:sha>/unread.csv", unread_csv, name="commit-unread-csv"),
    path("broken.csv", regressions_csv, name="broken-csv"),
    path("settings/tokens.csv", tokens_csv, name="tokens-csv"),
]
