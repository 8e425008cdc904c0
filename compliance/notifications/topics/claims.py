"""Claims that expire soon."""

from collections.abc import Sequence

from compliance.lib.dates import written
from compliance.lib.wording import count_of
from compliance.models import Claim, NotificationEvent, Way
from compliance.notifications.digest_content import address
from compliance.notifications.event_texts import number_of, repository_name, slug_of, text_of
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _compose(events: Sequence[NotificationEvent]) -> News:
    slug = slug_of(events)
    latest = {
        number_of(event, "claim"): event for event in events
    }  # a claim may have been extended meanwhile
    one = text_of(events[-1], "path") if len(latest) == 1 else ""
    files = [
        Link(
            f"{text_of(event, 'path')}, until {text_of(event, 'until')}",
            address("file", slug, str(number_of(event, "file"))),
        )
        for event in latest.values()
    ]
    claims = f"claim on {one}" if one else f"claims on {count_of(len(latest), 'file')}"
    expire = "expires" if one else "expire"
    return News(
        title=f"Your {claims} {expire} soon",
        text=(
            "Any commit of yours that changes a file renews its claim. You can also extend the claim, or "
            "release it so that somebody else can claim the file."
        ),
        facts=(Fact("Repository", repository_name(events), address("overview", slug)),),
        entries=files,
        links=(Link("Open My work", address("my-work", slug)),),
    )


def _expiring(events: Sequence[NotificationEvent]) -> list[NotificationEvent]:
    """Return the events about claims that still end then: others were released, completed or extended."""
    rows = Claim.objects.filter(
        pk__in=[number_of(event, "claim") for event in events], state=Claim.State.ACTIVE
    )
    ends = {pk: written(until) for pk, until in rows.values_list("pk", "until")}
    return [
        event
        for event in events
        if "claim" not in event.detail or ends.get(number_of(event, "claim")) == text_of(event, "until")
    ]


TOPICS = (
    Topic(
        name="claim.expiring",
        title="Claim about to expire",
        when="A claim expires within two days.",
        level=Level.WARNING,
        audience={Audience.SUBJECT: Way.AT_ONCE},
        compose=_compose,
        is_personal=True,
        reasons={Audience.SUBJECT: "you claim the file"},
        current=_expiring,
    ),
)
