"""The demonstration: a real git repository with a migration under way, the same commits every time.

`build` writes it; `plan_text` is the plan it is judged by. Needs git and nothing else.
"""

from pathlib import Path

from compliance.demo.story_august import AUGUST
from compliance.demo.story_october import OCTOBER
from compliance.demo.story_september import SEPTEMBER
from compliance.demo.teller import tell
from compliance.demo.template import source
from compliance.demo.writer import WriteError, write_repository

__all__ = ["WriteError", "build", "plan_text"]


def build(path: Path) -> None:
    """Write the repository, bare, at `path`, which must not hold anything yet.

    Raises FileExistsError where it does, and WriteError with git's own words.
    """
    write_repository(path, *tell((*AUGUST, *SEPTEMBER, *OCTOBER)))


def plan_text() -> str:
    """The migration plan as it stands in the repository, YAML."""
    return source("ssot-plan.yaml")
