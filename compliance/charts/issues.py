"""Issue chart: the violations left, tracker state, task list and steps of each issue."""

from compliance.charts.context import ChartContext, Data
from compliance.progress.issue_status import disagreement_words
from compliance.progress.preliminary import preliminary

NAME = "issues"
TITLE = "By issue"
ORDER = 40


def draw(context: ChartContext) -> Data:
    """Return one row for each issue in plan order, in four queries."""
    fixed = context.fixed["issue"]
    open_phases: dict[int, int] = {}
    for phase in context.phases:
        open_phases[phase.issue_id] = open_phases.get(phase.issue_id, 0) + (phase.closed_at is None)
    rows = []
    for issue in context.issues:
        left, files = context.left("issue", issue.key)
        done = fixed.get(issue.key, 0)
        steps = list(issue.steps.all())
        undone = [step for step in steps if step.done_by_id is None]
        rows.append(
            {
                "key": issue.key,
                "title": issue.tracker_title or issue.title,
                "url": issue.url,
                "priority": issue.priority,
                "state": issue.tracker_state,
                "left": left,
                "warning": disagreement_words(issue.tracker_state, left, done, open_phases.get(issue.pk)),
                "files": files,
                "fixed": done,
                "fixed_gone": context.fixed_gone["issue"].get(issue.key, 0),
                "so_far": not context.repository.history_done,
                "preliminary": preliminary(context.repository),
                "total": left + done,
                "tasks": len(issue.checklist),
                "tasks_done": sum(bool(task.get("done")) for task in issue.checklist),
                "steps": len(steps),
                "steps_done": len(steps) - len(undone),
                "next_step": undone[0].title if undone else "",
            }
        )
    columns = ["Issue", "Title", "Priority", "Tracker", "Fixed", "Left", "Task list", "Steps"]
    known = {name: any(row[name] for row in rows) for name in ("state", "tasks", "steps", "url")}
    return {"kind": "rows", "title": TITLE, "columns": columns, "rows": rows, "known": known}
