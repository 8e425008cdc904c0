"""The audit trail, which combines events of every kind in one format with time, subject, person and
repository.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, NamedTuple

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat, NullIf
from pydantic import StringConstraints

from compliance.accounts.roles import Role, may
from compliance.lib.field_types import NO_NUL, Bound
from compliance.models import Commit, File, Person, Phase, PlanVersion, Repository
from compliance.queries.filters import Control, ListFilter, OneOf


class Deed(NamedTuple):
    """An entry of the audit trail. `who` is the key of a person, or None for the system."""

    at: datetime
    kind: str
    label: str
    who: int | None
    token: str | None
    detail: str
    slug: str


class EntryKind(NamedTuple):
    """A kind of entry: its event table, its details, its repository, and a fallback for the person."""

    kind: str
    table: str
    person: str
    detail: tuple[str | Combinable, ...]
    repository: str = ""
    private: bool = False


def _of(model: Any, key: str, column: str) -> Coalesce:
    found = model.objects.filter(pk=OuterRef(key)).order_by().values(column)[:1]
    return Coalesce(Subquery(found), Value("", TextField()), output_field=TextField())


def _owner(key: str) -> Coalesce:
    """Return the account of a person in `Person`, or the name of somebody who has none."""
    return Coalesce(NullIf(_of(Person, key, "account__username"), Value("")), _of(Person, key, "name"))


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
ENTRY_KINDS = (
    EntryKind("claim", "ClaimEvent", "", (F("state"), Value(": "), _of(File, "file_id", "path")), "file"),
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
        (F("role"), Value(" for "), _of(Phase, "phase_id", "title")),
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
        (_of(Commit, "commit_id", "sha"), Value(" for plan version "), Cast(Subquery(_NUMBER), TextField())),
        "plan",
    ),
    EntryKind("connection", "ConnectionEvent", "", (F("name"), Value(", "), F("provider"))),
    EntryKind(
        "attachment",
        "AttachmentEvent",
        "",
        (_last_name("ConnectionEvent", "connection_id"),),
        "repository_id",
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
        (_of(User, "user_id", "username"), Value(": "), F("provider")),
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
        (_of(User, "user_id", "username"), Value(": "), _of(Group, "group_id", "name")),
        private=True,
    ),
)
"""All kinds, in the order shown on the page. Those marked `private` are visible to administrators only."""

WORDS = {
    "insert": "made",
    "update": "changed",
    "delete": "taken away",
    "password": "password changed",
    "reset link": "link to a new password",
    "e-mail": "e-mail address changed",
    "name": "name changed",
    "credentials": "credentials changed",
    "secret": "webhook secret changed",
}

LABELS = {
    "plan in force": "active plan",
    "way in": "sign-in provider",
    "made": "created",
    "taken away": "removed",
    "link to a new password": "password reset link",
}
"""Maps a kind or action, as given in CSV files and the API, to its label on the page. Others are shown
unchanged.
"""

_COLUMNS = ("at", "kind", "label", "who", "token", "detail", "slug")


class ActivityFilter(ListFilter):
    """Filters: the person's name, the kind of object, and the first and last date, both inclusive."""

    person: Annotated[
        str, StringConstraints(max_length=150, pattern=NO_NUL), Control("Person", "people", unset="Anyone")
    ] = ""
    kind: Annotated[str, OneOf(tuple(entry.kind for entry in ENTRY_KINDS))] = ""
    since: Annotated[Bound | None, Control("From", kind="date")] = None
    until: Annotated[Bound | None, Control("To", kind="date")] = None

    def deeds(
        self, viewer: User | AnonymousUser, most: int | None, zone: tzinfo, before: datetime | None = None
    ) -> QuerySet[Any, Any]:
        """Return the entries that this viewer may see, newest first, in one or two queries.

        Dates begin at midnight in `zone`. `before` limits the list further, and `most` limits the number for
        each kind.
        """
        kinds = [entry for entry in entry_kinds_for(viewer) if self.kind in ("", entry.kind)]
        who = User.objects.filter(username=self.person).first() if self.person else None
        if not kinds or (self.person and who is None):
            return _rows(ENTRY_KINDS[0], None, None, None, None).none()
        since = _midnight(self.since, zone)
        ends = [end for end in (before, _midnight(self.until, zone, 1)) if end]
        until = min(ends, default=None)
        first, *others = (_rows(entry, who.pk if who else None, since, until, most) for entry in kinds)
        if not others:
            return first if most else first.order_by("-pgh_created_at")
        return first.union(*others, all=True).order_by("-at", "-detail")


def _midnight(day: date | None, zone: tzinfo, later: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=later), time(), zone) if day else None


def _rows(
    entry: EntryKind, who: int | None, since: datetime | None, until: datetime | None, most: int | None
) -> QuerySet[Any, Any]:
    model: Any = apps.get_model("compliance", entry.table)
    asked = Cast(KeyTextTransform("user", "pgh_context__metadata"), IntegerField())
    # When a sign-in request begins, it isn't known yet who is signing in.
    fallback = "pgh_obj_id" if entry.table == "AccountEvent" else entry.person
    parts = (Cast(part, TextField()) for part in entry.detail)
    rows = model.objects.annotate(
        at=F("pgh_created_at"),
        kind=Value(entry.kind, TextField()),
        label=Cast("pgh_label", TextField()),
        who=Coalesce(asked, Cast(fallback, IntegerField())) if fallback else asked,
        token=KeyTextTransform("token", "pgh_context__metadata"),
        detail=Concat(Value(""), *parts, output_field=TextField()),
        slug=_slug(entry.repository),
    )
    rows = rows.filter(**({"who": who} if who else {}))
    rows = rows.filter(**({"at__gte": since} if since else {}), **({"at__lt": until} if until else {}))
    told = rows.values_list(*_COLUMNS)
    ordered: QuerySet[Any, Any] = told.order_by("-pgh_created_at")[:most] if most else told.order_by()
    return ordered


def _slug(key: str) -> Any:
    if not key:
        return Value("", TextField())
    if key == "file":
        return _of(File, "file_id", "repository__slug")
    if key == "phase":
        return _of(Phase, "phase_id", "issue__repository__slug")
    if key == "plan":
        return _of(PlanVersion, "plan_id", "repository__slug")
    return _of(Repository, key, "slug")


def entry_kinds_for(person: User | AnonymousUser) -> list[EntryKind]:
    """Return the kinds of entries that this person may see."""
    every = may(person, Role.ADMINISTRATOR)
    return [entry for entry in ENTRY_KINDS if every or not entry.private]


def told(deed: Deed, names: dict[int, str]) -> dict[str, Any]:
    """Return an entry in text form, with people's names."""
    person = names.get(deed.who, "former user") if deed.who else "the system"
    return {
        "at": deed.at,
        "kind": deed.kind,
        "deed": WORDS.get(deed.label, deed.label),
        "person": person,
        "with_token": "yes" if deed.token else "",
        "what": deed.detail,
        "repository": deed.slug,
    }


def names_of_people() -> dict[int, str]:
    """Return the names of everyone who has or had an account, by key, in one query."""
    return dict(User.objects.values_list("pk", "username"))
