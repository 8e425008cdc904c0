"""Page -> what must be true on it."""

from tests.every_figure import forecast_page, lists, overview, people, phases_and_issues, plans, trend
from tests.every_figure.truth import Check

CHECKS: dict[str, Check] = {
    "overview": overview.overview,
    "shared": overview.shared,
    "home": overview.home,
    "badge": overview.badge,
    "shared-badge": overview.badge,
    "shields": overview.badge,
    "shared-shields": overview.badge,
    "chart": trend.chart,
    "shared-trend": trend.public,
    "chart-csv": trend.sheet,
    "commits": trend.commits,
    "commit": trend.commit,
    "violations-csv": lists.inventory,
    "files-csv": lists.files,
    "file": lists.file,
    "scans": lists.scans,
    "forecast": forecast_page.page,
    "phases": phases_and_issues.phases,
    "phase": phases_and_issues.phase,
    "issues": phases_and_issues.issues,
    "issue": phases_and_issues.issue,
    "my-work": people.my_work,
    "waivers": people.waivers,
    "marks": people.marks,
    "people": people.accounts,
    "activity": people.activity,
    "settings": people.settings,
    "plan-draft": plans.draft,
    "plan-draft-files": plans.draft_files,
}
