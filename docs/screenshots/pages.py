"""Which picture shows which address, and as whom."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import resolve
from playwright.sync_api import Page

from compliance.models import Change, File, PlanDraft, PublicLink, Repository, Violation

Act = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    """One page as `who` sees it: admin, viewer or nobody; `act` is done before it is taken.

    `height` is where it is cut, in pixels; `paper` takes it as it is printed. Nothing is at an
    address that is not `named`.
    """

    address: str
    shows: str
    who: str = "admin"
    height: int = 1100
    act: Act | None = None
    paper: bool = False
    named: bool = True

    @property
    def name(self) -> str:
        """The name of its address in the table of docs/permissions.md; empty where nothing is."""
        return resolve(self.address.partition("?")[0]).url_name or "" if self.named else ""


def shots(repository: Repository, invitation: str, reset: str) -> dict[str, Shot]:
    """Picture -> what it shows, in the order of the pages."""
    at = f"/repositories/{repository.slug}/"
    draft = PlanDraft.objects.filter(repository=repository).order_by("-pk")[0]
    link = PublicLink.objects.filter(repository=repository, revoked_at=None).order_by("-pk")[0]
    fixed = Violation.objects.filter(plan=repository.plan_id, last__isnull=False, file__violations__gt=0)
    file = fixed.order_by("-file__violations", "file")[0].file_id
    patched = File.objects.get(
        repository=repository, path="netra_backend/app/agents/prompt_smith/agent.py"
    ).pk
    changes = Change.objects.filter(commit__repository=repository).order_by("-commit")
    broke = changes.filter(regression=True)[0].commit.sha
    moved = changes.filter(kind=Change.Kind.MOVED)[0].commit.sha
    return {
        "home": Shot("/?all=1", "All repositories, each in its own state"),
        "overview": Shot(at, "Where we are, when we are done, what holds us back", height=3200),
        "overview-violations": Shot(
            f"{at}?measure=violations&range=90d", "The line of violations, 90 days", height=2000
        ),
        "overview-phases": Shot(f"{at}?measure=violations&by=phase", "A line for each phase", height=2000),
        "overview-risks": Shot(f"{at}?measure=violations&by=risk", "A line for each risk", height=2000),
        "overview-printed": Shot(at, "The overview on paper", paper=True),
        "overview-first-scan": Shot("/repositories/reports/", "The first scan is under way"),
        "overview-no-plan": Shot("/repositories/sandbox/", "A repository without a plan"),
        "overview-unreachable": Shot("/repositories/exports/", "A repository that is gone from its address"),
        "violations": Shot(
            f"{at}violations/?category=production", "The inventory: each place that breaks a rule"
        ),
        "violations-none": Shot(f"{at}violations/?path=nothing-fits", "A filter that nothing fits"),
        "files": Shot(
            f"{at}files/?category=production&violating=yes&sort=risk", "Files that are left, worst first"
        ),
        "files-search": Shot(f"{at}files/?path={quote('**/agents/**')}&violating=yes", "Files of a folder"),
        "files-none": Shot(f"{at}files/?path=nothing-fits", "A filter that nothing fits"),
        "file": Shot(f"{at}files/{file}/", "One file: its places, guides and source", height=2600),
        "file-patch": Shot(
            f"{at}files/{patched}/", "A file with a patch that can be taken", height=2600, act=_unfold
        ),
        "commits": Shot(f"{at}commits/?effect=yes", "Commits that moved the figures"),
        "commit": Shot(f"{at}commits/{broke}/", "A commit that broke something"),
        "commit-moved": Shot(f"{at}commits/{moved}/", "A commit that moved code"),
        "marks": Shot(f"{at}marks/", "What stands on the line, and why"),
        "phases": Shot(f"{at}phases/", "All phases with their criteria"),
        "phase": Shot(
            f"{at}phases/consumers-week-2/", "A phase that is closed, and what proves it", height=1800
        ),
        "phase-open": Shot(
            f"{at}phases/validation/", "A phase that is open, and what is missing", height=1800
        ),
        "issues": Shot(f"{at}issues/", "All issues of the plan"),
        "issue": Shot(f"{at}issues/{quote('#1274')}/", "An issue, its steps and its task list", height=1800),
        "my-work": Shot(f"{at}my-work/", "What is mine, and what to take next", height=1800),
        "waivers": Shot(f"{at}waivers/", "What is accepted, why and until when"),
        "plan": Shot(f"{at}plan/", "The plan and its versions"),
        "plan-draft": Shot(f"{at}plan/drafts/{draft.pk}/", "What a change of the plan would do"),
        "plan-draft-files": Shot(f"{at}plan/drafts/{draft.pk}/files/", "The files that it would change"),
        "plan-compare": Shot(f"{at}plan/compare/?from=1&draft={draft.pk}", "Two versions of the plan"),
        "scans": Shot(f"{at}scans/", "What ran, what failed and why"),
        "settings": Shot(f"{at}settings/", "The repository and its webhook"),
        "tokens": Shot(f"{at}settings/tokens/", "Tokens of programs"),
        "share": Shot(f"{at}share/", "Public links, the badge and the weekly digest"),
        "people": Shot("/people/", "Who has which role, and who is invited"),
        "activity": Shot("/activity/", "Who did what"),
        "public": Shot(f"/shared/{link.key}/", "What a public link shows", who="nobody", height=1800),
        "public-gone": Shot(f"/shared/{'x' * 43}/", "A public link that opens nothing", who="nobody"),
        "join": Shot(f"/join/{invitation}/", "Accepting an invitation", who="nobody"),
        "reset": Shot(f"/reset/{reset}/", "A forgotten password", who="nobody"),
        "account": Shot("/account/", "My own account"),
        "sign-in": Shot("/sign-in/", "Signing in", who="nobody"),
        "sign-in-refused": Shot("/sign-in/", "A wrong password", who="nobody", act=_guess),
        "unsubscribe": Shot("/unsubscribe/unknown/", "A link of a letter that was cut", who="nobody"),
        "forbidden": Shot("/people/", "A page that the role does not open", who="viewer"),
        "not-found": Shot(f"{at}nothing/", "An address where nothing is", named=False),
    }


def _unfold(page: Page) -> None:
    page.locator("#patch-lines summary").click()


def _guess(page: Page) -> None:
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "not the password")
    page.click("main button[type=submit]")
    page.wait_for_load_state()
