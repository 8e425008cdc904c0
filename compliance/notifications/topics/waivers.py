"""Waivers that are requested, decided on, about to expire, or over."""

from collections.abc import Sequence
from functools import partial

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent, Waiver, Way
from compliance.notifications.digest_content import address
from compliance.notifications.event_texts import number_of, repository_name, slug_of, text_of
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _requested(event: NotificationEvent) -> str:
    return f"A waiver for {text_of(event, 'path')} was requested"


def _decided(event: NotificationEvent) -> str:
    return f"The waiver for {text_of(event, 'path')} was {text_of(event, 'state')}"


def _expiring(event: NotificationEvent) -> str:
    return f"The waiver for {text_of(event, 'path')} expires soon"


def _expired(event: NotificationEvent) -> str:
    if text_of(event, "decided_by") or text_of(event, "comment"):
        return f"The waiver for {text_of(event, 'path')} has expired"
    return f"Nobody decided on the request for a waiver for {text_of(event, 'path')}"


_TITLES = {
    "waiver.requested": (_requested, "requested"),
    "waiver.decided": (_decided, "decided on"),
    "waiver.expiring": (_expiring, "about to expire"),
    "waiver.expired": (_expired, "expired"),
}
_TEXTS = {
    "waiver.requested": "The figures include waived violations. A waiver only shows that you accept them.",
    "waiver.decided": "The figures include waived violations.",
    "waiver.expiring": "If the violations must stay longer, request another waiver before then.",
    "waiver.expired": "If the violations must still stay, request another waiver.",
}


def _compose(topic: str, events: Sequence[NotificationEvent]) -> News:
    slug = slug_of(events)
    title, verb = _TITLES[topic]
    single = len(events) == 1
    is_approved = topic == "waiver.decided" and text_of(events[0], "state") == Waiver.State.APPROVED
    where = address("waivers", slug) + ("#waiting" if topic == "waiver.requested" else "")
    return News(
        title=title(events[0])
        if single
        else f"{count_of(len(events), 'waiver')} {verb} in {repository_name(events)}",
        text=_TEXTS[topic],
        facts=_facts(events[0]) if single else (),
        entries=() if single else [Link(_line(title(event), event), where) for event in events],
        links=(Link("Approve or reject" if topic == "waiver.requested" else "Open the waivers", where),),
        level=Level.GOOD if is_approved and single else None,
    )


def _line(title: str, event: NotificationEvent) -> str:
    said = text_of(event, "comment") or text_of(event, "reason")
    return f"{title}: {said}" if said else title


def _facts(event: NotificationEvent) -> list[Fact]:
    pairs = (
        ("Repository", repository_name([event])),
        ("Files", text_of(event, "path")),
        ("Rule", text_of(event, "rule")),
        ("Last day", text_of(event, "until") or "no end date"),
        ("Requested by", text_of(event, "requested_by")),
        ("Reason", text_of(event, "reason")),
        ("Decided by", text_of(event, "decided_by")),
        ("Comment", text_of(event, "comment")),
    )
    return [Fact(name, value) for name, value in pairs if value]


def _waiting(events: Sequence[NotificationEvent]) -> list[NotificationEvent]:
    """Return the events about requests on which nobody has decided."""
    keys = [number_of(event, "waiver") for event in events]
    rows = Waiver.objects.filter(pk__in=keys, state=Waiver.State.REQUESTED)
    waiting = set(rows.values_list("pk", flat=True))
    return [
        event for event in events if "waiver" not in event.detail or number_of(event, "waiver") in waiting
    ]


_OWN = {Audience.SUBJECT: "you requested the waiver"}
TOPICS = (
    Topic(
        name="waiver.requested",
        title="Waiver requested",
        when="Somebody requests a waiver that others must approve.",
        level=Level.NEUTRAL,
        audience={Audience.SUBJECT: Way.AT_ONCE},
        compose=partial(_compose, "waiver.requested"),
        reasons={Audience.SUBJECT: "you may decide on waivers"},
        current=_waiting,
    ),
    Topic(
        name="waiver.decided",
        title="Waiver approved or rejected",
        when="Somebody approves or rejects a requested waiver.",
        level=Level.NEUTRAL,
        audience={Audience.SUBJECT: Way.AT_ONCE},
        compose=partial(_compose, "waiver.decided"),
        reasons=_OWN,
    ),
    Topic(
        name="waiver.expiring",
        title="Waiver about to expire",
        when="The last day of an approved waiver is at most seven days away.",
        level=Level.WARNING,
        audience={Audience.SUBJECT: Way.AT_ONCE, Audience.MANAGER: Way.INBOX},
        compose=partial(_compose, "waiver.expiring"),
        reasons=_OWN,
    ),
    Topic(
        name="waiver.expired",
        title="Waiver expired",
        when="The last day of a waiver, or of a request, is over.",
        level=Level.WARNING,
        audience={Audience.SUBJECT: Way.AT_ONCE, Audience.MANAGER: Way.INBOX},
        compose=partial(_compose, "waiver.expired"),
        reasons=_OWN,
    ),
)
