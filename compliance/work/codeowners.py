"""Who owns a file, by the repository's own CODEOWNERS file.

Where the file may stand, and that the last line that fits decides, is GitHub's convention:
https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from collections.abc import Callable

from codeowners import CodeOwners
from django.contrib.auth.models import User

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


class Owners:
    """The owners of one commit's files; `read` gives a file's text, or None where there is none."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        texts = (read(place) for place in PLACES)
        self._rules = CodeOwners(next((text for text in texts if text is not None), ""))

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a path as they are written there: @name, @organisation/team or an e-mail address."""
        return tuple(name for _, name in self._rules.of(path))


def is_one_of(person: User, owners: tuple[str, ...]) -> bool:
    """Whether a person is named among owners, by name or address; teams are not known here."""
    names = {f"@{person.get_username()}".casefold(), person.email.casefold()} - {""}
    return any(owner.casefold() in names for owner in owners)
