"""A valid file that only imports everything from modules is parsed up to the last such import."""

import pytest

from scanner import RepoPath, read_plan
from scanner.engine.analyzer import Analyzer, FileReport
from scanner.python.exports import exports_end
from scanner.rules.base import Rule
from scanner.rules.symbols.linked_rule import LinkedRule

PLAN = """version: 1
name: Names that are handed on
rules:
  - {id: old, kind: deprecated-symbol, symbols: [app.home.get_it], replacement: {symbol: app.home.make_it}}
  - {id: lacks, kind: missing-argument, callables: [app.home.call_it], argument: x}
  - {id: late, kind: deprecation-warning}
"""
REST = "\n\nclass Other:\n    def run(self):\n        return self\n"
# The beginning that is parsed, and what follows it.
SHORT = [
    ("from app.home import *\n", REST),
    ("import os\nfrom app.home import *  # noqa\nfrom .more import *\n", REST),
    ("if 1:\n    from app.home import *\nfrom app import *\n", REST),
    ("def f():\n    pass\nfrom app.home import *\r\n", REST),
    ("from app.home import *\n", "x = 'import *'\n# from c import *\n" + REST),
    ("", "# from app.home import *\n" + REST),
]
WHOLE = {
    "from app.home import *\n__all__ = ['get_it']\n",
    "try:\n    from app.home import *\nexcept ImportError:\n    pass\n",
    "from app.home import *\nfrom app.more \\\n    import *\n",
    "from app.home import *\rx = 1\n",
    "from app.home import *\nd = 'é'\n",
    "from app.home import *\ndef f(): get_it()\n",
    "from app.home import *\nmake_it()\n",
    'from app.home import *\n"""\nfrom app.more import *\n"""\n',
    "from app.home import *\nx = (\n",
    "from app.home import *\ndef f():\n    x = 1\n    global x\n",
    "from app.home import *\nreturn 1\n",
    "def f():\n    from app.home import *\n",
    "x = \\\nfrom app.home import *\n",
    "from app.home import *\nx = 1  # ssot: ignore[old] because it is\n",
    "from app.home import *\nlog.warning('deprecated')\n",
}


def reported(text: str) -> FileReport:
    """Return what the plan's rules report on a text."""
    return Analyzer(read_plan(PLAN, "plan.yaml")).analyze(RepoPath("app/use.py"), text.encode())


@pytest.mark.parametrize("text", sorted({*map("".join, SHORT), *WHOLE}))
def test_the_report_is_that_on_the_whole_file(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reported(text)
    monkeypatch.setattr(LinkedRule, "extent", Rule.extent)
    assert found == reported(text)


@pytest.mark.parametrize(("beginning", "rest"), SHORT)
def test_what_comes_after_the_last_such_import_is_not_read(beginning: str, rest: str) -> None:
    assert exports_end(f"{beginning}{rest}".encode()) == len(beginning)
