"""Passes the events of a tracker on to the repositories that use its connection and whose plan references the
issue.
"""

from collections.abc import Iterable

from compliance.integrations import issues, known_issues
from compliance.integrations.issues import IssueNews
from compliance.models import Connection, Repository

_SHOWN = 20
"""Maximum number of repositories that an outcome names."""


def hear(connection: Connection, news: IssueNews) -> str:
    """Store the state of an issue in each repository, and for plans that reference it later. Return the
    outcome as text.
    """
    keys = (news.key, *news.former_keys)
    owned = [key for key in keys if connection.owns(key)]
    if not owned:
        return _not_owned(connection, news.key)
    known_issues.remember(connection, news)
    named = {*owned, *([news.parent] if connection.owns(news.parent) else [])}
    referencing = {key: _referencing(connection, key) for key in named}
    every = {pk: repository for found in referencing.values() for pk, repository in found.items()}
    outcomes: dict[str, list[str]] = {}
    for pk, repository in sorted(every.items()):  # the order in which every delivery locks their rows
        for outcome in _outcomes(repository, news, {key for key in named if pk in referencing[key]}):
            outcomes.setdefault(outcome, []).append(repository.name)
    if not outcomes:
        return f"No plan of a repository that uses this connection references issue {news.key}."
    return " ".join(f"{outcome} ({_names(names)})" for outcome, names in outcomes.items())


def _outcomes(repository: Repository, news: IssueNews, referenced: set[str]) -> Iterable[str]:
    if news.key in referenced:
        yield issues.hear(repository, news)
    yield from issues.hear_moves(repository, news)
    if news.parent in referenced and (outcome := issues.hear_subtask(repository, news)):
        yield outcome


def _referencing(connection: Connection, key: str) -> dict[int, Repository]:
    """Return the repositories that use the connection and whose plan references an issue, with only their
    names, by primary key.
    """
    uses = Repository.objects.filter(attachments__connection=connection)
    return {row.pk: row for row in uses.filter(pk__in=issues.linked(key).values("repository")).only("name")}


def _not_owned(connection: Connection, key: str) -> str:
    if not connection.prefixes:
        return (
            f"Ignored: {key} has no prefix of this connection, which has none yet. Add it to the connection."
        )
    known = " or ".join(f"{prefix}-" for prefix in connection.prefixes)
    return f"Ignored: {key} does not begin with {known}, the prefixes of this connection."


def _names(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
