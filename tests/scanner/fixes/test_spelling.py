"""Which files the proofs may skip without parsing them."""

import pytest

from scanner.fixes.identity.spelling import (
    imports_relatively,
    may_name,
    may_reach,
    may_rebind,
    may_use,
    words_imported,
)


@pytest.mark.parametrize(
    "text",
    [
        "from app.tools import fetch\n",
        "from .tools import other, fetch as f\n",
        "from app.tools import (\n    other,  # one (1)\n    fetch,\n)\n",
        "from app.tools import other, \\\n    fetch\n",
        "from app \\\n    .tools import fetch\n",
        "from app.tools import *\n",
        "if x: import app.tools as t; t.fetch()\n",
        "from app import tools\ntools . fetch()\n",
        "import app\napp.tools.fetch()\n",
        "import app\n(app.tools\n    .fetch)\n",
    ],
)
def test_a_file_may_use_a_name_of_a_module(text: str) -> None:
    assert may_use(text.encode(), words_imported(text.encode()), "app.tools", ["fetch"])


@pytest.mark.parametrize(
    "text",
    [
        "from app.other import fetch\ntools = 1\n",
        "fetch(tools)\n",
        "from app.tools import other\nfetch = 1\n",
    ],
)
def test_a_file_that_names_both_without_an_import_is_skipped(text: str) -> None:
    assert not may_use(text.encode(), words_imported(text.encode()), "app.tools", ["fetch"])


def test_names_outside_ascii_are_whole_words() -> None:
    text = "from app.tools import größe\n".encode()
    assert may_use(text, words_imported(text), "app.tools", ["größe"])
    assert may_rebind("tools.größe = 1\n".encode(), "größe")


@pytest.mark.parametrize(
    "text", ["from . import fetch\n", "from .. import(fetch)\n", "from .\\\n. import fetch\n"]
)
def test_an_import_may_leave_out_the_package(text: str) -> None:
    assert imports_relatively(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        '"app.tools.fetch.x"',
        '"app." "tools.fetch.x"',
        '("app."  # one\n  f"tools.fetch.x")',
        '("#", "app." "tools.fetch.x")',
    ],
)
def test_a_string_may_have_several_parts(text: str) -> None:
    assert may_name(text.encode(), "app.tools.fetch.")
    assert not may_name(text.encode(), "app.tools.send.")


def test_a_line_of_number_signs_does_not_take_forever() -> None:
    assert not may_name(b'x = "a"  ' + b"#" * 500 + b"\n", "app.tools.fetch.")


@pytest.mark.parametrize(
    "text",
    [
        "tools.fetch = 1",
        "for tools.fetch in x: pass",
        'setattr(tools, "fetch", 1)',
        "patch.multiple(tools, fetch=1)",
        'patch(f"{HOME}fetch")',
        'patch("app.tools." "fetch")',
    ],
)
def test_a_file_may_rebind_a_name(text: str) -> None:
    assert may_rebind(text.encode(), "fetch")


def test_a_file_that_only_imports_and_calls_a_name_rebinds_nothing() -> None:
    assert not may_rebind(b"from app.tools import fetch\nfetch(1)\nx == fetch\n", "fetch")


@pytest.mark.parametrize(
    "text",
    [
        "import app\napp.tools\n",
        "from x import *\napp.tools\n",
        "import app as a\nif a.tools.fetch: pass\n",
        "import app\n(app).tools\n",
        "import app.sub\napp.\\\n  sub.tools\n",
        "import app.sub\n(app.  # here\n  sub.tools)\n",
        "import app.sub\n(app\n .sub\n .tools)\n",
    ],
)
def test_a_file_may_reach_a_module_through_its_package(text: str) -> None:
    assert may_reach(text.encode(), lambda: words_imported(text.encode()), "app.tools")


@pytest.mark.parametrize(
    "text",
    [
        "import app.tools\napp.tools\n",
        "from app.tools import x\nx.tools\n",
        "import app\nself.tools = 1\n",
        "import app\napp.toolset\n",
        "from .tools import x\n",
    ],
)
def test_a_file_that_imports_it_or_begins_with_another_name_is_skipped(text: str) -> None:
    assert not may_reach(text.encode(), lambda: words_imported(text.encode()), "app.tools")
