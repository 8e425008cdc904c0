"""Turns the story into commits and tags, shifting every date by the same number of whole weeks."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Any

import yaml

from compliance.management.demo.changes import change
from compliance.management.demo.fast_import import CommitWithTree, Tag
from compliance.management.demo.source_files import Files, packages
from compliance.management.demo.templates import source

WEEK = timedelta(weeks=1)
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")

# The fictional team, and the UTC offset in hours of each member's clock.
AUTHORS = {
    "alice": ("Alice Moreau <alice.moreau@example.org>", 2),
    "ben": ("Ben Okafor <ben.okafor@example.org>", 1),
    "chiara": ("Chiara Conti <chiara.conti@example.org>", 2),
    "diego": ("Diego Ramos <diego.ramos@example.org>", -4),
    "emi": ("Emi Tanaka <emi.tanaka@example.org>", 9),
    "farid": ("Farid Haddad <farid.haddad@example.org>", 3),
    # Ben's laptop uses a different address, which .mailmap maps to the first one.
    "ben_at_home": ("ben <ben@okafor.example.org>", 1),
}


@dataclass(frozen=True)
class StoryCommit:
    """A commit in the story: its author's signature and clock, and its entry in the story."""

    at: datetime
    author: str
    story: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """Return the first line of the message, which is unique."""
        return str(self.story["subject"])

    @property
    def message(self) -> str:
        """Return the complete message, subject and body."""
        body = textwrap.fill(self.story.get("body", ""), 100)
        return f"{self.subject}\n" + (f"\n{body}\n" if body else "")


def weeks_until(now: datetime) -> int:
    """Return the number of whole weeks by which to shift the newest commit into the week before a
    timezone-aware time.
    """
    return (now - commits(0)[-1].at) // WEEK


def plan_text(weeks: int = 0) -> str:
    """Return the repository's migration plan as YAML."""
    return _moved(source("ssot-plan.yaml"), weeks)


@cache
def commits(weeks: int) -> tuple[StoryCommit, ...]:
    """Return the commits of the story, oldest first."""
    return tuple(story_commit(story) for story in stories("story.yaml", weeks))


@dataclass(frozen=True, slots=True)
class Step:
    """A commit of the story with the files after it. `parents` are the names of earlier steps."""

    name: str
    commit: StoryCommit
    files: Files
    parents: list[str]


def steps(weeks: int) -> Iterator[Step]:
    """Yield every commit with the files after it, oldest first.

    A branch starts at the commit on `main` that precedes its first commit. A merge applies the branch's
    changes again to the tree of `main`.
    """
    heads: dict[str, str] = {}
    states: dict[str, Files] = {"": {}}
    on_branch: dict[str, list[StoryCommit]] = {}
    for number, commit in enumerate(commits(weeks), start=1):
        branch, merged = commit.story.get("branch", ""), commit.story.get("merges", "none")
        if branch:
            heads.setdefault(branch, heads[""])
            states.setdefault(branch, states[""])
            on_branch.setdefault(branch, []).append(commit)
        for each in (*on_branch.get(merged, ()), commit):
            states[branch] = change(states[branch], each.story)
        parents = [heads[name] for name in (branch, merged) if name in heads]
        heads[branch] = _name(number)
        yield Step(heads[branch], commit, states[branch], parents)


def snapshots(weeks: int) -> list[CommitWithTree]:
    """Return every commit with its complete tree, oldest first."""
    return [
        snapshot(step.name, step.commit, step.files, step.parents, plan_text(weeks)) for step in steps(weeks)
    ]


def snapshot(name: str, commit: StoryCommit, files: Files, parents: list[str], plan: str) -> CommitWithTree:
    """Return a commit with its complete tree, which includes the plan."""
    tree = _tree(files) | {"ssot-plan.yaml": plan}
    return CommitWithTree(name, commit.author, commit.at, commit.message, tree, parents)


def tags(weeks: int) -> list[Tag]:
    """Return the annotated tags. The name of a tag may contain a month."""
    return [
        Tag(commit.at.strftime(commit.story["tag"]), _name(number), commit.author, commit.at, commit.subject)
        for number, commit in enumerate(commits(weeks), start=1)
        if "tag" in commit.story
    ]


def _name(number: int) -> str:
    return f"{number:02d}"


def _tree(files: Files) -> dict[str, str]:
    texts = {path: file.text for path, file in files.items()}
    return packages(path for path in files if path.endswith(".py")) | texts


def _moved(text: str, weeks: int) -> str:
    """Return the text with all its dates shifted."""
    return _DATE.sub(lambda found: str(date.fromisoformat(found[0]) + weeks * WEEK), text)


def stories(name: str, weeks: int) -> list[dict[str, Any]]:
    """Return the entries of a source file, with all dates shifted."""
    found: list[dict[str, Any]] = yaml.safe_load(_moved(source(name), weeks))
    return found


def story_commit(story: Mapping[str, Any]) -> StoryCommit:
    """Return the commit of an entry."""
    author, ahead = AUTHORS[story["by"]]
    zone = timezone(timedelta(hours=ahead))
    return StoryCommit(datetime.fromisoformat(story["at"]).replace(tzinfo=zone), author, story)
