"""The changes that make up the story. Each maps the files before it to the files after it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from compliance.management.demo.source_files import APP, Files, production_files
from compliance.management.demo.test_files import test_files


class StaleStoryError(ValueError):
    """Raised if a change in the story had no effect, which means that story and files no longer match."""


def change(files: Files, commit: Mapping[str, Any]) -> Files:
    """Return the files after a commit in `sources/story.yaml`. Raises StaleStoryError and KeyError."""
    steps = [step for key, step in STEPS.items() if key in commit]
    for step in steps:
        before, files = files, step(files, commit)
        if files == before:
            raise StaleStoryError(f"nothing to do: {step.__name__} in {commit['subject']!r}")
    return files


def add(files: Files, commit: Mapping[str, Any]) -> Files:
    """Add the files in some areas, except those in others, and without some of their patterns."""
    left_out = set(commit.get("without", ()))
    return files | {
        path: replace(file, patterns=tuple(name for name in file.patterns if name not in left_out))
        for path, file in _all_files().items()
        if path not in files
        and _fits(file.area, commit["add"])
        and not _fits(file.area, commit.get("but", ()))
    }


def introduce(files: Files, commit: Mapping[str, Any]) -> Files:
    """Add patterns to files that were created without them."""
    named = set(commit["introduce"])
    return files | {path: f for path, f in _all_files().items() if path in files and named & set(f.patterns)}


def rename(files: Files, commit: Mapping[str, Any]) -> Files:
    """Move files without changing their content."""
    names = {f"{APP}/{before}": f"{APP}/{after}" for before, after in commit["rename"].items()}
    return {names.get(path, path): file for path, file in files.items()}


def migrate(files: Files, commit: Mapping[str, Any]) -> Files:
    """Migrate deprecated code in some areas: all kinds or only some, in all files or only the first few."""
    only = commit.get("only", ["*"])
    migrated = {
        path: replace(file, old=file.old - {way for way in file.old if _fits(way, only)})
        for path, file in sorted(files.items())
        if _fits(file.area, commit["migrate"]) and any(_fits(way, only) for way in file.old)
    }
    return files | dict(list(migrated.items())[: commit.get("most")])


def restore(files: Files, commit: Mapping[str, Any]) -> Files:
    """Restore deprecated code in some files."""
    return files | {
        path: replace(file, old=frozenset({"old"}))
        for path, file in files.items()
        if _fits(file.area, commit["restore"])
    }


def edit(files: Files, commit: Mapping[str, Any]) -> Files:
    """Replace a passage in one file."""
    name, before, after = commit["edit"]
    path = name if name in files else f"{APP}/{name}"
    return files | {path: replace(files[path], edits=(*files[path].edits, (before, after)))}


STEPS = {step.__name__: step for step in (add, introduce, rename, migrate, restore, edit)}


def _all_files() -> Files:
    return {**production_files(), **test_files()}


def _fits(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
