"""Generated import blocks that ruff sorted are still sorted for ruff after a fix."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scanner.fixes.sorted_trees import MODULES, fix_in, sort_with_ruff, unsorted_by_ruff, write

pytestmark = pytest.mark.slow

SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "force-single-line": st.booleans(),
        "force-sort-within-sections": st.booleans(),
        "combine-as-imports": st.booleans(),
        "split-on-trailing-comma": st.booleans(),
        "order-by-type": st.booleans(),
        "case-sensitive": st.booleans(),
        "force-wrap-aliases": st.booleans(),
        "no-sections": st.booleans(),
        "from-first": st.booleans(),
        "length-sort": st.booleans(),
        "lines-between-types": st.integers(0, 1),
        "relative-imports-order": st.sampled_from(["closest-to-furthest", "furthest-to-closest"]),
        "known-first-party": st.sampled_from([[], ["requests"], ["lib"]]),
        "known-third-party": st.sampled_from([[], ["app"], ["app.zeta"]]),
        "known-local-folder": st.sampled_from([[], ["app"]]),
        "force-to-top": st.sampled_from([[], ["app.zeta"], ["sys"]]),
    },
)
OLD = ["fetch", "fetch as get", "Reader", "Reader as R", "other", "other as o", "Team"]
OTHERS = st.sampled_from(
    [
        "import os",
        "import sys as s",
        "from abc import ABC, abstractmethod",
        "import requests",
        "import app.alpha",
        "from app import zeta",
        "from app.zeta import Z_INDEX",
        "from app.alpha import first  # the first one",
        "from app.zeta import Z_INDEX as Z",
        "# about the thing\nfrom lib.core import thing",
        "from lib.core import (\n    thing,\n)",
        "# isort: split",
    ]
)


@st.composite
def old_imports(draw: st.DrawFn) -> str:
    """An import of the old module, with or without brackets and comments."""
    names = draw(st.lists(st.sampled_from(OLD), min_size=1, max_size=5, unique=True))
    module = draw(st.sampled_from(["app.old", "app.old", ".old"]))
    if draw(st.booleans()):
        return f"from {module} import {', '.join(names)}"
    lines = []
    for name in names:
        above = draw(st.sampled_from(["", "", f"    # above {name}\n"]))
        behind = draw(st.sampled_from(["", "", f"  # behind {name}", "  # noqa: F401"]))
        lines.append(f"{above}    {name},{behind}\n")
    return f"from {module} import (\n{''.join(lines)})"


@st.composite
def blocks(draw: st.DrawFn) -> list[str]:
    """The lines of an import block, with a use for each name of the old module."""
    chosen = draw(st.lists(st.one_of(OTHERS, OTHERS, old_imports()), min_size=1, max_size=6))
    return [
        *"\n".join([draw(old_imports()), *chosen]).splitlines(),
        "print(app)" if "import app." in chosen else "",
    ]


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A module with imports at the top, and perhaps in a function or for type checkers."""
    lines = draw(st.sampled_from([[], ['"""Text."""'], ["from __future__ import annotations"]]))
    lines = [*lines, *draw(blocks())]
    for head in ("def run():", "if TYPE_CHECKING:", "try:"):
        if draw(st.integers(0, 3)) == 0:
            lines += ["", head, *("    " + line for line in draw(blocks()))]
            lines += ["    print(fetch, Reader)"] if head == "def run():" else []
            lines += ["except ImportError:", "    raise"] if head == "try:" else []
    uses = [
        "",
        "print(fetch(), get(), Reader, R, other, o, Team)",
        "def late():",
        "    return fetch(), Reader()",
    ]
    return "\n".join([*lines, *draw(st.sampled_from([uses, [*uses, "print(app.old.fetch)"]])), ""])


@settings(max_examples=25, deadline=None)
@given(SETTINGS, st.lists(modules(), min_size=8, max_size=8))
def test_sorted_blocks_stay_sorted(isort: dict[str, object], texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        values = [f"lint.isort.{key} = {value!r}".lower().replace("'", '"') for key, value in isort.items()]
        files = {f"app/use_{number}.py": text for number, text in enumerate(texts)}
        write(root, {**MODULES, **files, "ruff.toml": "\n".join(values)})
        sort_with_ruff(root)
        paths = sorted(set(files) - unsorted_by_ruff(root))

        after = fix_in(root, *paths, refusing=True)

        dirty = unsorted_by_ruff(root) & set(paths)
        assert not dirty, (isort, {path: after[path] for path in dirty})
