"""Page -> what must be true on it."""

from tests.every_figure import line, lists, overview, people, plans, tracked
from tests.every_figure.truth import Check

CHECKS: dict[str, Check] = {
    "overview": overview.overview,
    "shared": overview.shared,
    "home": overview.home,
    "badge": overview.badge,
    "shared-badge": overview.badge,
    "shields": overview.badge,
    "shared-shields": overview.badge,
    "chart": line.chart,
    "chart-csv": line.sheet,
    "commits": line.commits,
    "commit": line.commit,
    "violations-csv": lists.inventory,
    "files-csv": lists.files,
    "file": lists.file,
    "scans": lists.scans,
    "phases": tracked.phases,
    "phase": tracked.phase,
    "issues": tracked.issues,
    "issue": tracked.issue,
    "my-work": people.my_work,
    "waivers": people.waivers,
    "marks": people.marks,
    "people": people.accounts,
    "activity": people.activity,
    "settings": people.settings,
    "plan-draft": plans.draft,
    "plan-draft-files": plans.draft_files,
}
