"""The kinds of entries of the audit trail: the event table of each, and how its details are put together."""

from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db.models import Case, F, Func, OuterRef, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat, Left, NullIf

from compliance.models import Commit, File, Person, Phase, PlanVersion, PullRequest, Risk


class EntryKind(NamedTuple):
    """A kind of entry: its event table, its details, its repository, and a fallback for the person."""

    kind: str
    table: str
    person: str
    detail: tuple[str | Combinable, ...]
    repository: str = ""
    private: bool = False


def column_of(model: Any, key: str, column: str) -> Coalesce:
    found = model.objects.filter(pk=OuterRef(key)).order_by().values(column)[:1]
    return Coalesce(Subquery(found), Value("", TextField()), output_field=TextField())


def _owner(key: str) -> Coalesce:
    """Return the account of a person in `Person`, or the name of somebody who has none."""
    return Coalesce(
        NullIf(column_of(Person, key, "account__username"), Value("")), column_of(Person, key, "name")
    )


def _last_name(table: str, key: str) -> Coalesce:
    """Return the last name of a team or connection, even if it has been deleted since."""
    events: Any = apps.get_model("compliance", table).objects
    found = events.filter(pgh_obj_id=OuterRef(key)).order_by("-pgh_id").values("name")[:1]
    return Coalesce(Subquery(found), Value("", TextField()), output_field=TextField())


