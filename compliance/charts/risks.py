"""The risks: what is left in the counted categories, worst first."""

from compliance.charts.scene import Data, Scene

NAME = "risks"
TITLE = "By risk"
RISKS = ("critical", "high", "medium", "low")


def draw(scene: Scene) -> Data:
    """One row a risk, also with nothing left; no query."""
    rows = []
    for risk in RISKS:
        left, files = scene.left("risk", risk)
        rows.append({"key": risk, "left": left, "files": files})
    total = sum(row["left"] for row in rows)
    return {"kind": "rows", "title": TITLE, "columns": ["Risk", "Left", "Files"], "rows": rows, "total": total}
