"""Determines the owners of files from the repository's CODEOWNERS file, following the documentation of its
forge.
"""

import re
from collections.abc import Callable
from operator import itemgetter
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
LARGEST = 3 * 1024 * 1024
"""Maximum number of characters in a file. GitHub also ignores larger files."""

MOST_RULES, MOST_GENERAL = 10_000, 1_000
"""Maximum number of rules, and of those that begin with a wildcard, which are compared with every path. Large
projects have about 3,000 rules, nearly all for certain folders.
"""

PLACES = tuple(dict.fromkeys(place for places in _OWN.values() for place in places))
"""All locations in which any forge looks for the file."""


def language_of(url: str) -> Language | None:
    """Return the syntax of a repository's CODEOWNERS file, judging by the repository's address, or None if
    the forge is unknown.
    """
    scp = re.match(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)", url)
    host = (scp[1] if scp else urlsplit(url).hostname or "").casefold()
    return next((language for name, language in _HOSTS if name in host), None)


class Owners:
    """The owners at one commit. `read` returns the text of a file, or None if the file does not exist.

    `url` is the repository's address. Each forge uses the first file that it finds in its list of locations.
    If the address belongs to no known forge, all locations are searched, and the syntax of the first file
    found is determined from its folder or its content.
    """

    def __init__(self, read: Callable[[str], str | None], url: str = "") -> None:
        known = language_of(url)
        found = ((place, read(place)) for place in (_OWN[known] if known else PLACES))
        place, text = next(((place, text) for place, text in found if text is not None), ("", ""))
        self.problem = ""
        """The reason why the file is ignored, as a sentence, or an empty string."""
        if len(text) > LARGEST:
            text, self.problem = "", f"{place} is ignored, because it is larger than 3 MB."
        self.language = known or _FOLDERS.get(place.partition("/")[0]) or _guess(text)
        self._rules: dict[str, list[tuple[int, Rule]]] = {}
        """Maps each folder without wildcards to the rules for it, with their positions in the file."""
        for number, rule in enumerate(read_rules(text, self.language), start=1):
            self._rules.setdefault(rule.folder, []).append((number, rule))
            if number > MOST_RULES or len(self._rules.get("", ())) > MOST_GENERAL:
                self._rules = {}
                self.problem = (
                    f"{place} is ignored, because it has more than {MOST_RULES:,} rules, or more than "
                    f"{MOST_GENERAL:,} that are not limited to a folder."
                )
                break
        self._found: dict[str, tuple[str, ...]] = {}

    def named(self) -> list[str]:
        """Return all owners that the file names, as written, each once."""
        numbered = sorted((pair for pairs in self._rules.values() for pair in pairs), key=itemgetter(0))
        return list(dict.fromkeys(owner for _, rule in numbered for owner in rule.owners))

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path as written: @name, @organisation/team or an e-mail address.

        On GitHub, the last matching line counts. On GitLab, the last matching line in each section counts. On
        Gitea, all matching lines count.
        """
        if not self._rules:
            return ()
        if path not in self._found:
            self._found[path] = self._find(path)
        return self._found[path]

    def _find(self, path: str) -> tuple[str, ...]:
        parts = path.split("/")
        folders = ("/".join(parts[:depth]) for depth in range(len(parts) + 1))
        candidates = sorted(
            (numbered for folder in folders for numbered in self._rules.get(folder, ())), key=itemgetter(0)
        )
        matching = [rule for _, rule in candidates if rule.matches(path)]
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
