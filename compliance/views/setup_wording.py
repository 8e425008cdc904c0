"""The sentences of the page on which a repository is added."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.lib.wording import count_of, size_in_words, span_in_words
from compliance.models import Repository, RepositorySetup
from compliance.scans.depth import Depth, typed_depth
from compliance.scans.depth_suggestions import Span, suggested_commits, suggested_day
from compliance.scans.setup_errors import SetupError

Kind = Repository.Trouble

_PRIVATE = {Kind.REFUSED, Kind.NOT_FOUND}
"""The answers of servers to those who may not read a private repository."""


def needs_credentials(setup: RepositorySetup) -> bool:
    """Return true if a token or a connection may help, because the server didn't let anyone in."""
    return setup.trouble_kind in _PRIVATE and setup.url.startswith("https://")


def needs_deploy_key(setup: RepositorySetup) -> bool:
    """Return true if the repository is read with a deploy key, which the server may not know yet."""
    return not setup.url.startswith(("/", "https://"))


def estimate_sentences(setup: RepositorySetup) -> list[str]:
    """Return what is known of the repository's size, whatever is read of its history."""
    known = setup.estimate
    if not known:
        return []
    found = []
    commits, size = known.get("commits"), known.get("size")
    if commits is None:
        found.append(
            "The number of commits is unknown, because the server can't send commits alone, or not in time."
        )
    else:
        since = f" since {date.fromisoformat(known['since']):%-d %B %Y}" if known.get("since") else ""
        found.append(
            f"History: {count_of(commits, 'commit')}{since} on {setup.default_branch}, merges counted once."
        )
    if size is None:
        found.append("The size is unknown, because the server didn't begin to send the repository in time.")
    else:
        found.append(f"Size of the clone: about {size_in_words(size)}, however much of the history is read.")
    if known.get("partial"):
        found.append(
            "This folder is a partial clone: contents of files that it lacks can't be read, and those files "
            "count as not readable. Add the repository that it was cloned from instead, or run "
            "`git fetch --refetch --no-filter` in it, then check again."
        )
    return found


@dataclass(frozen=True, slots=True)
class DepthChoices:
    """The choices of a form for the depth of a history: the chosen one, what its fields contain, and what
    each of them costs, in words. `suggested_since` and `suggested_commits` are the suggestions.
    """

    chosen: str
    since: str
    commits: str
    suggested_since: str
    suggested_commits: str
    costs: Mapping[str, str]


def depth_choices(
    given: Mapping[str, str], span: Span, cost: Callable[[Depth], Mapping[str, Any]]
) -> DepthChoices:
    """Return the choices of a form with the values that were entered, or with suggestions in the span. `cost`
    returns the number of commits and the seconds of a choice, as `setup_estimate.estimate_for` does.
    """
    suggested = suggested_day(span).isoformat(), str(suggested_commits(span))
    shown = (given.get("suggested_since"), given.get("suggested_commits"))
    # The size becomes known while the form is open; a suggestion that nobody has changed is replaced.
    since, commits = (
        fresh if given.get(name, "") in {"", old} else given[name]
        for name, fresh, old in zip(("history_since", "history_commits"), suggested, shown, strict=True)
    )
    costs = {choice: _cost(choice, since, commits, span, cost) for choice in ("whole", "since", "commits")}
    return DepthChoices(given.get("history", "") or "whole", since, commits, *suggested, costs)


def _cost(
    choice: str, since: str, commits: str, span: Span, cost: Callable[[Depth], Mapping[str, Any]]
) -> str:
    try:
        depth = typed_depth(choice, since, commits)
    except SetupError as error:
        return str(error)
    if depth.since and span.last and depth.since > span.last and not span.read:
        return f"No commit is that new: only the last one, of {span.last:%-d %B %Y}, would be read."
    known = cost(depth)
    if known["commits"] is None:
        return "The number of commits and the time are unknown."
    about = "about " if choice == "since" else ""  # only the commits since a day are estimated
    if known["seconds"] is None:
        return f"{about.capitalize()}{count_of(known['commits'], 'commit')}; the time is unknown."
    time = span_in_words(*known["seconds"])
    return f"{about.capitalize()}{count_of(known['commits'], 'commit')}; {time}, depending on the plan."
