"""Parses the lines of a CODEOWNERS file in the three syntaxes that forges define.

GitHub: https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
GitLab: https://docs.gitlab.com/user/project/codeowners/reference/
Gitea and Forgejo: https://docs.gitea.com/usage/code-owners
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Literal

from compliance.lib.globs import glob_expression
from compliance.people.linear_regex import is_linear

Language = Literal["github", "gitlab", "gitea"]

_SECTION = re.compile(r"\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?")
_OWNER = re.compile(r"@\S+|[^\s@]+@[^\s@]+")
_WILDCARD = re.compile(r"[*?\[]")
_WORD = re.compile(r"(?:\\.|[^\s\\])+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """A line that names owners. `section` is the lower-case name of its GitLab section.

    `expression` is a regular expression that must match the whole path. `excluded` stands for GitLab's `!`:
    the rest of the section doesn't apply to files that match. `negated` stands for Gitea's `!`: the line
    applies to all paths that don't match. `folder` is a path without wildcards: the line can match only
    this path and those below it, or any path if it is empty.
    """

    expression: str
    owners: tuple[str, ...]
    section: str = ""
    excluded: bool = False
    negated: bool = False
    folder: str = ""

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.expression, re.DOTALL)

    def matches(self, path: str) -> bool:
        """Return true if the line applies to a path."""
        return (self._compiled.fullmatch(path) is not None) != self.negated


def read_rules(text: str, language: Language) -> Iterator[Rule]:
    """Yield the rules in a file in order, omitting lines that the forge would reject."""
    section = ""
    defaults: tuple[str, ...] = ()
    for raw in text.removeprefix("\ufeff").split("\n"):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        header = _SECTION.fullmatch(line) if language == "gitlab" else None
        if header:
            section, defaults = header[1].strip().casefold(), _owners(header[2] or "")
        elif rule := _rule(line, language, section, defaults):
            yield rule


def _rule(line: str, language: Language, section: str, defaults: tuple[str, ...]) -> Rule | None:
    word = _WORD.match(line)
    if word is None:
        return None
    pattern, owners = word[0], _owners(line[word.end() :])
    inverted = pattern.startswith("!")
    if language == "gitea":
        expression = pattern.removeprefix("!").replace("\\ ", " ").replace("\\#", "#")
        return Rule(expression, owners, negated=inverted) if is_linear(expression) else None
    if inverted and language == "github":
        return None  # GitHub documents that it doesn't support `!`
    globs = _globs(pattern.removeprefix("!"), language) if language == "gitlab" else _globs(pattern, language)
    expression = glob_expression(globs)
    if not globs or not _is_valid(expression):
        return None
    return Rule(expression, owners or defaults, section, excluded=inverted, folder=_folder(globs[0]))


def _folder(glob: str) -> str:
    """Return the part of a glob before its first wildcard, in whole path components."""
    return "/".join(takewhile(lambda part: not _WILDCARD.search(part), glob.split("/")))


def _is_valid(expression: str) -> bool:
    try:
        re.compile(expression)
    except re.error:  # for example a reversed range, such as [z-a]
        return False
    return True


def _owners(text: str) -> tuple[str, ...]:
    """Return the owners in the rest of a line, up to a comment."""
    words = text.split()
    end = next((number for number, word in enumerate(words) if word.startswith("#")), len(words))
    return tuple(word for word in words[:end] if _OWNER.fullmatch(word))


def _globs(pattern: str, language: Language) -> tuple[str, ...]:
    """Return globs that are equivalent to a pattern, or none if the forge would reject it."""
    if language == "github" and re.search(r"(?<!\\)[\[\]]", pattern):
        return ()
    text = _ESCAPED.sub(lambda found: _literal(found[1]), pattern)
    body = text.strip("/")
    if not body or "\\" in body or re.search(r"\\\*", pattern):
        return ("**",) if text == "/" else ()
    anchored = text.startswith("/") or (language == "github" and "/" in text[:-1])
    start = body if anchored or body.startswith("**/") else f"**/{body}"
    if text.endswith("/"):
        return (f"{start}/**",)
    # On GitHub, a name also matches everything in a folder with that name, but `folder/*` doesn't match
    # anything in its subfolders.
    if language == "gitlab" or text.endswith("/*"):
        return (start,)
    return (start, f"{start}/**")


def _literal(character: str) -> str:
    return f"[{character}]" if character in "?[" else character
