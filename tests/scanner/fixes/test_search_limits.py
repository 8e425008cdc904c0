"""Searches with a limit: beyond it, the fix is refused, and the reason says so."""

import pytest

from scanner.fixes.identity import import_graph, tree
from scanner.model import RepoPath
from tests.scanner.fixes.tables import becomes, stays
from tests.scanner.fixes.trees import plan_of, workspace_of

MOVED = plan_of(
    "  - {id: moved, kind: deprecated-symbol, symbols: [pkg.old.f], replacement: {symbol: pkg.new.g}}"
)
HOME = plan_of("  - {id: home, kind: canonical-import, names: {g: pkg.new}}")
OLD = {"pkg/__init__.py": "", "pkg/old.py": "from pkg.new import g\n\n\ndef f():\n    return 1\n"}
USE = "from pkg.old import f\n\nprint(f())\n"


def _importing(count: int) -> dict[str, str]:
    names = [f"part{number}" for number in range(count)]
    new = "".join(f"import pkg.{name}\n" for name in names) + "\n\ndef g():\n    return 2\n"
    return {**OLD, "pkg/old.py": "def f():\n    return 1\n", "pkg/new.py": new} | {
        f"pkg/{name}.py": "" for name in names
    }


def _built_on(count: int) -> dict[str, str]:
    names = [f"step{number}" for number in range(count)]
    steps = "".join(f"def {name}():\n    return 1\n\n\n" for name in names)
    return {**OLD, "pkg/new.py": f"{steps}def g():\n    return [{', '.join(names)}]\n"}


def _losing(count: int, effect: str = "") -> dict[str, str]:
    """Return a tree in which the old module loads many others in a row, the last one with an effect."""
    links = {f"pkg/part{number}.py": f"import pkg.part{number + 1}\n" for number in range(count)}
    last = {f"pkg/part{count}.py": f"import sys\n\n{effect}\n"}
    old = "import pkg.part0\n\n\ndef f():\n    return 1\n"
    return {**OLD, "pkg/old.py": old, "pkg/new.py": "def g():\n    return 2\n", **links, **last}


def test_a_cycle_is_searched_in_the_modules_that_an_import_loads() -> None:
    becomes(MOVED, _importing(900), USE, "from pkg.new import g\n\nprint(g())\n")
    tree = {**_importing(900), "pkg/part899.py": "import app.use\n"}
    stays(MOVED, tree, USE, "pkg.part899 imports this file, so importing pkg.new here would create an import")


def test_an_import_that_loads_too_many_modules_to_search_for_a_cycle_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_graph, "MOST", 500)
    reason = "importing pkg.new loads more than 500 modules, which is too many to find out"
    stays(MOVED, _importing(501), USE, f"{reason} whether one of them imports app.use")
    stays(HOME, _importing(501), "from pkg.old import g\n", f"{reason} whether one of them imports app.use")


def test_effects_are_found_however_many_modules_an_import_loads() -> None:
    becomes(MOVED, _losing(900), USE, "from pkg.new import g\n\nprint(g())\n")
    effect = "importing pkg.part900 has an effect, which would be lost"
    stays(MOVED, _losing(900, "sys.path.append('x')"), USE, effect)


def test_an_effect_is_not_lost_if_something_else_that_stays_loads_its_module() -> None:
    tree = {**_losing(900, "sys.path.append('x')"), "pkg/__init__.py": "import pkg.part450\n"}
    becomes(MOVED, tree, USE, "from pkg.new import g\n\nprint(g())\n")


def test_an_import_that_loads_too_many_modules_to_find_its_effects_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_graph, "MOST", 500)
    reason = "importing pkg.old loads more than 500 modules, which is too many to find out"
    stays(MOVED, _losing(501), USE, f"{reason} whether an effect would be lost")
    becomes(MOVED, _losing(400), USE, "from pkg.new import g\n\nprint(g())\n")


def test_another_file_that_reaches_a_lost_module_is_checked_within_the_same_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_graph, "MOST", 500)
    other = "import pkg\nimport many.part0\n\nprint(pkg.old.h())\n"
    links = {f"many/part{number}.py": f"import many.part{number + 1}\n" for number in range(501)}
    old = "def f():\n    return 1\n\n\ndef h():\n    return 3\n"
    tree = {**_losing(0), "pkg/old.py": old, "other.py": other, "many/__init__.py": "", **links}
    reason = "modules, which is too many to find out whether one of them imports pkg.old"
    stays(MOVED, tree, USE, reason)
    monkeypatch.setattr(import_graph, "MOST", 5000)
    stays(MOVED, tree, USE, "other.py uses pkg.old on line 4 without importing it")
    becomes(
        MOVED, {**tree, "many/part501.py": "import pkg.old\n"}, USE, "from pkg.new import g\n\nprint(g())\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "def run():\n    import pkg.effect\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import pkg.effect\n",
        "import pkg.effect as\n",
    ],
)
def test_only_imports_that_run_on_import_count(text: str) -> None:
    tree = {**_losing(3), "pkg/part1.py": text, "pkg/effect.py": "import sys\n\nsys.path.append('x')\n"}
    becomes(MOVED, tree, USE, "from pkg.new import g\n\nprint(g())\n")


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    from . import effect\n",
        "try:\n    from .effect import *\nexcept ImportError:\n    pass\n",
        "match 1:\n    case 1:\n        import pkg.effect as e\n",
        "try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    import pkg.effect\n",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import pkg.effect.name\n",
        "with x() as y:\n    from pkg import effect, other\n",
        "# coding: latin-1\n\nfor x in y:\n    import pkg.effect  # \u00e9\n",
    ],
)
def test_imports_in_every_kind_of_block_count(text: str) -> None:
    effect = "import sys\n\nsys.path.append('x')\n"
    tree = {**_losing(3), "pkg/part1.py": text, "pkg/effect.py": effect}
    stays(MOVED, tree, USE, "importing pkg.effect has an effect, which would be lost")


def test_a_replacement_built_on_too_many_definitions_is_refused() -> None:
    becomes(MOVED, _built_on(990), USE, "from pkg.new import g\n\nprint(g())\n")
    reason = "g is built on more than 1000 definitions, which is too many to find out whether"
    stays(MOVED, _built_on(1001), USE, reason)


def test_only_the_files_that_were_read_last_are_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_KEPT_BYTES", 300)
    text = f"x = '{'a' * 100}'\n"
    paths = [RepoPath(f"{name}.py") for name in "abc"]
    model = tree.model_of(workspace_of(MOVED, dict.fromkeys(paths, text)))
    first, second, third = (model.module_at(path) for path in paths)
    assert model.module_at(paths[1]) is second
    assert model.module_at(paths[2]) is third
    assert model.module_at(paths[0]) is not first
