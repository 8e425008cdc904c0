"""Searches the records for a text: repositories, files, commits, issues, phases, rules and people.

Every query is bounded. The commits of one repository are searched for any part of a subject, and those of
all repositories by index, by their SHAs. Files are found by any part of their paths: in one repository by
reading all, in others by an index of pieces of three characters, and a shorter text by the beginnings of the
words of their paths.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from django.contrib.auth.models import User
from django.contrib.postgres.search import SearchQuery
from django.db.models import Model, Q, QuerySet, Value
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.http import urlencode

from compliance.lib.field_types import one_line, visible
from compliance.lib.wording import count_of
from compliance.models import SHORTEST_PART, Commit, File, Issue, PathParts, PathWords, Phase, Repository
from compliance.scans.rule_advice import rule_advice

SHORTEST, LONGEST = 2, 200
"""Minimum and maximum number of characters that are searched for."""

MOST_WORDS = 8
CANDIDATES = 200
"""Number of files that the index returns before they are ranked."""

_SHA = re.compile(r"[0-9a-f]{6,64}")
_WORD = re.compile(r"[^\W_]+")

Kind = Literal["actions", "commits", "files", "issues", "pages", "people", "phases", "repositories", "rules"]
Row = TypeVar("Row", bound=Model)


class Hit(NamedTuple):
    """A result. `path` is the path of its page on this site, and `detail` says where it belongs."""

    title: str
    detail: str
    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one kind, best first. `is_limited` is true if there are more than are listed."""

    kind: Kind
    title: str
    hits: Sequence[Hit]
    is_limited: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, and where.

    `repositories` are those that the reader may see. In `current`, the one that the reader looks at, more is
    searched, and its results come first. `sees_people` is true if the reader may see who has an account.
    """

    text: str
    repositories: QuerySet[Repository]
    current: Repository | None = None
    sees_people: bool = False
    most: int = 8

    @property
    def words(self) -> list[str]:
        """Return the words, each of which a result has to contain, in lower case."""
        return self.text.lower().split()[:MOST_WORDS]

    @property
    def is_too_short(self) -> bool:
        """Return true if there is too little to search for."""
        return len(self.text.strip()) < SHORTEST

    def contains(self, *columns: str) -> Q:
        """Return the condition that each word is part of one of these columns."""
        found = Q()
        for word in self.words:
            found &= _any(Q(**{f"{column}__icontains": word}) for column in columns)
        return found

    def group(self, kind: Kind, title: str, rows: Iterable[Row], show: Callable[[Row], Hit]) -> Group:
        """Return the group of these rows, of which one more than `most` are enough."""
        found = list(rows)
        return Group(kind, title, [show(row) for row in found[: self.most]], len(found) > self.most)


def search(asked: Search) -> list[Group]:
    """Return what matches, in groups, without empty ones. A text that is too short matches nothing but issues
    with this key.
    """
    if asked.is_too_short:
        return []
    searches = (_repositories, _files, _phases, _issues, _rules, _commits, _people)
    return [group for one in searches if (group := one(asked)).hits]


def matches(words: Iterable[str], *texts: str) -> bool:
    """Return true if each word is part of one of the texts."""
    return all(any(word in text.lower() for text in texts) for word in words)


def _repositories(asked: Search) -> Group:
    rows = asked.repositories.filter(asked.contains("name", "slug", "url")).order_by(Length("name"), "name")
    return asked.group("repositories", "Repositories", rows[: asked.most + 1], show_repository)


def show_repository(row: Repository) -> Hit:
    """Return the result for a repository."""
    return Hit(row.name, "repository", reverse("overview", args=[row.slug]))


def _files(asked: Search) -> Group:
    def rank(file: File) -> tuple[bool, bool, int, str]:
        path = file.path.lower()
        name = path.rpartition("/")[2]
        last = asked.words[-1].rpartition("/")[2]
        return file.repository != asked.current, not name.startswith(last), len(path), path

    here = list(_files_in(asked, asked.current)) if asked.current else []
    known = {file.pk for file in here}
    others = (
        [file for file in _files_by_index(asked) if file.pk not in known] if len(here) <= asked.most else []
    )
    return asked.group("files", "Files", sorted([*here, *others], key=rank)[: asked.most + 1], _show_file)


def _files_in(asked: Search, repository: Repository) -> QuerySet[File]:
    """Return files of one repository whose paths contain each word."""
    rows = File.objects.filter(asked.contains("path"), repository=repository).exclude(status=File.Status.GONE)
    return rows.select_related("repository").order_by(Length("path"), "path")[:CANDIDATES]


def _files_by_index(asked: Search) -> Iterator[File]:
    """Yield files of any repository whose paths contain each word.

    The first ones that the index finds are taken, because sorting all would cost as much as there are.
    """
    rows = File.objects.filter(repository__in=asked.repositories)
    long = [word for word in asked.words if len(word) >= SHORTEST_PART]
    if long:
        rows = rows.alias(parts=PathParts("path"))
        for word in long:
            rows = rows.filter(parts__contains=PathParts(Value(word)))
        rows = rows.filter(asked.contains("path"))
    elif beginnings := [part for word in asked.words for part in _WORD.findall(word)]:
        text = " & ".join(f"{part}:*" for part in beginnings)
        query = SearchQuery(text, config="simple", search_type="raw")
        rows = rows.alias(words=PathWords("path")).filter(words=query)
    else:
        return
    rows = rows.exclude(status=File.Status.GONE).select_related("repository")
    yield from (file for file in rows[:CANDIDATES] if matches(asked.words, file.path))


def _show_file(row: File) -> Hit:
    path = reverse("file", args=[row.repository.slug, row.pk])
    count = f", {count_of(row.violations, 'violation')}" if row.violations else ""
    return Hit(visible(row.path), f"{row.repository.name}{count}", path)


def _phases(asked: Search) -> Group:
    rows = Phase.objects.filter(
        asked.contains("title", "key"),
        in_plan=True,
        issue__in_plan=True,
        issue__repository__in=asked.repositories,
    )
    found = _nearest(asked, rows.select_related("issue__repository"), "issue__repository")
    return asked.group("phases", "Phases", found, _show_phase)


def _show_phase(row: Phase) -> Hit:
    repository = row.issue.repository
    return Hit(
        row.title, f"{repository.name}, {row.issue.key}", reverse("phase", args=[repository.slug, row.key])
    )


def _issues(asked: Search) -> Group:
    rows = Issue.objects.filter(
        asked.contains("title", "key", "tracker_title"), in_plan=True, repository__in=asked.repositories
    )
    found = _nearest(asked, rows.select_related("repository"), "repository")
    return asked.group("issues", "Issues", found, _show_issue)


def _show_issue(row: Issue) -> Hit:
    path = reverse("issue", args=[row.repository.slug, row.key])
    return Hit(f"{row.key} {row.title}", row.repository.name, path)


def _rules(asked: Search) -> Group:
    repository = asked.current
    if repository is None:
        return Group("rules", "Rules", ())
    found = [
        Hit(rule, one_line(advice.message or advice.instead, 120), _violations_of(repository, rule))
        for rule, advice in rule_advice(repository.plan).items()
        if matches(asked.words, rule, advice.message, advice.replacement)
    ]
    return Group("rules", "Rules", found[: asked.most], len(found) > asked.most)


def _violations_of(repository: Repository, rule: str) -> str:
    return f"{reverse('violations', args=[repository.slug])}?{urlencode({'rule': rule})}"


def _commits(asked: Search) -> Group:
    on_branch = Commit.objects.filter(position__isnull=False, repository__in=asked.repositories)
    found: list[Commit] = []
    text = asked.text.strip().lower()
    if _SHA.fullmatch(text):
        found += on_branch.filter(sha__startswith=text).select_related("repository")[: asked.most + 1]
    if asked.current and not found:
        rows = on_branch.filter(asked.contains("subject"), repository=asked.current).order_by("-position")
        found += rows.select_related("repository")[: asked.most + 1]
    return asked.group("commits", "Commits", found, _show_commit)


def _show_commit(row: Commit) -> Hit:
    path = reverse("commit", args=[row.repository.slug, row.sha])
    return Hit(one_line(row.subject, 120) or row.sha[:10], f"{row.repository.name}, {row.sha[:10]}", path)


def _people(asked: Search) -> Group:
    if not asked.sees_people:
        return Group("people", "People", ())
    rows = User.objects.filter(asked.contains("username", "first_name", "last_name"), is_active=True)
    return asked.group("people", "People", rows.order_by("username")[: asked.most + 1], _show_person)


def _show_person(row: User) -> Hit:
    path = f"{reverse('activity')}?{urlencode({'person': row.username})}"
    return Hit(row.username, f"{row.get_full_name()} activity".strip(), path)


def _nearest(asked: Search, rows: QuerySet[Row], column: str) -> list[Row]:
    """Return one row more than are shown, those of the current repository first."""
    most = asked.most + 1
    here = list(rows.filter(**{column: asked.current})[:most]) if asked.current else []
    others = rows.exclude(**{column: asked.current}) if asked.current else rows
    return [*here, *others[: most - len(here)]] if len(here) < most else here


def _any(conditions: Iterable[Q]) -> Q:
    found = Q()
    for condition in conditions:
        found |= condition
    return found
