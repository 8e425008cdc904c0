"""Imports that ruff or isort would leave as they are before a fix are left by them afterwards, too."""

import subprocess
from pathlib import Path

import pytest
from ruff import find_ruff_bin

from scanner.fixes.import_order.ruff_settings import ISORT_KEYS
from tests.scanner.fixes.sorted_trees import (
    MODULES,
    fix_in,
    is_sorted_by_isort,
    sort_with_isort,
    sort_with_ruff,
    unsorted_by_ruff,
    write,
)
from tests.scanner.fixes.tables import code

pytestmark = pytest.mark.slow

USE = code("""
    import sys
    import os
    import requests
    from yaml import load as yload
    from app.old import fetch, other, Team
    import app.old
    from app.alpha import first
    from lib.core import thing
    import lib.core
    from app.old import Reader

    print(sys, os, requests, yload, fetch(), other, Team, app.old.Reader(), first, thing, lib.core, Reader())
""")
RELATIVE = code("""
    from . import alpha
    from .old import fetch, other, Reader
    from ..app.old import Team
    import os
    import requests

    print(alpha, fetch(), other, Reader(), Team, os, requests)
""")

RUFF = {
    "nothing": {},
    "empty table": {"pyproject.toml": "[tool.ruff]\n"},
    "force-sort-within-sections": {"ruff.toml": "lint.isort.force-sort-within-sections = true\n"},
    "hidden file first": {
        ".ruff.toml": "lint.isort.force-single-line = true\n",
        "ruff.toml": "lint.isort.force-sort-within-sections = true\n",
        "pyproject.toml": "[tool.ruff.lint.isort]\nlength-sort = true\n",
    },
    "old table": {"pyproject.toml": "[tool.ruff.isort]\nforce-single-line = true\n"},
    "combine-as": {"ruff.toml": "lint.isort.combine-as-imports = true\n"},
    "known first party": {"ruff.toml": 'lint.isort.known-first-party = ["requests"]\n'},
    "known third party": {"ruff.toml": 'lint.isort.known-third-party = ["app", "lib.*"]\n'},
    "known local folder": {"ruff.toml": 'lint.isort.known-local-folder = ["app"]\n'},
    "extra standard library": {"ruff.toml": 'lint.isort.extra-standard-library = ["app"]\n'},
    "own sections": {
        "ruff.toml": code("""
            [lint.isort]
            section-order = [
                "future", "standard-library", "third-party", "ours", "first-party", "local-folder",
            ]
            [lint.isort.sections]
            ours = ["app"]
        """)
    },
    "no sections": {"ruff.toml": "lint.isort.no-sections = true\n"},
    "not by type": {"ruff.toml": "lint.isort.order-by-type = false\n"},
    "case-sensitive": {"ruff.toml": "lint.isort.case-sensitive = true\n"},
    "from first": {"ruff.toml": "lint.isort.from-first = true\n"},
    "by length": {"ruff.toml": "lint.isort.length-sort = true\n"},
    "lines": {"ruff.toml": "[lint.isort]\nlines-after-imports = 2\nlines-between-types = 1\n"},
    "narrow": {"ruff.toml": "line-length = 30\n"},
    "one name per line": {"ruff.toml": "line-length = 30\nlint.isort.split-on-trailing-comma = false\n"},
    "force to top": {"ruff.toml": 'lint.isort.force-to-top = ["app.zeta"]\n'},
    "source folder": {"ruff.toml": 'src = ["elsewhere"]\nlint.isort.detect-same-package = false\n'},
    "extends": {
        "ruff.toml": 'extend = "config/base.toml"\n',
        "config/base.toml": "lint.isort.force-sort-within-sections = true\n",
        "config/pyproject.toml": "",
    },
    "other version": {"ruff.toml": 'required-version = ">=0.1"\ntarget-version = "py39"\n'},
    "another file below": {
        "ruff.toml": "lint.isort.force-single-line = true\n",
        "tests/ruff.toml": "lint.isort.force-sort-within-sections = true\n",
        "app/pyproject.toml": "[project]\nname = 'app'\n",
    },
    "python of the project": {"pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=3.8"\n'},
    "other rules": {"ruff.toml": '[lint]\nselect = ["E"]\nignore = ["I001"]\n'},
}
ISORT = {
    "hidden file": {".isort.cfg": "[settings]\nprofile = black\n"},
    "defaults, wrapped": {".isort.cfg": "[settings]\nline_length = 30\n"},
    "single lines": {"setup.cfg": "[isort]\nforce_single_line = True\n"},
    "tool:isort": {"setup.cfg": "[tool:isort]\nmulti_line_output = 3\ninclude_trailing_comma = true\n"},
    "tox": {"tox.ini": "[isort]\nforce_sort_within_sections = 1\n"},
    "pyproject": {"pyproject.toml": '[tool.isort]\nprofile = "google"\n'},
    "known": {
        "pyproject.toml": '[tool.isort]\nknown_first_party = ["requests"]\nknown_third_party = ["app"]\n'
    },
    "sections": {
        ".isort.cfg": code("""
            [settings]
            known_ours = app
            sections = FUTURE,STDLIB,OURS,THIRDPARTY,FIRSTPARTY,LOCALFOLDER
        """)
    },
    "heading": {"setup.cfg": "[isort]\nimport_heading_firstparty = Ours\n"},
    "hanging": {
        "setup.cfg": "[isort]\nmulti_line_output = 5\nline_length = 40\ninclude_trailing_comma = 1\n"
    },
    "editor": {".editorconfig": "root = true\n\n[*]\nindent_style = space\n\n[*.py]\nmax_line_length = 40\n"},
    "combine": {"setup.cfg": "[isort]\ncombine_as_imports = yes\ncombine_straight_imports = yes\n"},
    "length": {".isort.cfg": "[isort]\nlength_sort = on\n"},
    "source folder": {"pyproject.toml": '[tool.isort]\nsrc_paths = ["elsewhere"]\n'},
    "the package as source folder": {".isort.cfg": "[settings]\nsrc_paths = app,lib\n"},
    "percent": {"setup.cfg": "[isort]\nimport_heading_stdlib = 100%% of it\n"},
}


@pytest.mark.parametrize("path", ["use.py", "tests/test_use.py", "app/use.py", "app/near.py"])
@pytest.mark.parametrize("settings", RUFF.values(), ids=RUFF)
def test_ruff_finds_the_imports_sorted_afterwards(
    settings: dict[str, str], path: str, tmp_path: Path
) -> None:
    write(tmp_path, {**MODULES, **settings, path: RELATIVE if path == "app/near.py" else USE})
    sort_with_ruff(tmp_path)
    before = (tmp_path / path).read_text()

    after = fix_in(tmp_path, path)[path]

    assert unsorted_by_ruff(tmp_path) == set()
    assert "app.zeta" in after or ".zeta" in after
    assert "fetch" not in after
    assert "other" in after
    assert len(before.splitlines()) > 5


@pytest.mark.parametrize("path", ["use.py", "app/use.py", "app/near.py"])
@pytest.mark.parametrize("settings", ISORT.values(), ids=ISORT)
def test_isort_leaves_the_imports_afterwards(settings: dict[str, str], path: str, tmp_path: Path) -> None:
    write(tmp_path, {**MODULES, **settings, path: RELATIVE if path == "app/near.py" else USE})
    sort_with_isort(tmp_path, path)
    assert is_sorted_by_isort(tmp_path, path)

    after = fix_in(tmp_path, path)[path]

    assert is_sorted_by_isort(tmp_path, path), after
    assert "fetch" not in after


def test_imports_that_were_not_sorted_are_not_reordered(tmp_path: Path) -> None:
    text = code("""
        import sys
        import os
        from app.old import fetch, other
        from abc import ABC

        print(sys, os, fetch(), other, ABC)
    """)
    write(tmp_path, {**MODULES, "use.py": text})
    after = fix_in(tmp_path, "use.py")["use.py"]
    assert after == text.replace("fetch, other\n", "other\nfrom app.zeta import load\n").replace(
        "fetch", "load"
    )


def test_each_block_is_judged_on_its_own(tmp_path: Path) -> None:
    text = code("""
        import os

        from app.old import fetch, other
        from lib.core import thing

        print(os, other, thing, fetch())


        def run():
            import sys
            import os
            from app.old import Reader
            from abc import ABC

            return sys, os, Reader(), ABC
    """)
    write(tmp_path, {**MODULES, "use.py": text})
    after = fix_in(tmp_path, "use.py")["use.py"]
    first = "from app.old import fetch, other\nfrom lib.core import thing\n"
    new = "from app.old import other\nfrom app.zeta import load\nfrom lib.core import thing\n"
    expected = text.replace(first, new).replace("fetch()", "load()")
    assert after == expected.replace("app.old import Reader", "app.alpha import Loader").replace(
        "Reader()", "Loader()"
    )


@pytest.mark.parametrize(
    "settings",
    [{}, {"ruff.toml": 'src = ["src"]\n'}, {"ruff.toml": 'src = ["elsewhere"]\n'}, {"src/ruff.toml": ""}],
    ids=["by default", "named", "another one", "inside"],
)
def test_a_source_folder_is_found_in_the_revision(settings: dict[str, str], tmp_path: Path) -> None:
    modules = {f"src/{path}": text for path, text in MODULES.items()}
    write(tmp_path, {**modules, **settings, "tests/test_use.py": USE, "src/app/use.py": USE})
    sort_with_ruff(tmp_path)

    after = fix_in(tmp_path, "tests/test_use.py", "src/app/use.py", roots="src")

    assert unsorted_by_ruff(tmp_path) == set()
    assert all("app.zeta" in text for text in after.values())


BY_LENGTH = "[settings]\nlength_sort = true\n"  # ruff's default order is another one


@pytest.mark.parametrize("settings", ["", "src_paths = src\n"], ids=["by default", "named"])
def test_isort_s_source_folder_is_found_in_the_revision(settings: str, tmp_path: Path) -> None:
    modules = {f"src/{path}": text for path, text in MODULES.items()}
    write(tmp_path, {**modules, ".isort.cfg": f"{BY_LENGTH}{settings}", "tests/test_use.py": USE})
    sort_with_isort(tmp_path, "tests/test_use.py")

    after = fix_in(tmp_path, "tests/test_use.py", roots="src")["tests/test_use.py"]

    assert is_sorted_by_isort(tmp_path, "tests/test_use.py"), after


def test_isort_takes_what_a_folder_of_packages_does_not_contain_for_foreign(tmp_path: Path) -> None:
    text = code("""
        import lib.missing
        import ours.missing
        import ours.pkg
        from app.old import Reader
        from lib.core import thing

        print(lib.missing, ours.missing, ours.pkg, Reader(), thing)
    """)
    write(
        tmp_path,
        {
            **MODULES,
            ".isort.cfg": BY_LENGTH,
            "ours/pkg/__init__.py": "",
            "use.py": text,
        },
    )
    sort_with_isort(tmp_path, "use.py")
    sections = [part.split("\n") for part in (tmp_path / "use.py").read_text().split("\n\n")]
    assert sections[0] == ["import ours.missing"]

    after = fix_in(tmp_path, "use.py")["use.py"]

    assert is_sorted_by_isort(tmp_path, "use.py"), after
    assert after.index("lib.core") < after.index("app.alpha")


def test_the_pinned_ruff_knows_the_settings_that_are_read() -> None:
    command = [find_ruff_bin(), "config", "lint.isort"]
    known = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert set(known) == ISORT_KEYS


UNREADABLE = {
    "no TOML": {"pyproject.toml": "[tool.ruff\n"},
    "a table that is none": {"pyproject.toml": 'tool = "x"\n'},
    "no INI": {"setup.cfg": "isort\n"},
    "unknown profile": {".isort.cfg": "[settings]\nprofile = mine\n"},
    "a value that isort rejects": {".isort.cfg": "[settings]\nline_length = long\n"},
    "not UTF-8": {"tox.ini": "[isort]\n# \udcff\nprofile = black\n"},
    "a circle": {"ruff.toml": 'extend = "ruff.toml"\n'},
    "outside": {"ruff.toml": 'extend = "../../ruff.toml"\nsrc = ["/", ".."]\n'},
    "a value that ruff rejects": {"ruff.toml": 'line-length = "long"\n'},
    "another ruff": {"ruff.toml": 'required-version = ">=99"\nlint.isort.unknown-key = 1\n'},
}


@pytest.mark.parametrize("settings", UNREADABLE.values(), ids=UNREADABLE)
def test_settings_that_cannot_be_used_stop_no_fix(settings: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, {**MODULES, "use.py": "from app.old import fetch\n\nprint(fetch())\n"})
    for name, text in settings.items():
        (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    after = fix_in(tmp_path, "use.py")["use.py"]
    assert after == "from app.zeta import load\n\nprint(load())\n"
