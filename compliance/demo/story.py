"""How the migration went, commit by commit: the order, the people, the words, and what each changed."""

from dataclasses import dataclass, field

from compliance.demo.cast import Author
from compliance.demo.changes import Change


@dataclass(frozen=True, slots=True)
class Chapter:
    """One commit. `at` is MM-DD HH:MM on the author's clock in 2025.

    `branch` names a side line that starts at the commit before; `merges` brings a side line back.
    """

    at: str
    author: Author
    subject: str
    body: str
    changes: tuple[Change, ...] = field(default=())
    branch: str = ""
    merges: str = ""
    tag: str = ""
