"""Searches with a limit: beyond it, the fix is refused, and the reason says so."""

import pytest

from scanner.fixes.identity import tree
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


def test_a_cycle_is_searched_in_the_modules_that_an_import_loads() -> None:
    becomes(MOVED, _importing(400), USE, "from pkg.new import g\n\nprint(g())\n")


def test_an_import_that_loads_too_many_modules_to_search_for_a_cycle_is_refused() -> None:
    reason = "importing pkg.new loads more than 500 modules, which is too many to find out"
    stays(MOVED, _importing(501), USE, f"{reason} whether one of them imports app.use")
    stays(HOME, _importing(501), "from pkg.old import g\n", f"{reason} whether one of them imports app.use")


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
