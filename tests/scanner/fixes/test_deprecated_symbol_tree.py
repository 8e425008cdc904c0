"""A deprecated name across files: strings, what modules hand on, definitions."""

import pytest

from scanner.fixes.model import Selection
from scanner.fixes.series import fix_all
from tests.scanner.fixes.tables import APP, FACTORY_PLAN, becomes, code, stays
from tests.scanner.fixes.trees import plan_of, rewritten, workspace_of

DONE = {**APP, "app/use.py": "from app.factory import create_factory\n"}
STRINGS = [
    pytest.param(
        'patch("app.factory.get_factory")', 'patch("app.factory.create_factory")', id="where it is defined"
    ),
    pytest.param(
        "patch('app.factory.get_factory')", "patch('app.factory.create_factory')", id="single quotes"
    ),
    pytest.param(
        'patch("src.app.factory.get_factory")', 'patch("src.app.factory.create_factory")', id="a prefix"
    ),
    pytest.param('patch("app.use.get_factory")', 'patch("app.use.create_factory")', id="where it is used"),
    pytest.param('patch(r"app.factory.get_factory")', 'patch(r"app.factory.create_factory")', id="raw"),
    pytest.param('x = ["app.factory.get_factory"]', 'x = ["app.factory.create_factory"]', id="in a list"),
    pytest.param(
        'patch("app.factory.get_factory", new=lambda *a: 1)',
        'patch("app.factory.create_factory", new=lambda *a: 1)',
        id="a stand-in that takes arguments",
    ),
]


@pytest.mark.parametrize(("before", "after"), STRINGS)
def test_a_dotted_name_in_a_string_follows(before: str, after: str) -> None:
    becomes(FACTORY_PLAN, DONE, f"{before}\n", f"{after}\n", "tests/test_a.py")


NO_STRINGS = [
    pytest.param(
        'patch("app.late.get_factory")',
        "app.late still defines get_factory but not create_factory",
        id="not there yet",
    ),
    pytest.param(
        'patch("app.factory.get_factory", new=lambda: 1)',
        "a lambda without parameters",
        id="a stand-in without",
    ),
    pytest.param('patch("app.factory." "get_factory")', "made of several strings", id="concatenated"),
]


@pytest.mark.parametrize(("text", "reason"), NO_STRINGS)
def test_a_string_that_cannot_follow_stays(text: str, reason: str) -> None:
    tree = {**DONE, "app/late.py": "from app.factory import get_factory\nget_factory\n"}
    stays(FACTORY_PLAN, tree, f"{text}\n", reason, "tests/test_a.py")


HANDED = [
    pytest.param(
        "from .factory import get_factory\n", "from .factory import create_factory\n", id="a package"
    ),
    pytest.param(
        'from .factory import get_factory\n\n__all__ = ["get_factory"]\n',
        'from .factory import create_factory\n\n__all__ = ["create_factory"]\n',
        id="__all__",
    ),
    pytest.param(
        'from .factory import create_factory, get_factory\n\n__all__ = ["create_factory", "get_factory"]\n',
        'from .factory import create_factory\n\n__all__ = ["create_factory"]\n',
        id="both there already",
    ),
    pytest.param(
        "from .factory import get_factory as get_factory\n",
        "from .factory import create_factory as create_factory\n",
        id="as itself",
    ),
]


@pytest.mark.parametrize(("before", "after"), HANDED)
def test_re_exports_of_a_package_are_fixed_too(before: str, after: str) -> None:
    becomes(FACTORY_PLAN, APP, before, after, "app/__init__.py")


NOT_HANDED = [
    pytest.param(
        "from .factory import get_factory\n", "app/late.py imports get_factory from this file", id="taken"
    ),
    pytest.param(
        "from .factory import get_factory as make\n\n__all__ = ['make']\n",
        "it is re-exported as make",
        id="alias",
    ),
]


@pytest.mark.parametrize(("text", "reason"), NOT_HANDED)
def test_a_re_export_that_is_still_used_stays(text: str, reason: str) -> None:
    tree = {**APP, "app/late.py": "from app import get_factory\nget_factory\n"}
    stays(FACTORY_PLAN, tree, text, reason, "app/__init__.py")


def test_a_definition_that_nothing_uses_goes_with_its_global_and_imports() -> None:
    before = code("""
        import logging
        from typing import Any, Optional

        __all__ = ["get_factory", "create_factory"]

        # the one
        _factory: Optional[object] = None


        @cache
        def get_factory() -> Any:
            global _factory
            return logging.info(_factory)


        async def configure():
            return get_factory()


        def create_factory(user): ...
    """)
    after = code("""

        __all__ = ["create_factory"]

        # the one
        def create_factory(user): ...
    """)
    found = rewritten(FACTORY_PLAN, {**APP, "app/factory.py": before}, "app/factory.py")
    assert found.text.split() == after.split()
    assert not found.reasons


def test_a_global_that_the_plan_does_not_list_goes_with_its_accessor() -> None:
    plan = plan_of("  - {id: old, kind: deprecated-symbol, symbols: [app.one.get]}")
    before = "x = 1\n\n_one = None\n\n\ndef get():\n    global _one\n    return _one\n"
    becomes(plan, {}, before, "x = 1\n", "app/one.py")
    kept = before + "\n\ndef reset():\n    global _one\n    _one = None\n"
    assert "_one = None\n" in rewritten(plan, {"app/one.py": kept}, "app/one.py").text


