"""Names that leave, join or change an import: their comments go with them, and each is imported once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scanner.fixes.sorted_trees import write
from tests.scanner.fixes.tables import becomes
from tests.scanner.fixes.trees import plan_of

pytestmark = pytest.mark.slow

# The imports are not sorted, so nothing but the names changes; test_import_order has sorted ones.
PLAN = plan_of("""
  - {id: moved, kind: deprecated-symbol, symbols: [pkg.old.f], replacement: {symbol: pkg.new.g}}
  - {id: renamed, kind: deprecated-symbol, symbols: [pkg.old.h], replacement: {symbol: pkg.old.k}}
  - {id: home, kind: canonical-import, names: {Team: pkg.teams}}
""")
TREE = {
    "pkg/__init__.py": "",
    "pkg/new.py": "def g(*a): return 'f', a\nmore = 1\n",
    "pkg/old.py": (
        "from pkg.teams import Team\n\n\ndef f(*a): return 'f', a\n\n\ndef h(): return 1\n\n\n"
        "def k(): return 1\n\n\nother = 1\nzone = 2\n"
    ),
    "pkg/teams.py": "class Team: ...\n\n\nclass Role: ...\n",
}
CASES = {
    "removed: the comment behind it": (
        "from pkg.old import (\n    zone,  # the zone\n    f,  # the call\n    other,  # another\n)\n",
        "from pkg.old import (\n    zone,  # the zone\n    other,  # another\n)\n"
        "from pkg.new import g  # the call\n",
        "print(f(1), other, zone)\n",
    ),
    "removed: the first": (
        "from pkg.old import (\n    f,  # the call\n    zone,  # the zone\n    other,\n)\n",
        "from pkg.old import (\n    zone,  # the zone\n    other,\n)\nfrom pkg.new import g  # the call\n",
        "print(f(1), other, zone)\n",
    ),
    "removed: the last, without a comma": (
        "from pkg.old import (\n    zone,  # the zone\n    f  # the call\n)\n",
        "from pkg.old import (\n    zone,  # the zone\n)\nfrom pkg.new import g  # the call\n",
        "print(f(1), zone)\n",
    ),
    "removed: the comments above it": (
        "from pkg.old import (\n    zone,\n    # one line\n    # and another\n    f,\n"
        "    # of other\n    other,\n)\n",
        "from pkg.old import (\n    zone,\n    # of other\n    other,\n)\n"
        "# one line\n# and another\nfrom pkg.new import g\n",
        "print(f(1), other, zone)\n",
    ),
    "removed: a heading of several names stays": (
        "from pkg.old import (\n    # everything\n\n    f,\n    zone,\n    # the end\n)\n",
        "from pkg.old import (\n    # everything\n\n    zone,\n    # the end\n)\nfrom pkg.new import g\n",
        "print(f(1), zone)\n",
    ),
    "removed: the comment behind the bracket stays": (
        "from pkg.old import (  # of the old module\n    zone,\n    f,\n)\n",
        "from pkg.old import (  # of the old module\n    zone,\n)\nfrom pkg.new import g\n",
        "print(f(1), zone)\n",
    ),
    "removed: a comment of a whole line stays": (
        "from pkg.old import (\n    zone, f,  # both\n    other,\n)\n",
        "from pkg.old import (\n    zone,  # both\n    other,\n)\nfrom pkg.new import g\n",
        "print(f(1), other, zone)\n",
    ),
    "removed: behind the opening bracket": (
        "from pkg.old import (f,  # the call\n                     # the zone\n                     zone)\n",
        "from pkg.old import (\n                     # the zone\n                     zone)\n"
        "from pkg.new import g  # the call\n",
        "print(f(1), zone)\n",
    ),
    "removed: before the closing bracket": (
        "from pkg.old import (zone,  # the zone\n                     f)\n",
        "from pkg.old import (zone,  # the zone\n                     )\nfrom pkg.new import g\n",
        "print(f(1), zone)\n",
    ),
    "removed: noqa of one name": (
        "from pkg.old import (\n    zone,\n    f,  # noqa: F401\n)\n",
        "from pkg.old import (\n    zone,\n)\nfrom pkg.new import g  # noqa: F401\n",
        "print(f(1), zone)\n",
    ),
    "removed: a pragma of the statement is copied": (
        "from pkg.old import zone, f  # type: ignore[attr-defined]\n",
        "from pkg.old import zone  # type: ignore[attr-defined]\n"
        "from pkg.new import g  # type: ignore[attr-defined]\n",
        "print(f(1), zone)\n",
    ),
    "removed: a comment of the statement is not": (
        "from pkg.old import zone, f  # of the old module\n",
        "from pkg.old import zone  # of the old module\nfrom pkg.new import g\n",
        "print(f(1), zone)\n",
    ),
    "removed: a backslash": (
        "from pkg.old import zone, \\\n    f\n",
        "from pkg.old import zone\nfrom pkg.new import g\n",
        "print(f(1), zone)\n",
    ),
    "removed: with an alias": (
        "from pkg.old import (\n    zone,\n    f as call,  # the call\n)\n",
        "from pkg.old import (\n    zone,\n)\nfrom pkg.new import g as call  # the call\n",
        "print(call(1), zone)\n",
    ),
    "renamed: comments stay": (
        "from pkg.old import (\n    zone,\n    # above\n    h,  # behind\n    f,  # the call\n)\n",
        "from pkg.old import (\n    zone,\n    # above\n    k,  # behind\n)\n"
        "from pkg.new import g  # the call\n",
        "print(h(), f(1), zone)\n",
    ),
    "renamed: the whole statement": (
        "from pkg.old import (  # heading\n    # above\n    f,  # behind\n    # the end\n)\n",
        "from pkg.new import (  # heading\n    # above\n    g,  # behind\n    # the end\n)\n",
        "print(f(1))\n",
    ),
    "merged: into an import in brackets": (
        "from pkg.old import (\n    # the team\n    Team,  # all of it\n    zone,\n)\n"
        "from pkg.teams import (\n    Role,  # the role\n)\n",
        "from pkg.old import (\n    zone,\n)\n"
        "from pkg.teams import (\n    Role,  # the role\n    # the team\n    Team,  # all of it\n)\n",
        "print(Team.__name__, Role.__name__, zone)\n",
    ),
    "merged: into an import without brackets": (
        "from pkg.old import (\n    zone,\n    Team,  # noqa: F401\n)\nfrom pkg.teams import Role\n",
        "from pkg.old import (\n    zone,\n)\n"
        "from pkg.teams import (\n    Role,\n    Team,  # noqa: F401\n)\n",
        "print(Team.__name__, Role.__name__, zone)\n",
    ),
    "merged: without comments": (
        "from pkg.old import zone, Team\nfrom pkg.teams import Role\n",
        "from pkg.old import zone\nfrom pkg.teams import Role, Team\n",
        "print(Team.__name__, Role.__name__, zone)\n",
    ),
    "merged: a moved function, with its comments": (
        "from pkg.old import (\n    zone,\n    # above\n    f,  # behind\n)\nfrom pkg.new import more\n",
        "from pkg.old import (\n    zone,\n)\n"
        "from pkg.new import (\n    more,\n    # above\n    g,  # behind\n)\n",
        "print(f(1), more, zone)\n",
    ),
    "merged: into an import above": (
        "from pkg.new import more  # more of it\nmark = 1\nfrom pkg.old import f\n",
        "from pkg.new import more, g  # more of it\nmark = 1\n",
        "print(f(1), more, mark)\n",
    ),
    "merged: not past code that may need the name": (
        "def run(): return f(1)\nfrom pkg.old import f, zone\nmark = run()\nfrom pkg.new import more\n",
        "def run(): return g(1)\nfrom pkg.old import zone\nfrom pkg.new import g\nmark = run()\n"
        "from pkg.new import more\n",
        "print(mark, more, zone)\n",
    ),
    "once: imported lower down": (
        "from pkg.old import f\nmark = 1\nfrom pkg.new import g\n",
        "from pkg.new import g\nmark = 1\n",
        "print(f(1), g(2), mark)\n",
    ),
    "once: lower down, among others": (
        "from pkg.old import zone, f\nfrom pkg.new import more, g\n",
        "from pkg.old import zone\nfrom pkg.new import more, g\n",
        "print(f(1), g(2), more, zone)\n",
    ),
    "once: lower down, with a comment": (
        "from pkg.old import f\nmark = 1\nfrom pkg.new import (\n    g,  # the call\n    more,\n)\n",
        "mark = 1\nfrom pkg.new import (\n    g,  # the call\n    more,\n)\n",
        "print(f(1), g(2), more, mark)\n",
    ),
    "once: lower down, used in between": (
        "from pkg.old import f\nmark = f(0)\nfrom pkg.new import more, g\n",
        "from pkg.new import g\nmark = g(0)\nfrom pkg.new import more\n",
        "print(f(1), g(2), more, mark)\n",
    ),
    "once: imported above": (
        "from pkg.new import more, g\nfrom pkg.old import zone, f\n",
        "from pkg.new import more, g\nfrom pkg.old import zone\n",
        "print(f(1), g(2), more, zone)\n",
    ),
    "once: both forms": (
        "import sys\nimport pkg.old\nimport os\nfrom pkg.old import f\n",
        "import sys\nfrom pkg.new import g\nimport os\n",
        "print(f(1), pkg.old.f(2), bool(sys), bool(os))\n",
    ),
    "once: both forms, the module is still needed": (
        "import sys\nimport pkg.old\nfrom pkg.old import f\n",
        "import sys\nimport pkg.old\nfrom pkg.new import g\n",
        "print(f(1), pkg.old.f(2), pkg.old.zone, bool(sys))\n",
    ),
    "once: both forms, two statements": (
        "import sys\nfrom pkg.old import f\nfrom pkg import old\n",
        "import sys\nfrom pkg.new import g\n",
        "print(f(1), old.f(2), bool(sys))\n",
    ),
    "again: a name and its alias": (
        "from pkg.old import zone, h, h as hh\n",
        "from pkg.old import zone, k, k as hh\n",
        "print(h(), hh(), zone)\n",
    ),
    "again: the alias first": (
        "from pkg.old import zone, h as hh, h\n",
        "from pkg.old import zone, k as hh, k\n",
        "print(h(), hh(), zone)\n",
    ),
    "again: from another module": (
        "from pkg.old import zone, f, f as ff\n",
        "from pkg.old import zone\nfrom pkg.new import g, g as ff\n",
        "print(f(1), ff(2), zone)\n",
    ),
    "again: two aliases": (
        "from pkg.old import zone, h as a, h as b\n",
        "from pkg.old import zone, k as a, k as b\n",
        "print(a(), b(), zone)\n",
    ),
    "again: the alias is used alone": (
        "from pkg.old import zone, h, h as hh\n",
        "from pkg.old import zone, k as hh\n",
        "print(hh(), zone)\n",
    ),
    "again: the alias is the new name": (
        "from pkg.old import zone, h as k\n",
        "from pkg.old import zone, k\n",
        "print(k(), zone)\n",
    ),
    "again: in brackets": (
        "from pkg.old import (\n    zone,\n    h,  # one\n    h as hh,  # two\n)\n",
        "from pkg.old import (\n    zone,\n    k,  # one\n    k as hh,  # two\n)\n",
        "print(h(), hh(), zone)\n",
    ),
    "again: two imports of it join a third one": (
        "from pkg.old import f, other\nfrom pkg.old import (\n    zone,\n    f,  # the call\n)\n"
        "from pkg.new import more\n",
        "from pkg.old import other\nfrom pkg.old import (\n    zone,\n)\n"
        "from pkg.new import (\n    more,\n    g,  # the call\n)\n",
        "print(f(1), other, zone, more)\n",
    ),
}


@pytest.mark.parametrize(("before", "after", "use"), CASES.values(), ids=CASES)
def test_the_names_of_an_import(before: str, after: str, use: str, tmp_path: Path) -> None:
    new_use = use.replace("pkg.old.f(", "g(").replace("old.f(", "g(").replace("(f(", "(g(")
    new_use = new_use.replace("h()", "k()").replace("hk()", "hh()").replace(" f(1)", " g(1)")
    unsorted = "import zipfile, abc\n"  # keeps ruff away from the block
    changed = after.replace("f(0)", "g(0)")

    found = becomes(PLAN, TREE, unsorted + before + use, unsorted + changed + new_use, path="main.py")

    write(tmp_path, {**TREE, "main.py": unsorted + before + use})
    printed = _run(tmp_path)
    write(tmp_path, {"main.py": found.text})
    assert _run(tmp_path) == printed


BUILTINS = {
    "alone": ("from typing import List\n\nx: List[int] = [1]\n", "x: list[int] = [1]\n"),
    "beside others": (
        "from typing import Any, List\n\nx: List[Any] = [1]\n",
        "from typing import Any\n\nx: list[Any] = [1]\n",
    ),
    "with a comment": (
        "from typing import (\n    Any,  # any\n    List,  # list\n)\n\nx: List[Any] = [1]\n",
        "from typing import (\n    Any,  # any\n)\n\nx: list[Any] = [1]\n",
    ),
    "alias": ("from typing import List as L\n\nx: L[int] = [1]\n", "x: list[int] = [1]\n"),
    "through the module": ("import typing\n\nx: typing.List[int] = [1]\n", "x: list[int] = [1]\n"),
    "in a function": (
        "def run():\n    from typing import List\n\n    return List\n\n\nx = run() and [1]\n",
        "def run():\n    return list\n\n\nx = run() and [1]\n",
    ),
    "re-exported": (
        "from typing import Any, List\n\n__all__ = ['Any', 'List', 'x']\nx = [1]\n",
        "from typing import Any\n\n__all__ = ['Any', 'x']\nx = [1]\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), BUILTINS.values(), ids=BUILTINS)
def test_a_builtin_needs_no_import(before: str, after: str, tmp_path: Path) -> None:
    plan = plan_of(
        "  - {id: l, kind: deprecated-symbol, symbols: [typing.List], replacement: {symbol: builtins.list}}"
    )
    becomes(plan, {}, before, after, path="lists.py")
    write(tmp_path, {"lists.py": after, "main.py": "from lists import *\nprint(x)\n"})
    assert _run(tmp_path) == "[1]\n"


def _run(folder: Path) -> str:
    command = [sys.executable, "-S", "-B", "main.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
