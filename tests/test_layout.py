"""How the tests are laid out: shared helpers live in factories or conftest, never in a test module."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent


def test_no_test_module_imports_from_another() -> None:
    imported = [
        f"{file.relative_to(TESTS)} imports {node.module}"
        for file in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.ImportFrom) and str(node.module).rpartition(".")[2].startswith("test_")
    ]
    assert imported == []


def test_the_engine_s_tests_import_nothing_of_the_dashboard() -> None:
    dashboard = {"compliance", "django", "celery", "psycopg", "playwright"}
    imported = [
        f"{file.relative_to(TESTS)} imports {node.module}"
        for file in (TESTS / "scanner").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.ImportFrom)
        and (
            str(node.module).partition(".")[0] in dashboard
            or (str(node.module).startswith("tests.") and not str(node.module).startswith("tests.scanner"))
        )
    ]
    assert imported == []
