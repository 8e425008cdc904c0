"""Pull requests with the verdicts on their heads, and the findings of each."""

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from compliance.api.authentication import repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.api.pull_request_schemas import (
    CheckFindingOut,
    CheckFindingsAsked,
    CiResultOut,
    ClaimOnPullOut,
    FindingCountOut,
    PhaseEffectOut,
    PullRequestOut,
    PullVerdictOut,
    WholePullRequestOut,
)
from compliance.models import CheckFinding, CheckResult, Claim, PullRequest, PullRequestCheck, Repository
from compliance.queries.check_results import results_of
from compliance.queries.pull_request_heads import (
    MOST_HEADS,
    claims_on,
    compliance_of,
    findings,
    head_of,
    heads,
    stored_counts,
)
from compliance.queries.pull_requests import PullRequestFilter, current_checks

router = Router(tags=["pull requests"])

_CALCULATED = {"head", "base", "target", "plan", "percent_before", "percent_after", "phases", "overridden_by"}


@router.get("/{slug}/pull-requests", response=Page[PullRequestOut], summary="List pull requests")
def index(
    request: HttpRequest,
    response: HttpResponse,
    slug: str,
    asked: Query[PullRequestFilter],
    paged: Query[Paged],
) -> Page[PullRequestOut]:
    """List open pull requests, or those that `state` selects, in the order in which they were recorded, the
    newest first.
    """
    rows = asked.pulls(repository_of(request, slug))
    found = page(request, response, rows, paged, lambda pull: pull, newest_first=True)
    checks = current_checks(found.items)
    shown = [_pull_out(pull, checks.get(pull.pk)) for pull in found.items]
    return Page(items=shown, next=found.next)


@router.get("/{slug}/pull-requests/{int:number}", response=WholePullRequestOut, summary="Show a pull request")
def show(request: HttpRequest, slug: str, number: int) -> WholePullRequestOut:
    """Show a pull request with the verdict on each head, the claims that it affects, and CI results."""
    pull = _pull(repository_of(request, slug), number)
    check = current_checks([pull]).get(pull.pk)
    counts = stored_counts(check) if check else {}
    return WholePullRequestOut(
        pull_request=_pull_out(pull, check),
        heads=[_verdict_out(head) for head in heads(pull)[:MOST_HEADS]],
        heads_total=heads(pull).count(),
        findings=[
            FindingCountOut(kind=kind, total=total, stored=stored) for kind, (total, stored) in counts.items()
        ],
        claims=[_claim_out(claim) for claim in claims_on(pull)],
        checks=[_ci_result_out(row) for row in results_of([pull])[pull.pk]],
    )


@router.get(
    "/{slug}/pull-requests/{int:number}/findings",
    response=Page[CheckFindingOut],
    summary="List the findings of a pull request",
)
def list_findings(
    request: HttpRequest,
    response: HttpResponse,
    slug: str,
    number: int,
    asked: Query[CheckFindingsAsked],
) -> Page[CheckFindingOut]:
    """List the findings of the newest commit, or of another head, at most 500 of each kind."""
    pull = _pull(repository_of(request, slug), number)
    check = head_of(pull, asked.head) if asked.head else current_checks([pull]).get(pull.pk)
    if check is None and asked.head:
        raise Http404(f"Pull request #{number} has no head {asked.head}.")
    rows = findings(check) if check else CheckFinding.objects.none()
    rows = rows.filter(kind=asked.kind) if asked.kind else rows
    return page(request, response, rows, asked, _finding_out)


def _pull(repository: Repository, number: int) -> PullRequest:
    pull = PullRequest.objects.filter(repository=repository, number=number).first()
    if pull is None:
        raise Http404(f"No pull request #{number} is recorded.")
    return pull


def _pull_out(pull: PullRequest, check: PullRequestCheck | None) -> PullRequestOut:
    return PullRequestOut(
        number=pull.number,
        title=pull.title,
        url=pull.url,
        author=pull.author,
        state=pull.state,
        draft=pull.draft,
        source=pull.source,
        fork=bool(pull.source_url),
        target=pull.base,
        head=pull.head_sha,
        updated_at=pull.updated_at,
        verdict=_verdict_out(check) if check else None,
    )


def _verdict_out(check: PullRequestCheck) -> PullVerdictOut:
    same = {name: getattr(check, name) for name in PullVerdictOut.model_fields if name not in _CALCULATED}
    compliance = compliance_of(check)
    return PullVerdictOut(
        **same,
        head=check.head_sha,
        base=check.base_sha,
        target=check.target_sha,
        plan=check.plan.number if check.plan else None,
        percent_before=compliance.before,
        percent_after=compliance.after,
        phases=[
            PhaseEffectOut(phase=key, fixed=fixed, new=new) for key, (fixed, new) in check.phases.items()
        ],
        overridden_by=check.overridden_by.get_username() if check.overridden_by else None,
    )


def _claim_out(claim: Claim) -> ClaimOnPullOut:
    name = claim.person.get_username()
    return ClaimOnPullOut(id=claim.pk, path=claim.file.path, person=name, until=claim.until)


def _ci_result_out(row: CheckResult) -> CiResultOut:
    return CiResultOut(**{name: getattr(row, name) for name in CiResultOut.model_fields})


def _finding_out(row: CheckFinding) -> CheckFindingOut:
    own = {"blocking", "locked", "waiver", "other", "cause"}
    same = {name: getattr(row, name) for name in CheckFindingOut.model_fields if name not in own}
    return CheckFindingOut(
        **same,
        blocking=row.is_blocking,
        locked=row.is_locked,
        waiver=row.waiver_id,
        other=row.other.number if row.other else None,
        cause=row.cause_sha,
    )
