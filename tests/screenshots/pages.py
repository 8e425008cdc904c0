"""Which picture shows which address, and as whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.views.permissions import rules

NOT_VISITED = {
    "a part of a page, or the data of one": (
        "overview-live", "chart", "trend-svg", "patch", "patch-file", "phase-patches", "my-patches",
        "plan-text", "plan-draft-live", "scans-live", "badge", "shields", "shared-trend", "shared-badge",
        "shared-shields",
        "healthz", "livez", "readyz", "metrics", "search-results", "propose-plan-live",
        "pull-request-live", "connection-live", "attachments-live",
        "channel-live", "inbox-badge", "rule-preview", "plan-schema", "plan-trial-live",
        "repository-setup-live", "extend-history", "repository-access-live",
    ),
    "a redirect": ("github_callback", "openid_connect_callback", "inbox-entry"),
    "a page of Django": ("admin",),
}  # fmt: skip
"""Why a name of docs/permissions.md has no picture -> those names."""


@dataclass(frozen=True)
class Targets:
    """What the addresses need: keys of rows in the database, commits and keys of links."""

    slug: str = "demonstration"
    file: int = 1
    file_with_patch: int = 1
    commit_with_regression: str = "0" * 40
    commit_with_move: str = "0" * 40
    draft: int = 1
    pull_request: int = 363
    channel: int = 1
    rule: int = 1
    setup: int = 1
    public_link: str = "key"
    invitation: str = "key"
    reset: str = "key"


@dataclass(frozen=True)
class Shot:
    """One page as `role` sees it: admin, viewer or anonymous; `prepare` runs before the picture is taken.

    `height` is where a long page is cut, in pixels.
    """

    address: str
    caption: str
    role: str = "admin"
    height: int = 1100
    prepare: Callable[[Page], None] | None = None
    exists: bool = True

    @property
    def name(self) -> str:
        """The name of the address in docs/permissions.md; empty for an address that does not exist."""
        return resolve(self.address.partition("?")[0]).url_name or "" if self.exists else ""


def unvisited(shots: Iterable[Shot]) -> list[str]:
    """Return the pages of docs/permissions.md that no shot shows and `NOT_VISITED` does not list."""
    pages = {
        rule.name
        for rule in rules()
        if rule.method == "GET" and not rule.address.startswith("/api/") and not rule.name.endswith("-csv")
    }
    excepted = {name for names in NOT_VISITED.values() for name in names}
    return sorted(pages - excepted - {shot.name for shot in shots})


def shots(targets: Targets) -> dict[str, Shot]:
    """Return every shot by the name of its picture, in the order of the index."""
    listed = {
        **_overview(targets),
        **_lists(targets),
        **_plan_and_work(targets),
        **_administration(targets),
        **_without_an_account(targets),
    }
    return listed | derived(targets, unvisited(listed.values()))


def derived(targets: Targets, names: Iterable[str]) -> dict[str, Shot]:
    """Return the shots of pages whose address needs nothing but the repository, with plain captions."""
    addresses = {
        rule.name: rule.address.replace("<slug>", targets.slug) for rule in rules() if rule.method == "GET"
    }
    return {
        name: Shot(addresses[name], name.replace("-", " ").capitalize())
        for name in names
        if "<" not in addresses[name]
    }


def _overview(targets: Targets) -> dict[str, Shot]:
    at = f"/repositories/{targets.slug}/"
    violations = f"{at}?measure=violations"
    return {
        "home": Shot("/?all=1", "All repositories, each with its status", height=1300),
        "overview": Shot(at, "The overview of a repository", height=2200),
        "overview-violations": Shot(f"{violations}&range=90d", "Violations over 90 days", height=2000),
        "overview-phases": Shot(f"{violations}&by=phase", "The trend by phase", height=2000),
        "overview-risks": Shot(f"{violations}&by=risk", "The trend by risk", height=2000),
        "overview-first-scan": Shot("/repositories/reports/", "The overview during the first scan"),
        "overview-activating": Shot("/repositories/ledger/", "The overview while a first plan is activated"),
        "overview-no-plan": Shot("/repositories/sandbox/", "A repository without a plan"),
        "overview-unreachable": Shot("/repositories/exports/", "A repository that can no longer be fetched"),
        "marks": Shot(f"{at}marks/", "Events and notes on the trend"),
    }


def _lists(targets: Targets) -> dict[str, Shot]:
    at = f"/repositories/{targets.slug}/"
    files, commits = f"{at}files/", f"{at}commits/"
    return {
        "violations": Shot(f"{at}violations/?category=production", "All violations in production code"),
        "violations-none": Shot(f"{at}violations/?path=nothing-fits", "Violations: no match"),
        "files": Shot(f"{files}?category=production&violating=yes&sort=risk", "Remaining files by risk"),
        "files-search": Shot(f"{files}?path={quote('**/agents/**')}&violating=yes", "Files of one folder"),
        "files-none": Shot(f"{files}?path=nothing-fits", "Files: no match"),
        "file": Shot(f"{files}{targets.file}/", "A file: violations, guides and source", height=2600),
        "file-patch": Shot(
            f"{files}{targets.file_with_patch}/", "A file with a patch", height=1700, prepare=_unfold
        ),
        "commits": Shot(f"{commits}?effect=yes", "Commits that changed the figures"),
        "commit": Shot(f"{commits}{targets.commit_with_regression}/", "A commit with a regression"),
        "commit-moved": Shot(f"{commits}{targets.commit_with_move}/", "A commit that moved code"),
    }


def _plan_and_work(targets: Targets) -> dict[str, Shot]:
    at = f"/repositories/{targets.slug}/"
    phases, draft = f"{at}phases/", f"{at}plan/drafts/{targets.draft}/"
    return {
        "phases": Shot(phases, "All phases with their criteria"),
        "phase": Shot(f"{phases}consumers-week-2/", "A closed phase and its evidence", height=1800),
        "phase-open": Shot(f"{phases}validation/", "An open phase and what it still needs", height=2400),
        "forecast": Shot(f"{at}forecast/?people=2", "The forecast, with twice as many people", height=3000),
        "issues": Shot(f"{at}issues/", "All issues of the plan"),
        "issue": Shot(f"{at}issues/{quote('#1274')}/", "An issue with its steps and tasks", height=1800),
        "pull-requests": Shot(f"{at}pull-requests/?state=all", "Pull requests with their verdicts"),
        "pull-request": Shot(
            f"{at}pull-requests/{targets.pull_request}/", "A pull request that is blocked", height=2000
        ),
        "my-work": Shot(f"{at}my-work/", "My claims and what to do next", height=1800),
        "waivers": Shot(f"{at}waivers/", "Waivers with reason and end date"),
        "plan": Shot(f"{at}plan/", "The plan and its versions"),
        "plan-builder": Shot(f"{at}plan/builder/?part=rules/0", "The plan builder with a rule", height=1800),
        "plan-builder-checked": Shot(f"{at}plan/builder/", "The plan builder after a check", prepare=_check),
        "plan-builder-trial": Shot(
            f"{at}plan/builder/?part=rules/0", "A rule that was tried", height=2600, prepare=_try
        ),
        "propose-plan": Shot(
            "/repositories/sandbox/plan/proposals/", "Candidates for a plan", height=1800, prepare=_found
        ),
        "plan-draft": Shot(draft, "The preview of a changed plan"),
        "plan-draft-files": Shot(f"{draft}files/", "The files that the changed plan affects"),
        "plan-compare": Shot(f"{at}plan/compare/?from=1&draft={targets.draft}", "Two versions of the plan"),
    }


def _administration(targets: Targets) -> dict[str, Shot]:
    at = f"/repositories/{targets.slug}/"
    return {
        "scans": Shot(f"{at}scans/", "Jobs, failures and webhook deliveries"),
        "settings": Shot(f"{at}settings/", "The settings of a repository", height=3000),
        "repository-access": Shot(
            f"{at}settings/access/", "How a repository is read, and what can replace it"
        ),
        "settings-note": Shot(
            f"{at}settings/?note={quote('#1274')}", "The preview of a note on an issue", height=4200
        ),
        "tokens": Shot(f"{at}settings/tokens/", "API tokens"),
        "share": Shot(f"{at}share/", "Public links, badge and weekly digest"),
        "people": Shot("/people/", "People, roles and invitations"),
        "add-repository": Shot("/add-repository/", "The field for the address of a new repository"),
        "repository-setup": Shot(f"/add-repository/{targets.setup}/", "A repository before it is added"),
        "archived-repositories": Shot("/archived-repositories/", "Archived and deleted repositories"),
        "connections": Shot("/connections/", "Connections to forges and issue trackers"),
        "connection": Shot("/connections/forge/", "A connection: state, scopes, webhook and repositories"),
        "add-connection": Shot("/new-connection/github/", "The form for a new connection"),
        "channels": Shot("/channels/", "Channels for notifications"),
        "channel": Shot(f"/channels/{targets.channel}/", "A channel: state, last messages, signature"),
        "add-channel": Shot("/new-channel/slack/", "The form for a new channel"),
        "add-rule": Shot(f"/new-notification-rule/?repository={targets.slug}", "The form for a new rule"),
        "rule": Shot(f"/notification-rules/{targets.rule}/", "A notification rule and what it would send"),
        "inbox": Shot("/inbox/", "The inbox"),
        "notifications": Shot("/account/notifications/", "Notification preferences", height=1800),
        "repository-notifications": Shot(f"{at}notifications/", "Notifications about one repository"),
        "activity": Shot("/activity/", "The activity log"),
        "palette": Shot(at, "The search dialog", prepare=_search),
        "search": Shot(f"/search/?q=agent&in={targets.slug}", "The search", height=1800),
        "account": Shot("/account/", "Your account"),
        "forbidden": Shot("/people/", "A page that needs another role", role="viewer"),
        "not-found": Shot(f"{at}nothing/", "An address that does not exist", exists=False),
    }


def _without_an_account(targets: Targets) -> dict[str, Shot]:
    who = "anonymous"
    return {
        "public": Shot(f"/shared/{targets.public_link}/", "A public link", role=who, height=1800),
        "public-gone": Shot(f"/shared/{'x' * 43}/", "A public link that is not valid", role=who),
        "join": Shot(f"/join/{targets.invitation}/", "Accept an invitation", role=who),
        "reset": Shot(f"/reset/{targets.reset}/", "Reset a password", role=who),
        "sign-in": Shot("/sign-in/", "Sign in", role=who),
        "sign-in-refused": Shot("/sign-in/", "Sign in: wrong password", role=who, prepare=_guess),
        "unsubscribe-topic": Shot(
            "/unsubscribe-topic/unknown/", "A link to stop e-mails that is not valid", role=who
        ),
        "unsubscribe": Shot("/unsubscribe/unknown/", "An unsubscribe link that is not valid", role=who),
    }


def _unfold(page: Page) -> None:
    page.locator("#patch-lines summary").click()


def _check(page: Page) -> None:
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#announcement")).to_contain_text("Checked")


def _found(page: Page) -> None:
    expect(page.locator(".candidate").first).to_be_visible(timeout=60_000)


def _try(page: Page) -> None:
    page.get_by_role("button", name="Try this rule").click()
    expect(page.locator("#trial strong")).to_contain_text("place", timeout=60_000)


def _search(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill("agent")
    expect(page.locator("#palette-list [role=option]").first).to_be_visible()


def _guess(page: Page) -> None:
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "not the password")
    page.click("main button[type=submit]")
    page.wait_for_load_state()
