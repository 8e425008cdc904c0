"""Chooses commits of a history at equal distances."""

from scanner.git.repository import Repository
from scanner.model import Revision


def sampled_commits(repository: Repository, sha: str, number: int) -> list[Revision]:
    """Return at most that many commits of the first-parent history, newest first, without the given one."""
    line = list(repository.line(sha))[1:]
    indexes = dict.fromkeys(len(line) * step // (number + 1) for step in range(1, number + 1)) if line else {}
    return [line[index] for index in indexes]
