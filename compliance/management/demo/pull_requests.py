"""Pull requests of the demonstration: branches that begin at a commit of the story."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from compliance.management.demo.changes import change
from compliance.management.demo.fast_import import CommitWithTree
from compliance.management.demo.history import (
    StoryCommit,
    plan_text,
    snapshot,
    steps,
    stories,
    story_commit,
)


@dataclass(frozen=True)
class DemoPullRequest:
    """A pull request as the forge shows it. Its head is the branch `ref`."""

    number: int
    title: str
    source: str
    state: str
    is_draft: bool
    base: str
    commits: tuple[StoryCommit, ...]
    ci: Mapping[str, str]

    @property
    def handle(self) -> str:
        """Return the author's name in the forge."""
        return self.commits[0].author.partition("<")[2].partition("@")[0]

    @property
    def ref(self) -> str:
        """Return the reference under which a forge offers the head."""
        return f"refs/pull/{self.number}/head"

    @property
    def updated_at(self) -> datetime:
        """Return the time of the newest commit."""
        return self.commits[-1].at


@cache
def pull_requests(weeks: int) -> tuple[DemoPullRequest, ...]:
    """Return the pull requests, ordered by number."""
    return tuple(
        DemoPullRequest(
            number=row["number"],
            title=row["title"],
            source=row["source"],
            state=row.get("state", "open"),
            is_draft=row.get("draft", False),
            base=row["from"],
            ci=row.get("ci", {}),
            commits=tuple(story_commit({"by": row["by"], **commit}) for commit in row["commits"]),
        )
        for row in stories("pull_requests.yaml", weeks)
    )


def heads(weeks: int) -> Iterator[CommitWithTree]:
    """Yield the commits of all pull requests with their trees. Raises KeyError for an unknown base."""
    bases = {step.commit.subject: step for step in steps(weeks)}
    for pull in pull_requests(weeks):
        base = bases[pull.base]
        files, parent, plan = base.files, base.name, plan_text(weeks)
        for number, commit in enumerate(pull.commits, start=1):
            files = change(files, commit.story)
            before, after = commit.story.get("plan", ("", ""))
            plan = plan.replace(before, after, 1) if before else plan
            name = f"{pull.number}-{number}"
            yield replace(snapshot(name, commit, files, [parent], plan), ref=pull.ref)
            parent = name
