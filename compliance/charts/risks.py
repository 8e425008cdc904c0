"""Risk chart: the violations left for each risk level in the counted categories, highest risk first."""

from compliance.charts.context import ChartContext, Data
from compliance.models import Risk

NAME = "risks"
TITLE = "By risk"
ORDER = 50


def draw(context: ChartContext) -> Data:
    """Return one row for each risk level, including empty ones, without a query."""
    left = {risk: context.left("risk", risk) for risk in Risk.values}
    rows = [{"key": risk, "left": count, "files": files} for risk, (count, files) in left.items()]
    total = sum(count for count, _ in left.values())
    return {
        "kind": "rows",
        "title": TITLE,
        "columns": ["Risk", "Left", "Files"],
        "rows": rows,
        "total": total,
    }
