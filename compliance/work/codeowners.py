"""Determines the owners of a file from the repository's CODEOWNERS file.

The file's location, and the rule that the last matching line takes precedence, follow GitHub's conventions:

https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

import re
from collections.abc import Callable

from codeowners import CodeOwners
from django.contrib.auth.models import User

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


class Owners:
    """The owners at one commit. `read` returns a file's text, or None if the file doesn't exist."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        texts = (read(place) for place in PLACES)
        text = next((text for text in texts if text is not None), "")
        # A line with a malformed pattern has no effect, as on GitHub; the library would refuse the file.
        self._rules = CodeOwners("\n".join(filter(_is_readable, text.splitlines())))

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path as they are written: @name, @organisation/team or an e-mail address."""
        return tuple(name for _, name in self._rules.of(path))


def _is_readable(line: str) -> bool:
    try:
        CodeOwners(line)
    except (ValueError, re.error):
        return False
    return True


def is_one_of(person: User, owners: tuple[str, ...]) -> bool:
    """Return true if a person is among the owners, by name or address. Membership in teams is not known
    here.
    """
    names = {f"@{person.get_username()}".casefold(), person.email.casefold()} - {""}
    return any(owner.casefold() in names for owner in owners)
