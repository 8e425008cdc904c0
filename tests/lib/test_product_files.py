"""Messages name the commands of this installation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.lib import product_files
from compliance.lib.product_files import PACKAGE, TEMPLATE_FOLDER, command, start_command

_OF_A_CHECKOUT = re.compile(r"manage\.py|make up")
_MAY_NAME_THEM = {
    "lib/product_files.py",  # decides which ones are named
    "embedded/programs.py",  # says what a checkout's start installs, only in a checkout
    "scans/tracking.py",  # names a variable of `make up`, only in a checkout
}


def test_a_package_and_a_checkout_have_commands_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("maintenance off") == ".venv/bin/python manage.py maintenance off"
    assert start_command(port=8001) == "make up PORT=8001"
    monkeypatch.setattr(product_files, "IS_INSTALLED", True)
    assert command("maintenance off") == "ssot-compliance maintenance off"
    assert start_command(repo="shop", plan="plan.yaml") == "ssot-compliance up --repo shop --plan plan.yaml"


def test_only_one_module_names_the_commands_of_a_checkout() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if _OF_A_CHECKOUT.search(text := path.read_text())
        and any(_OF_A_CHECKOUT.search(value) for value in _shown(ast.parse(text)))
    }
    assert found == _MAY_NAME_THEM
    pages = [path for path in TEMPLATE_FOLDER.rglob("*.html") if _OF_A_CHECKOUT.search(_read(path))]
    assert pages == []


def _shown(tree: ast.Module) -> Iterator[str]:
    """Yield the strings of a module, without those that are documentation."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
