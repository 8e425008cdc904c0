"""Links that open a file in a person's editor, and the choice of that editor."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.contrib.auth.models import User

from compliance.models import EditorChoice

Kind = EditorChoice.Kind

PATTERNS = {
    Kind.VSCODE: "vscode://file{folder}/{repository}/{path}:{line}",
    Kind.JETBRAINS: "jetbrains://pycharm/navigate/reference?project={repository}&path={path}:{line}",
}
"""The addresses that the editors register for themselves."""

NAMES = {Kind.VSCODE: "VS Code", Kind.JETBRAINS: "PyCharm", Kind.OTHER: "editor"}

LONGEST = 1000
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{([a-z]*)\}")
_KNOWN = ("path", "line", "repository", "folder")
_REFUSED = frozenset({"javascript:", "data:", "vbscript:", "blob:", "about:"})
"""Schemes with which a link would run a text instead of opening a program."""


class EditorError(Exception):
    """Raised if a choice isn't possible. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Editor:
    """The editor of a person, for links."""

    name: str
    pattern: str
    folder: str

    def address(self, repository: str, path: str, line: int) -> str:
        """Return the address that opens a line of a file. `repository` is the short name of its repository,
        which the folder of the clone is expected to have.
        """
        values = {
            "path": quote(path, safe="/"),
            "line": str(line),
            "repository": quote(repository, safe=""),
            "folder": quote(self.folder, safe="/:\\~").rstrip("/"),
        }
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self.pattern)


def editor_of(person: User) -> Editor | None:
    """Return the editor that a person has chosen, or None."""
    row = EditorChoice.objects.filter(person=person).first()
    return None if row is None else Editor(NAMES[Kind(row.kind)], row.pattern, row.folder)


def choose_editor(person: User, kind: str, folder: str = "", pattern: str = "") -> None:
    """Store the editor of a person; an empty kind means none. Raises `EditorError`."""
    if not kind:
        EditorChoice.objects.filter(person=person).delete()
        return
    if kind not in Kind.values:
        raise EditorError("Choose one of the editors of the list.")
    folder, pattern = folder.strip(), pattern.strip()
    pattern = PATTERNS.get(Kind(kind), pattern)
    check_pattern(pattern)
    if not folder.isprintable() or len(folder) > LONGEST:
        raise EditorError(f"The folder is longer than {LONGEST:,} characters, or has control characters.")
    if "{folder}" in pattern and not folder:
        raise EditorError("Enter the folder that your clones are in, such as /home/ada/src or C:/src.")
    if folder and not folder.startswith("/"):
        folder = f"/{folder}"  # vscode://file/C:/src
    EditorChoice.objects.update_or_create(
        person=person, defaults={"kind": kind, "folder": folder.rstrip("/"), "pattern": pattern}
    )


def check_pattern(pattern: str) -> None:
    """Raise `EditorError` unless an address can open a file in a program."""
    scheme = _SCHEME.match(pattern)
    unknown = [name for name in _PLACEHOLDER.findall(pattern) if name not in _KNOWN]
    if not pattern.isprintable() or " " in pattern or len(pattern) > LONGEST:
        raise EditorError(f"The address is longer than {LONGEST:,} characters, or has spaces in it.")
    if scheme is None or scheme[0].lower() in _REFUSED:
        raise EditorError("The address must begin with the scheme of a program, such as my-editor://.")
    if unknown:
        raise EditorError(
            f"“{{{unknown[0]}}}” is not a placeholder; there are {{path}}, {{line}}, {{repository}} and "
            "{folder}."
        )
    if "{path}" not in pattern:
        raise EditorError("The address has no {path}, so it would open no file.")
