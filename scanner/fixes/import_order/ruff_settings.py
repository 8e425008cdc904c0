"""Reads ruff's settings for import sorting as data, from the configuration files of a revision."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from scanner.fixes.import_order.tree_files import (
    Table,
    TreeFiles,
    folders_above,
    imported_modules,
    join,
    relative_to,
    without_known,
)

# Every key of `lint.isort` that the pinned ruff knows; it rejects others.
ISORT_KEYS = frozenset(
    {
        *("force-wrap-aliases", "force-single-line", "single-line-exclusions", "combine-as-imports"),
        *("split-on-trailing-comma", "order-by-type", "force-sort-within-sections", "case-sensitive"),
        *("force-to-top", "known-first-party", "known-third-party", "known-local-folder"),
        *("extra-standard-library", "relative-imports-order", "required-imports", "classes", "constants"),
        *("variables", "no-lines-before", "import-heading", "lines-after-imports", "lines-between-types"),
        *("forced-separate", "section-order", "default-section", "no-sections", "detect-same-package"),
        *("from-first", "length-sort", "length-sort-straight", "sections"),
    }
)
_KEYS = ("line-length", "indent-width", "target-version")
_FIRST, _SAME = "known-first-party", "detect-same-package"
_LISTED = ("known-third-party", "known-local-folder", "extra-standard-library", _FIRST)
_MOST_EXTENDS = 8
_VERSIONS = range(7, 16)


@dataclass(frozen=True, slots=True)
class RuffSettings:
    """Ruff's settings for the files below one configuration file.

    `is_explicit` is False if no file configures ruff. `src` are the folders in which ruff looks for
    first-party modules.
    """

    is_explicit: bool = False
    values: Table = field(default_factory=dict)
    isort: Table = field(default_factory=dict)
    src: tuple[str, ...] = ("", "src")

    def options(self, files: TreeFiles, path: str, text: str) -> list[str]:
        """Return the command line options that give ruff the same settings without its files.

        Ruff looks for first-party modules on the disk, so the ones that the text imports are listed instead.
        """
        isort = {**self.isort, _SAME: False}
        listed = [name for key in _LISTED for name in _names(isort.get(key))]
        sections = isort.get("sections")
        for names in sections.values() if isinstance(sections, dict) else ():
            listed += _names(names)
        modules = imported_modules(text)
        found = {module for module in modules if any(files.is_module(root, module) for root in self.src)}
        if self.isort.get(_SAME, True):
            package = _root_package(files, path)
            found |= {module.partition(".")[0] for module in modules if module.partition(".")[0] == package}
        isort[_FIRST] = [*_names(isort.get(_FIRST)), *without_known(found, listed)]
        pairs = {**self.values, **{f"lint.isort.{key}": value for key, value in isort.items()}}
        return [part for key, value in pairs.items() for part in ("--config", f"{key}={to_toml(value)}")]


def read_ruff_settings(files: TreeFiles, path: str) -> RuffSettings:
    """Return the settings that ruff uses for a file: those of the closest configuration file above it."""
    for folder in folders_above(path):
        for name in (".ruff.toml", "ruff.toml", "pyproject.toml"):
            file = join(folder, name)
            table = _ruff_table(files, file)
            if table is not None:
                return _from_table(files, folder, table, path)
    return RuffSettings(values=_target(files, path, {}))


def _ruff_table(files: TreeFiles, file: str) -> Table | None:
    if files.text(file) is None:
        return None
    table = files.table(file)
    if not file.endswith("pyproject.toml"):
        return table
    tool = table.get("tool")
    found = tool.get("ruff") if isinstance(tool, dict) else None
    return found if isinstance(found, dict) else None


def _from_table(files: TreeFiles, folder: str, table: Table, path: str) -> RuffSettings:
    merged, isort, src = _merge(files, folder, table, _MOST_EXTENDS)
    values: Table = {key: merged[key] for key in _KEYS if key in merged}
    lint = merged.get("lint")
    if merged.get("preview") is True or (isinstance(lint, dict) and lint.get("preview") is True):
        values["lint.preview"] = True
    values = {**_target(files, path, values), **values}
    return RuffSettings(
        is_explicit=True,
        values=values,
        isort={key: value for key, value in isort.items() if key in ISORT_KEYS},
        src=src if src is not None else (folder, join(folder, "src")),
    )


def _merge(
    files: TreeFiles, folder: str, table: Table, depth: int
) -> tuple[Table, Table, tuple[str, ...] | None]:
    """Return a configuration, its settings for isort and its `src`, including those of files it extends."""
    base: tuple[Table, Table, tuple[str, ...] | None] = ({}, {}, None)
    extends = table.get("extend")
    file = relative_to(folder, extends) if isinstance(extends, str) else None
    if file and depth:
        parent = _ruff_table(files, file)
        if parent is not None:
            base = _merge(files, file.rpartition("/")[0], parent, depth - 1)
    lint = table.get("lint")
    nested = lint.get("isort") if isinstance(lint, dict) else None
    isort = {**base[1]}
    for found in (table.get("isort"), nested):
        isort |= found if isinstance(found, dict) else {}
    src = base[2]
    if isinstance(table.get("src"), list):
        roots = (relative_to(folder, root) for root in table["src"] if isinstance(root, str))
        src = tuple(root for root in roots if root is not None)
    return {**base[0], **table}, isort, src


def _target(files: TreeFiles, path: str, values: Table) -> Table:
    """Return the target version that ruff derives from `requires-python`, if none is set."""
    if "target-version" in values:
        return {}
    for folder in folders_above(path):
        project = files.table(join(folder, "pyproject.toml")).get("project")
        required = project.get("requires-python") if isinstance(project, dict) else None
        if isinstance(required, str):
            found = re.search(r"(?:>=|~=|==)\s*3\.(\d+)", required)
            if found and int(found[1]) in _VERSIONS:
                return {"target-version": f"py3{int(found[1])}"}
            return {}
    return {}


def _root_package(files: TreeFiles, path: str) -> str:
    """Return the name of the outermost package that contains a file, or an empty string."""
    root = ""
    for folder in folders_above(path):
        if not folder or not files.is_package(folder):
            # A package below a folder without `__init__` that is itself in a package is nested.
            if root and any(files.is_package(above) for above in folders_above(folder)):
                return ""
            break
        root = folder
    return root.rpartition("/")[2]


def _names(value: object) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def to_toml(value: Any) -> str:
    """Return a value in TOML's notation on one line."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(str(key))} = {to_toml(each)}" for key, each in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(to_toml, value)) + "]"
    return json.dumps(value, default=str)
