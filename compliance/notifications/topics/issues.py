"""Issues whose state in the tracker disagrees with the records."""

from collections.abc import Sequence

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent, Way
from compliance.notifications.event_messages import page
from compliance.notifications.event_texts import repository_name, text_of
from compliance.notifications.message import Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _compose(events: Sequence[NotificationEvent]) -> News:
    newest = list({text_of(event, "key"): event for event in events}.values())
    alone = len(newest) == 1
    what = _sentence(newest[0]) if alone else f"{count_of(len(newest), 'issue')} and the records disagree"
    link = Link("Open the issue", text_of(newest[0], "url"))
    return News(
        title=f"{what} in {repository_name(events)}",
        text=text_of(newest[0], "title") if alone else "",
        entries=() if alone else (Link(_sentence(event), text_of(event, "url")) for event in newest),
        links=(link if alone else Link("Open the issues", page(events, "issues")),),
    )


def _sentence(event: NotificationEvent) -> str:
    return f"{text_of(event, 'key')} is {text_of(event, 'warning')}"


TOPICS = (
    Topic(
        name="issue.disagrees",
        title="Issue and records disagree",
        when="An issue has been closed with violations left that its phases do not tolerate, or open with "
        "nothing left to do, for an hour.",
        level=Level.WARNING,
        audience={Audience.MANAGER: Way.INBOX},
        compose=_compose,
    ),
)
