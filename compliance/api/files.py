"""Files, each with its status, violations, history and patch."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from compliance.accounts.roles import Role, may
from compliance.api.authentication import person_of, repository_of
from compliance.api.claims import CLAIM_RELATED, ClaimOut, claim_out
from compliance.api.pagination import Page, Paged, page
from compliance.api.violations import RELATED, FindingOut, finding_out
from compliance.models import CheckResult, Claim, File, Job, PullRequest, Repository, Violation
from compliance.queries.check_results import results_of
from compliance.queries.files import FileFilter, counts
from compliance.queries.patches import asked_for, made_of, with_patches
from compliance.scans.owners import owners

router = Router(tags=["files"])

MOST_FINDINGS = 500


class FileOut(Schema):
    """A file. `violations` is the number of open violations, and `waived` says how many of them are waived.
    Suppressed ones have their own field. `patch_fixes` is how many violations the patch for the newest
    commit fixes, or null if there is none.
    """

    id: int
    path: str
    status: str
    category: str
    violations: int
    suppressed: int
    waived: int
    worst_risk: str
    changed_at: datetime | None
    patch_fixes: int | None


class WholeFileOut(FileOut):
    """A file with its first 500 current violations and its active claim."""

    findings: list[FindingOut]
    claim: int | None
    claimed_by: str | None
    claimed_until: datetime | None
    renamed_to: int | None


class CountOut(Schema):
    """The number of violations in the file from a commit onwards. An empty `sha` stands for the time before
    recorded history.
    """

    violations: int
    suppressed: int
    sha: str | None
    author: str | None
    subject: str | None
    committed_at: datetime | None


class CheckOut(Schema):
    """The state of one check of a pull request's newest commit in a CI system. `url` is where the details
    are, or empty.
    """

    pull_request: int
    name: str
    state: Literal["pending", "passed", "failed", "cancelled"]
    url: str
    updated_at: datetime


class HistoryOut(Schema):
    """The file's history: `counts` (newest first, at most 50), past `claims`, owners, the URLs of open pull
    requests, and `checks`, their results in CI systems.
    """

    counts: list[CountOut]
    claims: list[ClaimOut]
    owners: list[str]
    pull_requests: list[str]
    checks: list[CheckOut]


class PatchOut(Schema):
    """A file's patch. `state` is “made”, “in the making” (poll again in a few seconds), “failed”, “nothing to
    do” or “not asked for”.

    `text` is input for `git apply`; it is empty if nothing can be changed safely. `fixed` is the number of
    violations that it fixes. `refused` lists skipped violations with the reasons, and `guides` lists the
    steps to do by hand.
    """

    state: Literal["made", "in the making", "failed", "nothing to do", "not asked for"]
    text: str = ""
    fixed: int = 0
    refused: list[Any] = Field(default_factory=list)
    guides: list[Any] = Field(default_factory=list)


@router.get("/{slug}/files", response=Page[FileOut], summary="List files")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[FileFilter], paged: Query[Paged]
) -> Page[FileOut]:
    """List the files that match the filters."""
    repository = repository_of(request, slug)
    return page(request, response, with_patches(repository, asked.files(repository)), paged, _told)


@router.get("/{slug}/files/{int:pk}", response=WholeFileOut, summary="Show a file")
def show(request: HttpRequest, slug: str, pk: int) -> WholeFileOut:
    """One file with its violations and its claim."""
    repository = repository_of(request, slug)
    file = file_of(repository, pk)
    rows = Violation.objects.filter(plan=repository.plan_id, file=file, last__isnull=True)
    found = rows.select_related(*RELATED).order_by("line", "pk")[:MOST_FINDINGS]
    claim = file.claims.filter(state=Claim.State.ACTIVE).select_related("person").first()
    return WholeFileOut(
        **_told(file).dict(),
        findings=[finding_out(row) for row in found],
        claim=claim.pk if claim else None,
        claimed_by=claim.person.get_username() if claim else None,
        claimed_until=claim.until if claim else None,
        renamed_to=file.renamed_to_id,
    )


@router.get("/{slug}/files/{int:pk}/history", response=HistoryOut, summary="Show a file's history")
def history(request: HttpRequest, slug: str, pk: int) -> HistoryOut:
    """Show how the number of violations changed, with claims, owners and open pull requests."""
    repository = repository_of(request, slug)
    file = file_of(repository, pk)
    rows = file.claims.select_related(*CLAIM_RELATED).order_by("-pk")[:20]
    counted = [{**row, "author": row["author_name"]} for row in counts(repository, file)]
    pulls = list(file.pull_requests.filter(state="open").order_by("number"))
    results = results_of(pulls)
    return HistoryOut(
        counts=[CountOut(**{name: row[name] for name in CountOut.model_fields}) for row in counted],
        claims=[claim_out(row) for row in rows],
        owners=list(owners(repository).of(file.path)),
        pull_requests=[pull.url for pull in pulls],
        checks=[_check_out(pull, row) for pull in pulls for row in results[pull.pk]],
    )


def _check_out(pull: PullRequest, row: CheckResult) -> CheckOut:
    same = {name: getattr(row, name) for name in CheckOut.model_fields if name != "pull_request"}
    return CheckOut(pull_request=pull.number, **same)


@router.get("/{slug}/files/{int:pk}/patch", response=PatchOut, summary="Show the patch for a file")
def patch(request: HttpRequest, slug: str, pk: int) -> PatchOut:
    """Show the patch for the newest commit. A worker creates it when an engineer first requests it."""
    repository = repository_of(request, slug)
    file = file_of(repository, pk)
    made = made_of(repository, file)
    if made:
        text = bytes(made.text).decode("utf-8", "replace")
        return PatchOut(state="made", text=text, fixed=made.fixed, refused=made.refused, guides=made.guides)
    if not file.left_to_fix:
        return PatchOut(state="nothing to do")
    if not may(person_of(request), Role.ENGINEER):
        return PatchOut(state="not asked for")
    job = asked_for(repository, file, "the API")
    return PatchOut(state="failed" if job and job.state == Job.State.BURIED else "in the making")


def file_of(repository: Repository, pk: int) -> File:
    """Return the file with this key.

    Raises:
        Http404: if the repository has no such file.
    """
    file = with_patches(repository, File.objects.filter(repository=repository, pk=pk)).first()
    if file is None:
        raise Http404(f"There is no file {pk}.")
    return file


def _told(row: File) -> FileOut:
    return FileOut(**{name: getattr(row, name) for name in FileOut.model_fields})
