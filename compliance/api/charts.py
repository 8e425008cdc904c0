"""Chart data: the trend with its forecast, by measure and dimension, weekly changes, and remaining work."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import WithJsonSchema

from compliance.api.authentication import repository_of
from compliance.charts import CHARTS, trend
from compliance.charts.context import chart_context
from compliance.charts.dimensions import DIMENSIONS
from compliance.charts.series import RANGES
from compliance.charts.texts import drawn
from compliance.lib.field_types import Bound
from compliance.queries.filters import OneOf

router = Router(tags=["charts"])

# Used only in the schema, to list the available charts.
Chart = Annotated[str, WithJsonSchema({"type": "string", "enum": list(CHARTS)})]


class ChartAsked(Schema):
    """Options for the trend. Charts of the newest commit ignore them.

    `from` and `to` are dates, both inclusive, and override `range`. `ghost` is the number of an earlier plan
    version whose trend is added for comparison. `whole` has every commit and every line, like the CSV file.
    """

    measure: Annotated[str, OneOf(tuple(trend.MEASURES))] = ""
    by: Annotated[str, OneOf(DIMENSIONS)] = ""
    range: Annotated[str, OneOf(tuple(RANGES))] = ""
    first: Bound | None = Field(None, alias="from")
    to: Bound | None = None
    ghost: int | None = Field(None, ge=1, le=999_999_999)
    whole: bool = False


@router.get("/{slug}/charts/{name}", response=dict[str, Any], summary="Show chart data")
def show(request: HttpRequest, slug: str, name: Chart, asked: Query[ChartAsked]) -> dict[str, Any]:
    """Return the data that the page's chart is drawn from.

    A chart of kind `line` has `points`, each `[seconds since 1970, one value per line, commit]`, as well as
    `forecast` and `marks`. A long one is thinned to about 1,200 of its `commits`, and `notes` says so; with
    `whole=true`, nothing is left out, and the trend in total has `unclean`: at each point, the files with
    violations, and those without violations that aren't clean because they can't be parsed. Other charts have
    `rows`. `unread_commits` is the number of older commits that no chart contains, because history is read
    from a later commit on. `description` and `texts` are for the page's script.
    """
    if name not in CHARTS:
        raise Http404(f"There is no chart named “{name}”; the charts are {', '.join(CHARTS)}.")
    wanted = asked.dict(by_alias=True, exclude_none=True, exclude={"whole"})
    query = {key: str(value) for key, value in wanted.items()}
    context = chart_context(repository_of(request, slug), query, whole=asked.whole)
    return drawn(CHARTS[name], context)
