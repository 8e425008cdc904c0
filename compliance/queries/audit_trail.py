"""The audit trail, which combines events of every kind in one format with time, subject, person and
repository.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, NamedTuple

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat
from pydantic import StringConstraints

from compliance.accounts.roles import Role, may
from compliance.lib.field_types import NO_NUL, Bound
from compliance.models import File, Phase, PlanVersion, Repository
from compliance.queries.audit_kinds import ENTRY_KINDS, EntryKind, column_of
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


WORDS = {
    "insert": "made",
    "update": "changed",
    "delete": "taken away",
    "password": "password changed",
    "reset link": "link to a new password",
    "e-mail": "e-mail address changed",
    "name": "name changed",
    "credentials": "credentials changed",
    "history depth": "history extended",
    "address": "address changed",
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

_COLUMNS = ("at", "entry_kind", "label", "who", "token", "detail", "of_repository")


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
        entry_kind=Value(entry.kind, TextField()),  # a channel has a kind of its own
        label=Cast("pgh_label", TextField()),
        who=Coalesce(asked, Cast(fallback, IntegerField())) if fallback else asked,
        token=KeyTextTransform("token", "pgh_context__metadata"),
        detail=Concat(Value(""), *parts, output_field=TextField()),
        of_repository=_slug(entry.repository),  # an event may have a slug of its own
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
        return column_of(File, "file_id", "repository__slug")
    if key == "phase":
        return column_of(Phase, "phase_id", "issue__repository__slug")
    if key == "plan":
        return column_of(PlanVersion, "plan_id", "repository__slug")
    return column_of(Repository, key, "slug")


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