USERS = [
    pytest.param(
        {"app/late.py": "from app.factory import get_factory\n"}, "1 use in 1 other file", id="import"
    ),
    pytest.param(
        {"app/late.py": "from app import factory\nfactory.get_factory()\n"}, "still used", id="module"
    ),
    pytest.param(
        {"app/late.py": "# ssot: ignore[factory] because old\nx = 'app.factory.get_factory'\n"},
        "still used",
        id="suppressed",
    ),
    pytest.param(
        {"app/late.py": "import app.factory\ngetattr(app.factory, 'get_factory')\n"},
        "app/late.py still contains get_factory",
        id="by its text",
    ),
    pytest.param(
        {"app/late.py": "def broken(:\n    # factory.get_factory\n"},
        "still contains get_factory",
        id="broken file",
    ),
]


@pytest.mark.parametrize(("tree", "reason"), USERS)
def test_a_definition_that_something_uses_stays(tree: dict[str, str], reason: str) -> None:
    found = rewritten(FACTORY_PLAN, {**APP, **tree}, "app/factory.py")
    assert "def get_factory" in found.text
    assert any(reason in said for said in found.reasons), found.reasons


INSIDE = [
    pytest.param(
        "def get_factory(): ...\n\n\ndef run():\n    return get_factory\n",
        "line 5 still uses it",
        id="in the file",
    ),
    pytest.param("_factory = other = None\n", "assigned together with something else", id="chain"),
    pytest.param("from lib import get_factory\n", "the module imports it", id="import"),
]


@pytest.mark.parametrize(("text", "reason"), INSIDE)
def test_a_definition_that_cannot_be_cut_out_stays(text: str, reason: str) -> None:
    stays(FACTORY_PLAN, {}, text, reason, "app/factory.py")


def test_a_whole_tree_is_put_right_in_the_order_that_it_needs() -> None:
    tree = {
        "app/__init__.py": 'from .factory import get_factory\n\n__all__ = ["get_factory"]\n',
        "app/user.py": APP["app/user.py"],
        "app/factory.py": APP["app/factory.py"],
        "app/a.py": "from app import get_factory\n\n\ndef run(user):\n    return get_factory()\n",
        "app/b.py": "from app.a import get_factory\n\n\ndef run(user):\n    return get_factory()\n",
        "tests/test_a.py": '@patch("app.a.get_factory")\ndef test_a(mock): ...\n',
    }
    workspace = workspace_of(FACTORY_PLAN, tree)
    results = {str(rewrite.path): rewrite for rewrite in fix_all(workspace, Selection())}
    assert not [refusal for rewrite in results.values() for refusal in rewrite.refused]
    assert not workspace.notable()
    assert b"app.a.create_factory" in results["tests/test_a.py"].after
    assert b"get_factory" not in b"".join(rewrite.after for rewrite in results.values())
    assert results["app/b.py"].after.startswith(b"from app.factory import create_factory\n")


def test_an_unused_import_that_tests_replace_by_its_text_gets_the_new_name_and_they_follow() -> None:
    tree = {
        **APP,
        "app/use.py": "from app.factory import get_factory\n",
        "tests/test_a.py": 'patch("app.use.get_factory")\n',
    }
    workspace = workspace_of(FACTORY_PLAN, tree)
    results = {str(rewrite.path): rewrite for rewrite in fix_all(workspace, Selection())}
    assert results["app/use.py"].after == b"from app.factory import create_factory\n"
    assert results["tests/test_a.py"].after == b'patch("app.use.create_factory")\n'


def test_a_file_that_another_one_keeps_from_being_fixed_is_tried_again_once_that_is_fixed() -> None:
    moved = "symbols: [lib.old.f], replacement: {symbol: lib.new.g}"
    plan = plan_of(f"  - {{id: moved, kind: deprecated-symbol, {moved}}}")
    tree = {
        "lib/__init__.py": "",
        "lib/old.py": "def f():\n    return 1\n\n\ndef h():\n    return 3\n",
        "lib/new.py": "def g():\n    return 1\n",
        "app/a.py": "import lib.old\n\n\ndef run():\n    return lib.old.f()\n",
        "app/b.py": "import lib\n\n\ndef run():\n    return lib.old.f()\n",  # needs the import in a.py
    }
    results = {str(rewrite.path): rewrite for rewrite in fix_all(workspace_of(plan, tree), Selection())}
    assert not [refusal for rewrite in results.values() for refusal in rewrite.refused]
    assert results["app/a.py"].after == results["app/b.py"].after
    assert results["app/a.py"].after == b"from lib.new import g\n\n\ndef run():\n    return g()\n"
    assert results["lib/old.py"].after == b"def h():\n    return 3\n"


FACTORY_RULE = """
  - id: factory
    kind: deprecated-symbol
    symbols: [app.factory.get_factory, app.factory.configure, app.factory._factory]
    replacement: {symbol: app.factory.create_factory}
"""
SETUP_RULE = """
  - id: setup
    kind: deprecated-symbol
    symbols: [app.factory.set_up]
    replacement: {symbol: app.factory.create_factory}
"""


def test_a_string_does_not_wait_for_a_use_in_a_definition_that_another_rule_lists() -> None:
    tree = {
        **APP,
        "app/factory.py": APP["app/factory.py"] + "\n\ndef set_up():\n    return get_factory()\n",
        "tests/test_a.py": 'patch("app.factory.get_factory")\n',
    }
    alone = rewritten(plan_of(FACTORY_RULE), tree, "tests/test_a.py")
    assert [refusal.reason for refusal in alone.refused if "still uses" in refusal.reason]
    both = rewritten(plan_of(FACTORY_RULE + SETUP_RULE), tree, "tests/test_a.py")
    assert both.text == 'patch("app.factory.create_factory")\n'
