"""Owners of a file according to the repository's CODEOWNERS file, read as its forge documents it."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from compliance.people.codeowner_lines import Language, Rule, read_rules

_OWN: dict[Language, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    "gitea": ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS"),
}
_HOSTS: tuple[tuple[str, Language], ...] = (
    ("github", "github"),
    ("gitlab", "gitlab"),
    ("gitea", "gitea"),
    ("forgejo", "gitea"),
    ("codeberg.org", "gitea"),
)
_FOLDERS: dict[str, Language] = {
    ".github": "github",
    ".gitlab": "gitlab",
    ".gitea": "gitea",
    ".forgejo": "gitea",
}
_SECTIONS = re.compile(r"^\^?\[[^\]\n]+\](?:\[\d+\])?(?:[ \t]|$)", re.MULTILINE)
_EXPRESSIONS = re.compile(r"^[^\s#]*(?:\.\*|\\\.|\$[ \t])", re.MULTILINE)
_LARGEST = 3 * 1024 * 1024
"""Characters of a file; GitHub, too, ignores larger ones."""

PLACES = tuple(dict.fromkeys(place for places in _OWN.values() for place in places))
"""Every place in which a forge looks."""


def language_of(url: str) -> Language | None:
    """Return whose language a repository's CODEOWNERS file has, by its address; None if that doesn't say."""
    scp = re.match(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)", url)
    host = (scp[1] if scp else urlsplit(url).hostname or "").casefold()
    return next((language for name, language in _HOSTS if name in host), None)


class Owners:
    """The owners at one commit; `read` returns a file's text, or None if it does not exist.

    `url` is the repository's address. A forge reads the first file of its own places; where the address names
    no forge, the first file of any place counts, in the language that its folder or its content shows.
    """

    def __init__(self, read: Callable[[str], str | None], url: str = "") -> None:
        known = language_of(url)
        found = ((place, read(place)) for place in (_OWN[known] if known else PLACES))
        place, text = next(((place, text) for place, text in found if text is not None), ("", ""))
        text = text if len(text) <= _LARGEST else ""
        self.language = known or _FOLDERS.get(place.partition("/")[0]) or _guess(text)
        self._rules = list(read_rules(text, self.language))

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path as written: @name, @organisation/team or an e-mail address.

        On GitHub the last matching line counts, on GitLab the last one of each section, on Gitea every one.
        """
        matching = [rule for rule in self._rules if rule.matches(path)]
        if self.language == "github":
            matching = matching[-1:]
        elif self.language == "gitlab":
            matching = _last_of_sections(matching)
        return tuple(dict.fromkeys(owner for rule in matching for owner in rule.owners))


def _guess(text: str) -> Language:
    if _SECTIONS.search(text):
        return "gitlab"
    return "gitea" if _EXPRESSIONS.search(text) else "github"


def _last_of_sections(matching: list[Rule]) -> list[Rule]:
    last = {rule.section: rule for rule in matching}
    excluded = {rule.section for rule in matching if rule.excluded}
    return [rule for section, rule in last.items() if section not in excluded]