_NUMBER = PlanVersion.objects.filter(pk=OuterRef("plan_id")).order_by().values("number")[:1]
# A plan that a person has chosen is activated by the next scan, which is an entry of its own.
_CHOSEN = PlanVersion.objects.filter(pk=OuterRef("chosen_plan_id")).order_by().values("number")[:1]
_PLAN = Case(
    When(plan_id=None, chosen_plan_id=None, then=Value("none yet")),
    default=Concat(
        Value("version "),
        Cast(Coalesce(Subquery(_CHOSEN), Subquery(_NUMBER)), TextField()),
        output_field=TextField(),
    ),
    output_field=TextField(),
)
_CHANNEL_STATE = Case(
    When(is_enabled=False, disabled_reason="", then=Value(", disabled")),
    When(is_enabled=False, then=Concat(Value(", disabled: "), F("disabled_reason"))),
    default=Value(""),
    output_field=TextField(),
)
_RULE = Concat(
    Case(
        When(topics=[], then=Value("all topics")),
        default=Func(F("topics"), Value(", "), function="array_to_string"),
        output_field=TextField(),
    ),
    Value(", "),
    F("cadence"),
    output_field=TextField(),
)
_RULE_STATE = Case(
    When(is_enabled=False, then=Value(", disabled")), default=Value(""), output_field=TextField()
)
_WAIVER_STATE = Case(  # entries from before waivers had states say only if they had ended
    When(state="approved", ended_at__isnull=False, then=Value("ended")),
    default=F("state"),
    output_field=TextField(),
)
_WAIVED_RULE = Case(When(rule="", then=Value("all rules")), default=F("rule"), output_field=TextField())
_COMMENT = Case(
    When(comment="", then=Value("")),
    default=Concat(Value(" ("), F("comment"), Value(")"), output_field=TextField()),
    output_field=TextField(),
)
_RISK_LEVELS = tuple(
    Case(
        When(**{f"by_risk__{risk}__isnull": True}, then=Value("")),
        default=Concat(Value(f", {risk} "), KeyTextTransform(risk, "by_risk"), output_field=TextField()),
        output_field=TextField(),
    )
    for risk in Risk.values
)
_LOCKS = Case(When(locks=True, then=Value("on")), default=Value("off"), output_field=TextField())
_COMMENTS = Case(When(comments=True, then=Value("on")), default=Value("off"), output_field=TextField())
_PULL_REQUEST = PullRequest.objects.filter(pk=OuterRef("pull_request_id")).values("number")[:1]
ENTRY_KINDS = (
    EntryKind(
        "claim", "ClaimEvent", "", (F("state"), Value(": "), column_of(File, "file_id", "path")), "file"
    ),
    EntryKind(
        "waiver",
        "WaiverEvent",
        "",
        (
            _WAIVER_STATE,
            Value(": "),
            _WAIVED_RULE,
            Value(" at "),
            F("glob"),
            Value(": "),
            F("reason"),
            _COMMENT,
        ),
        "repository_id",
    ),
    EntryKind(
        "approval",
        "ApprovalEvent",
        "person_id",
        (F("role"), Value(" for "), column_of(Phase, "phase_id", "title")),
        "phase",
    ),
    EntryKind(
        "plan",
        "PlanVersionEvent",
        "author_id",
        (Value("version "), Cast("number", TextField()), Value(", "), F("name")),
        "repository_id",
    ),
    EntryKind("plan in force", "PlanChoiceEvent", "", (_PLAN,), "pgh_obj_id"),
    EntryKind(
        "baseline",
        "BaselineEvent",
        "person_id",
        (
            column_of(Commit, "commit_id", "sha"),
            Value(" for plan version "),
            Cast(Subquery(_NUMBER), TextField()),
        ),
        "plan",
    ),
    EntryKind(
        "policy for pull requests",
        "GatePolicyEvent",
        "",
        (
            F("level"),
            *_RISK_LEVELS,
            Value("; suppressions "),
            F("suppressions"),
            Value("; locks "),
            _LOCKS,
            Value("; comments "),
            _COMMENTS,
        ),
        "repository_id",
    ),
    EntryKind(
        "notes on issues",
        "IssueNotePolicyEvent",
        "",
        (Case(When(is_enabled=True, then=Value("on")), default=Value("off"), output_field=TextField()),),
        "repository_id",
    ),
    EntryKind(
        "override",
        "OverrideEvent",
        "overridden_by_id",
        (
            Value("#"),
            Cast(Subquery(_PULL_REQUEST), TextField()),
            Value(" at "),
            Left("head_sha", 10),
            Value(": "),
            F("override_reason"),
        ),
        "repository_id",
    ),
    EntryKind("connection", "ConnectionEvent", "", (F("name"), Value(", "), F("provider"))),
    EntryKind(
        "attachment",
        "AttachmentEvent",
        "",
        (_last_name("ConnectionEvent", "connection_id"),),
        "repository_id",
    ),
    EntryKind(
        "channel",
        "ChannelEvent",
        "",
        (F("name"), Value(", "), F("kind"), _CHANNEL_STATE),
        "repository_id",
    ),
    EntryKind(
        "notification rule",
        "NotificationRuleEvent",
        "",
        (_last_name("ChannelEvent", "channel_id"), Value(": "), _RULE, _RULE_STATE),
        "repository_id",
    ),
    EntryKind(
        "repository", "RepositoryEvent", "", (F("name"), Value(", "), F("slug")), "pgh_obj_id", private=True
    ),
    EntryKind("team", "TeamEvent", "", (F("name"),)),
    EntryKind(
        "team member",
        "TeamMemberEvent",
        "",
        (_last_name("TeamEvent", "team_id"), Value(": "), _owner("person_id")),
    ),
    EntryKind("note", "MarkerEvent", "", (F("text"),), "repository_id"),
    EntryKind("token", "TokenEvent", "", (F("name"), Value(", "), F("scope")), "repository_id"),
    EntryKind("public link", "PublicLinkEvent", "", (F("name"),), "repository_id"),
    EntryKind("invitation", "InvitationEvent", "", (Value("as "), F("role")), private=True),
    EntryKind("account", "AccountEvent", "", (F("username"),), private=True),
    EntryKind(
        "way in",
        "ExternalLoginEvent",
        "user_id",
        (column_of(User, "user_id", "username"), Value(": "), F("provider")),
        private=True,
    ),
    EntryKind("address", "AddressEvent", "", (_owner("person_id"), Value(": "), F("email")), private=True),
    EntryKind(
        "handle",
        "HandleEvent",
        "",
        (
            _owner("person_id"),
            _last_name("TeamEvent", "team_id"),
            Value(": "),
            F("forge"),
            Value(" @"),
            F("name"),
        ),
        private=True,
    ),
    EntryKind(
        "role",
        "MembershipEvent",
        "",
        (column_of(User, "user_id", "username"), Value(": "), column_of(Group, "group_id", "name")),
        private=True,
    ),
)
"""All kinds, in the order shown on the page. Those marked `private` are visible to administrators only."""
