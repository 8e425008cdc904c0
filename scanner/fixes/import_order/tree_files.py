"""The files of a revision that decide how imports are sorted: Python modules and configuration files."""

import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from scanner.model import RepoPath

CONFIGURATION_FILES = frozenset(
    {".ruff.toml", "ruff.toml", "pyproject.toml", ".isort.cfg", "setup.cfg", "tox.ini", ".editorconfig"}
)
_FROM = re.compile(r"\bfrom\s+([\w.]+)\s+import\b")
_NAME = r"[\w.]+(?:\s+as\s+\w+)?"
_IMPORT = re.compile(rf"\bimport\s+({_NAME}(?:\s*,\s*{_NAME})*)")

Table = dict[str, Any]


class TreeFiles:
    """The Python files and configuration files of a revision.

    `read` returns the content of a blob, or None if it is missing.
    """

    def __init__(
        self,
        python: Mapping[RepoPath, str],
        configuration: Mapping[RepoPath, str],
        read: Callable[[str], bytes | None],
    ) -> None:
        self._python = python
        self._configuration = configuration
        self._read = read
        self._tables: dict[str, Table] = {}

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(folder for path in self._python for folder in folders_above(path))

    def text(self, path: str) -> str | None:
        """Return the text of a configuration file; None if there is no such file or it isn't UTF-8."""
        blob = self._configuration.get(RepoPath(path))
        content = self._read(blob) if blob is not None else None
        try:
            return None if content is None else content.decode()
        except UnicodeDecodeError:
            return None

    def table(self, path: str) -> Table:
        """Return the content of a TOML file; empty if it is missing or invalid."""
        if path not in self._tables:
            try:
                self._tables[path] = tomllib.loads(self.text(path) or "")
            except (tomllib.TOMLDecodeError, RecursionError):
                self._tables[path] = {}
        return self._tables[path]

    def is_module(self, root: str, module: str) -> bool:
        """Return whether a folder contains a module or package with this dotted name."""
        path = join(root, module.replace(".", "/"))
        return path in self._folders or f"{path}.py" in self._python or f"{path}.pyi" in self._python

    def is_package(self, folder: str) -> bool:
        """Return whether a folder has an `__init__` module."""
        return any(join(folder, f"__init__.{end}") in self._python for end in ("py", "pyi"))

    def is_namespace(self, folder: str) -> bool:
        """Return whether a folder contains packages, but no modules of its own."""
        inside = f"{folder}/"
        return folder in self._folders and not any(
            path.startswith(inside) and "/" not in path[len(inside) :] for path in self._python
        )


def join(folder: str, name: str) -> str:
    """Return the path of a file in a folder; the root of the repository is an empty string."""
    return f"{folder}/{name}" if folder else name


def relative_to(folder: str, path: str) -> str | None:
    """Return a path that is written relative to a folder, relative to the root; None if it is outside."""
    parts = folder.split("/") if folder else []
    if path.startswith("/"):
        return None
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def folders_above(path: str) -> Iterator[str]:
    """Yield the folders that contain a path, innermost first; the last is the root, an empty string."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def imported_modules(text: str) -> set[str]:
    """Return the absolute modules that a text imports; strings and comments may add others."""
    text = re.sub(r"\\\r?\n", " ", text)
    found = {match[1] for match in _FROM.finditer(text)}
    for match in _IMPORT.finditer(text):
        found |= {part.split()[0] for part in match[1].split(",") if part.split()}
    return {module for module in found if not module.startswith(".") and not module.endswith(".")}


def without_known(modules: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the modules that are not in the standard library and match no pattern, nor do their parents."""
    patterns = list(known)
    return sorted(
        module
        for module in modules
        if module.partition(".")[0] not in sys.stdlib_module_names
        and not any(fnmatchcase(name, pattern) for name in _prefixes(module) for pattern in patterns)
    )


def _prefixes(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
