"""The charts in page order. Each file has NAME, TITLE and `draw`, which gives plain data."""

from types import ModuleType

from compliance.charts import burndown, issues, movement, phases, risks, trend

CHARTS: dict[str, ModuleType] = {
    chart.NAME: chart for chart in (trend, movement, phases, issues, risks, burndown)
}
