"""Surveys a repository for a starter plan: finds test folders, singletons and duplicate classes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scanner.globs import path_matches
from scanner.model import Finding

_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "e2e": ("**/tests/e2e/**", "**/test/e2e/**", "e2e/**"),
    "integration": ("**/tests/integration/**", "**/test/integration/**"),
    "unit": ("**/tests/unit/**", "**/test/unit/**"),
    "test": ("**/tests/**", "**/test/**", "**/test_*.py", "**/*_test.py", "**/conftest.py"),
    "example": ("examples/**", "docs/**"),
}
_ASIDE = ("**/migrations/**", "**/vendor/**", "**/vendored/**", "**/site-packages/**", "**/node_modules/**")
_BY_NAME = frozenset({"Command", "Config", "Meta", "Migration"})
"""Names of classes that frameworks look up in every module, so that duplicates are expected."""

_DEF = re.compile(r"^(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Singleton:
    """One shared object and the dotted names that give access to it, with the object itself last."""

    path: str
    symbols: tuple[str, ...]
    has_accessor: bool
    words: tuple[frozenset[bytes], ...]  # words in any text that uses a symbol: its name, its module's

    @property
    def name(self) -> str:
        """The name of the object, or of the accessor that caches it."""
        return self.symbols[-1].rpartition(".")[2]

    @classmethod
    def of(cls, path: str, symbols: tuple[str, ...], *, has_accessor: bool) -> "Singleton":
        """Create a singleton; its search words are the last two components of each of its names."""
        words = (frozenset(part.encode() for part in symbol.split(".")[-2:]) for symbol in symbols)
        return cls(path, symbols, has_accessor, tuple(words))


def categories(paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the categories that match at least one file, with the globs that matched."""
    kinds = dict(_CATEGORIES)
    kinds["test"] = (*kinds["test"], *_test_folders(paths))
    found = {
        name: tuple(g for g in globs if any(path_matches((g,), p) for p in paths))
        for name, globs in kinds.items()
    }
    return {name: globs for name, globs in found.items() if globs}


def _test_folders(paths: Iterable[str]) -> list[str]:
    """Return globs for top-level folders with another name, such as `t`, in which most modules are tests."""
    modules = Counter[str]()
    tests = Counter[str]()
    for path in paths:
        folder, slash, _ = path.partition("/")
        file = path.rpartition("/")[2]
        if slash and file != "__init__.py":
            modules[folder] += 1
            tests[folder] += path_matches(("**/test_*.py", "**/*_test.py", "**/conftest.py"), path)
    return [f"{folder}/**" for folder in sorted(tests) if 2 * tests[folder] > modules[folder]]


def excluded(paths: Sequence[str]) -> tuple[str, ...]:
    """Return globs for folders that contain vendored or generated files."""
    return tuple(glob for glob in _ASIDE if any(path_matches((glob,), path) for path in paths))


def source_roots(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the source roots: `src` if it contains packages, and the repository root."""
    packages = re.compile(r"src/[^/]+/__init__\.py")
    return ("src", ".") if any(packages.fullmatch(path) for path in paths) else (".",)


def singletons(findings: Iterable[Finding], texts: Mapping[str, str]) -> Iterator[Singleton]:
    """Yield the globals and cached accessors among the findings, each with the functions that return it."""
    for finding in findings:
        module, _, name = finding.symbol.rpartition(".")
        if not all(part.isidentifier() for part in finding.symbol.split(".")):
            continue  # a folder or file whose name is not a valid module name
        if finding.role == "cached-accessor":
            yield Singleton.of(finding.path, (finding.symbol,), has_accessor=True)
        elif finding.role in ("module-global", "module-instance") and module:
            accessors = _accessors(texts.get(finding.path, ""), name)
            symbols = (*(f"{module}.{accessor}" for accessor in accessors), finding.symbol)
            yield Singleton.of(finding.path, symbols, has_accessor=bool(accessors))


def _accessors(text: str, name: str) -> list[str]:
    """Return the module's functions that return the given global."""
    returned = re.compile(rf"^[ \t]+return[ \t]+{re.escape(name)}[ \t]*(?:#.*)?$", re.MULTILINE)
    starts = list(_DEF.finditer(text))
    ends = [*(start.start() for start in starts[1:]), len(text)]
    bodies = zip(starts, ends, strict=False)  # without any function, `ends` still has one item
    return [start.group(1) for start, end in bodies if returned.search(text, start.start(), end)]


def doubles(findings: Iterable[Finding], most: int) -> list[tuple[str, int]]:
    """Return the classes with the most duplicate definitions, each with the number of extra definitions."""
    names = Counter(f.symbol.rpartition(".")[2] for f in findings if f.snippet.startswith("class "))
    return Counter({name: count for name, count in names.items() if name not in _BY_NAME}).most_common(most)
