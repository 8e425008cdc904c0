"""Reads the layout of a repository from its paths: tests and examples, folders to leave out, source roots."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scanner.globs import path_matches

_TEST_MODULES = ("**/test_*.py", "**/*_test.py", "**/conftest.py")
_TEST_FOLDERS = ("tests", "test")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "e2e": ("e2e", "end_to_end", "smoke"),
    "integration": ("integration", "integrations", "functional"),
    "unit": ("unit", "units", "unittests", "unit_tests"),
}
"""Names of folders within folders of tests, for each category."""

_TOOLS = frozenset({"bin", "scripts", "tools"})
_EXAMPLES = ("examples/**", "example/**", "docs/**", "doc/**", "benchmarks/**")
_ROOTS = frozenset({"src", "lib", "python", "source", "sources", "libs"})
"""Names of folders from which packages are usually imported."""
_DEEP = 4
"""Number of slashes in a folder's path from which it is rather a project inside test data than a root."""

_ASIDE = (
    "**/migrations/**",
    "**/vendor/**",
    "**/vendored/**",
    "**/site-packages/**",
    "**/node_modules/**",
    "**/_vendor/**",
    "backups/**",
)


def categories(paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the categories that match at least one file, with the globs that matched, in the plan's order.

    Folders of production code that are only named like tests, such as a package of test functions for
    templates, come first as production.
    """
    tops = _top_folders(paths)
    roots = [*(f"**/{name}" for name in _TEST_FOLDERS), *tops]
    kinds = {"production": tuple(f"{folder}/**" for folder in _only_named_like_tests(paths))}
    for kind, names in _KINDS.items():
        kinds[kind] = tuple(f"{root}/{name}/**" for root in roots for name in names)
    kinds["e2e"] += ("e2e/**",)
    kinds["test"] = (*(f"{root}/**" for root in roots), *_TEST_MODULES)
    kinds["example"] = _EXAMPLES
    found = {
        name: tuple(g for g in globs if any(path_matches((g,), p) for p in paths))
        for name, globs in kinds.items()
    }
    return {name: globs for name, globs in found.items() if globs}


def _top_folders(paths: Iterable[str]) -> list[str]:
    """Return top-level folders of tests with another name: those in which most modules are tests, such as
    `t`, and those whose name begins or ends with the word.
    """
    modules = Counter[str]()
    tests = Counter[str]()
    for path in paths:
        folder, slash, _ = path.partition("/")
        file = path.rpartition("/")[2]
        is_known = folder in _TOOLS or path_matches(("**/tests/**", "**/test/**"), path)
        if slash and not is_known and file != "__init__.py":
            modules[folder] += 1
            tests[folder] += path_matches(_TEST_MODULES, path)
    return [
        folder
        for folder in sorted(modules)
        if 2 * tests[folder] > modules[folder] or re.match(r"tests?_|.*_tests$", folder)
    ]


def _only_named_like_tests(paths: Iterable[str]) -> list[str]:
    """Return packages within packages that are named test, but contain no module named like a test."""
    files = defaultdict[str, list[str]](list)
    packages = set[str]()
    for path in paths:
        folder = path.rpartition("/")[0]
        if path.endswith("/__init__.py"):
            packages.add(folder)
        parts = folder.split("/")
        names = [index for index, part in enumerate(parts) if part == "test"]
        if names:
            files["/".join(parts[: names[0] + 1])].append(path)
    return [
        folder
        for folder, inside in sorted(files.items())
        if {folder, folder.rpartition("/")[0]} <= packages
        and any(not path.endswith("/__init__.py") for path in inside)
        and not any(path_matches((*_TEST_MODULES, "**/tests.py", "**/test*.py"), path) for path in inside)
    ]


def excluded(paths: Sequence[str]) -> tuple[str, ...]:
    """Return globs for folders that contain vendored or generated files, or copies that are kept aside."""
    return tuple(glob for glob in _ASIDE if any(path_matches((glob,), path) for path in paths))


def source_roots(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the source roots: folders with a usual name that contain packages and aren't packages, and the
    root of the repository.
    """
    packages = {path.rpartition("/")[0] for path in paths if path.endswith("/__init__.py")}
    roots = {folder.rpartition("/")[0] for folder in packages}
    found = {
        root
        for root in roots
        if root not in packages and root.rpartition("/")[2] in _ROOTS and root.count("/") < _DEEP
    }
    outer = [root for root in found if not any(root.startswith(f"{package}/") for package in packages)]
    return (*sorted(outer), ".")


def minimum_python(settings: str) -> tuple[int, int]:
    """Return the lowest version of Python that a project's settings admit; (0, 0) if they don't say."""
    found = re.findall(
        r"(?:(?:requires[-_]python|python_requires)\s*=\s*|^python\s*=\s*)"
        r"\(?[\"']?\s*(?:>=|~=|\^)\s*(\d)\.(\d+)",
        settings,
        re.MULTILINE,
    )
    return max(((int(major), int(minor)) for major, minor in found), default=(0, 0))
