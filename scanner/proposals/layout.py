"""Reads the layout of a repository from its paths: tests and examples, folders to leave out, source roots."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from scanner.globs import path_matches

_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "e2e": ("**/tests/e2e/**", "**/test/e2e/**", "e2e/**"),
    "integration": ("**/tests/integration/**", "**/test/integration/**"),
    "unit": ("**/tests/unit/**", "**/test/unit/**"),
    "test": ("**/tests/**", "**/test/**", "**/test_*.py", "**/*_test.py", "**/conftest.py"),
    "example": ("examples/**", "example/**", "docs/**", "doc/**", "benchmarks/**"),
}
_ROOTS = frozenset({"src", "lib", "python", "source", "sources", "libs"})
"""Names of folders from which packages are usually imported."""

_ASIDE = (
    "**/migrations/**",
    "**/vendor/**",
    "**/vendored/**",
    "**/site-packages/**",
    "**/node_modules/**",
    "**/_vendor/**",
)


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
    """Return the source roots: folders with a usual name that contain packages and aren't packages, and the
    root of the repository.
    """
    packages = {path.rpartition("/")[0] for path in paths if path.endswith("/__init__.py")}
    roots = {folder.rpartition("/")[0] for folder in packages}
    found = {root for root in roots if root not in packages and root.rpartition("/")[2] in _ROOTS}
    outer = [root for root in found if not any(root.startswith(f"{package}/") for package in packages)]
    return (*sorted(outer), ".")


def minimum_python(settings: str) -> tuple[int, int]:
    """Return the lowest version of Python that a project's settings admit; (0, 0) if they don't say."""
    found = re.findall(
        r"(?:requires[-_]python\s*=\s*|^python\s*=\s*)\(?[\"']?\s*(?:>=|~=|\^)\s*(\d)\.(\d+)",
        settings,
        re.MULTILINE,
    )
    return max(((int(major), int(minor)) for major, minor in found), default=(0, 0))
