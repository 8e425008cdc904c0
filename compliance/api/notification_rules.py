"""Rules that say which events are sent to a channel, and how often."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, require_all_repositories
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import LARGEST_BIGINT, NO_NUL
from compliance.models import Channel, NotificationRule, Repository
from compliance.notifications import rule_setup
from compliance.notifications.channels import CHANNELS
from compliance.queries.rule_previews import DAYS, preview

router = Router(tags=["notifications"])

CadenceName = Literal["at once", "daily", "weekly"]
RiskName = Literal["critical", "high", "medium", "low"]
Values = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]],
    Field(max_length=rule_setup.MOST_VALUES),
]


class RuleOut(Schema):
    """A rule. `repository` is null if it is for all repositories of the channel. An empty list matches
    everything; otherwise an event must have one of the values. `sentence` says in words what the rule does.
    """

    id: int
    channel: int
    repository: str | None
    topics: list[str]
    phases: list[str]
    owners: list[str]
    risks: list[str]
    cadence: CadenceName
    is_enabled: bool
    sentence: str
    created_at: datetime


class RuleChange(Schema):
    """What to change; what is omitted stays. An empty `repository` stands for all repositories."""

    model_config = ConfigDict(extra="forbid")
    channel: Annotated[int, Field(ge=1, le=LARGEST_BIGINT)] | None = None
    repository: Annotated[str, StringConstraints(max_length=50, pattern=NO_NUL)] | None = None
    topics: Values | None = None
    phases: Values | None = None
    owners: Values | None = None
    risks: list[RiskName] | None = Field(None, max_length=4)
    cadence: CadenceName | None = None
    is_enabled: bool | None = None


class RuleIn(RuleChange):
    """A new rule."""

    channel: Annotated[int, Field(ge=1, le=LARGEST_BIGINT)]


class RulePreviewOut(Schema):
    """What a rule would have sent from `since` until now: since the oldest recorded event, or in the last 30
    days. The numbers are lower bounds if `is_partial` is true.
    """

    sentence: str
    messages: int
    events: int
    since: datetime
    days: int
    is_partial: bool


@router.get("", response=Page[RuleOut], summary="List notification rules")
def index(request: HttpRequest, response: HttpResponse, paged: Query[Paged]) -> Page[RuleOut]:
    """List all rules. Requires the manager role."""
    acting(request, Role.MANAGER)
    return page(request, response, _rules(request), paged, _told)


@router.post("", response={201: RuleOut}, auth=WRITE, summary="Create a notification rule")
def write(request: HttpRequest, given: RuleIn) -> Status[RuleOut]:
    """Create a rule. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    rows = _rules(request)
    made = rule_setup.create(person, _values(given))
    return Status(201, _told(rows.get(pk=made.pk)))


@router.post("/preview", response=RulePreviewOut, auth=WRITE, summary="Preview a notification rule")
def show_preview(request: HttpRequest, given: RuleIn) -> RulePreviewOut:
    """Return what a rule would have sent, without storing it. Requires the manager role."""
    acting(request, Role.MANAGER)
    require_all_repositories(request, "Rules belong to all repositories")
    rule = rule_setup.checked(NotificationRule(), _values(given))
    found = preview(rule)
    return RulePreviewOut(
        sentence=rule_setup.describe(rule),
        messages=found.messages,
        events=found.events,
        since=found.since,
        days=DAYS,
        is_partial=found.is_partial,
    )


@router.post("/{int:pk}", response=RuleOut, auth=WRITE, summary="Change a notification rule")
def change(request: HttpRequest, pk: int, given: RuleChange) -> RuleOut:
    """Change, enable or disable a rule. Requires the manager role."""
    acting(request, Role.MANAGER)
    rule_setup.change(_found(request, pk), _values(given))
    return _told(_found(request, pk))


@router.post("/{int:pk}/remove", response=RuleOut, auth=WRITE, summary="Delete a notification rule")
def remove(request: HttpRequest, pk: int) -> RuleOut:
    """Delete a rule. What waits for its next digest is not sent. Requires the manager role."""
    acting(request, Role.MANAGER)
    found = _found(request, pk)
    last = _told(found)
    found.delete()
    return last


def _rules(request: HttpRequest) -> QuerySet[NotificationRule]:
    require_all_repositories(request, "Rules belong to all repositories")
    rows = NotificationRule.objects.filter(channel__kind__in=list(CHANNELS))
    return rows.select_related("channel__repository", "repository")


def _found(request: HttpRequest, pk: int) -> NotificationRule:
    found = _rules(request).filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no notification rule {pk}.")
    return found


def _values(given: RuleChange) -> dict[str, Any]:
    values = given.model_dump(exclude_none=True)
    if "channel" in values:
        rows = Channel.objects.filter(kind__in=list(CHANNELS)).select_related("repository")
        values["channel"] = rows.filter(pk=values["channel"]).first()
        if values["channel"] is None:
            raise HttpError(409, f"There is no channel {given.channel}.")
    if "repository" in values:
        values["repository"] = Repository.objects.filter(slug=given.repository).first()
        if given.repository and values["repository"] is None:
            raise HttpError(409, f"There is no repository “{given.repository}”.")
    return values


def _told(row: NotificationRule) -> RuleOut:
    same = RuleOut.model_fields.keys() - {"id", "channel", "repository", "sentence"}
    values: dict[str, Any] = {name: getattr(row, name) for name in same}
    return RuleOut(
        id=row.pk,
        channel=row.channel_id,
        repository=row.repository.slug if row.repository else None,
        sentence=rule_setup.describe(row),
        **values,
    )
