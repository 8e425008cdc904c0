"""The charts' numbers: the trend by measure and dimension with its forecast, what moved, what is left."""

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import WithJsonSchema

from compliance.api.authentication import repository_of
from compliance.charts import CHARTS
from compliance.charts.context import chart_context
from compliance.lib.text_fields import Day

router = Router(tags=["charts"])

# For the schema alone: the operation says which charts there are.
Chart = Annotated[str, WithJsonSchema({"type": "string", "enum": list(CHARTS)})]


class ChartAsked(Schema):
    """What of the trend: other charts show the newest commit and leave these alone.

    `from` and `to` are days, both included, and win over `range`; `ghost` is the number of an earlier version
    of the plan whose line is wanted as well.
    """

    measure: Literal["", "percent", "violations", "files", "sites"] = ""
    by: Literal["", "phase", "issue", "risk", "rule", "category"] = ""
    range: Literal["", "30d", "90d", "1y"] = ""
    first: Day | None = Field(None, alias="from")
    to: Day | None = None
    ghost: int | None = Field(None, ge=1, le=999_999_999)


@router.get("/{slug}/charts/{name}", response=dict[str, Any], summary="Show the numbers of a chart")
def show(request: HttpRequest, slug: str, name: Chart, asked: Query[ChartAsked]) -> dict[str, Any]:
    """What the page draws.

    A chart of kind `line` has `points`, each `[seconds since 1970, a value for each of lines, commit]`, with
    `forecast` and `marks`; others have `rows`.
    """
    if name not in CHARTS:
        raise Http404(f"There is no chart named “{name}”; there are {', '.join(CHARTS)}.")
    wanted = asked.dict(by_alias=True, exclude_none=True)
    drawn: dict[str, Any] = CHARTS[name].draw(
        chart_context(repository_of(request, slug), {key: str(value) for key, value in wanted.items()})
    )
    return drawn
