"""Commits that introduced violations."""

from collections.abc import Sequence

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent, Risk, Way
from compliance.notifications.digest_content import address
from compliance.notifications.event_texts import (
    commit_link,
    in_commits,
    names_of,
    repository_name,
    slug_of,
    total,
)
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _compose(events: Sequence[NotificationEvent]) -> News:
    slug = slug_of(events)
    new, clean = total(events, "violations"), total(events, "clean_files")
    owners = names_of(owner for event in events for owner in event.owners)
    risk = min((Risk.values.index(event.risk) for event in events if event.risk), default=None)
    broken = [path for event in events for path in event.detail.get("clean_paths", ())]
    title = f"{count_of(new, 'new violation')} in {repository_name(events)}"
    if broken and total(events, "files") == 1:
        title = f"{broken[0]} has violations again"
    facts = [
        Fact("Repository", repository_name(events), address("overview", slug)),
        Fact("Violations", f"{new:,} in {count_of(total(events, 'files'), 'file')}"),
        *([Fact("Files that were clean", names_of(broken) or f"{clean:,}")] if clean else []),
        *([Fact("Highest risk", Risk.values[risk])] if risk is not None else []),
        *([Fact("Owners", owners)] if owners else []),
    ]
    return News(
        title=title,
        text=f"Introduced by {in_commits(events)} on the tracked branch.",
        facts=facts,
        entries=[commit_link(event) for event in reversed(events)],
        links=(Link("Open the overview", address("overview", slug)),),
    )


TOPICS = (
    Topic(
        name="regression",
        title="Regression",
        when="A commit on the tracked branch introduces violations in a counted category.",
        level=Level.BAD,
        audience={
            Audience.SUBJECT: Way.AT_ONCE,
            Audience.CLAIMANT: Way.INBOX,
            Audience.OWNER: Way.INBOX,
            Audience.MANAGER: Way.INBOX,
        },
        compose=_compose,
        reasons={Audience.SUBJECT: "you wrote the commit or fixed the file that it broke"},
    ),
)
