"""A listed name has one definition."""

from dataclasses import replace

import pytest

from scanner.rules.base import Rule
from scanner.rules.duplicate_definition import DuplicateDefinition
from tests.scanner.rules.tools import Tree, check_hits, check_silent, find, make_rule


@pytest.fixture
def rule() -> Rule:
    return make_rule("duplicate-definition", names=("Context", "make_*"))


@pytest.mark.parametrize(
    "tree",
    [
        {"a.py": "class Context: ...\n", "b.py": "class Context(Base):  #! definition\n    x = 1\n"},
        {"a.py": "def make_x(): ...\n", "b.py": "async def make_x(): ...  #! definition\n"},
        {"a.py": "class Context: ...\n", "b.py": "def Context(): ...  #! definition\n"},
        {
            "a.py": "class Context: ...\n",
            "b.py": "class Context: ...  #! definition\n",
            "c/__init__.py": "@dataclass\nclass Context: ...  #! definition\n",
        },
        {"a.py": "class Context: ...\n", "b.py": "if x:\n    class Context: ...  #! definition\n"},
        {
            "a.py": "class Context: ...\n",
            "b.py": "try:\n    from a import Context\nexcept E:\n    class Context: ...  #! definition\n",
        },
        {
            "a.py": "def make_x(): ...\n",
            "b.py": "@overload\ndef make_x(a): ...\n@t.overload\ndef make_x(b): ...\n"
            "def make_x(c): ...  #! definition\n",
        },
        {
            "a.py": "class Context: ...\n",
            "b.py": "if x:\n    class Context: ...  #! definition\nelse:\n    class Context: ...\n",
        },
        {"a.py": "class Context: ...\n", "b.py": "class :\n  pass\nclass Context: ...  #! definition\n"},
    ],
)
def test_every_definition_but_the_first_is_reported(rule: Rule, tree: Tree) -> None:
    check_hits(rule, tree)


@pytest.mark.parametrize(
    "tree",
    [
        {"a.py": "class Context: ...\n", "b.py": "from a import Context\nContext = Context\n"},
        {"a.py": "if x:\n    class Context: ...\nelse:\n    class Context: ...\n", "b.py": "Context()\n"},
        {"a.py": "class Context: ...\n", "b.py": "def f():\n    class Context: ...\n"},
        {"a.py": "class Context: ...\n", "b.py": "class A:\n    class Context: ...\n"},
        {"a.py": "def make_x(): ...\n", "b.py": "class A:\n    def make_x(self): ...\n"},
        {"a.py": "def make_x(): ...\n", "b.py": "def make_y(): ...\n"},
        {"a.py": "class Other: ...\n", "b.py": "class Other: ...\n"},
        {"a.py": "class Context: ...\n", "b.py": "# class Context: ...\n'''\nclass Context: ...\n'''\n"},
        {"a.py": "class Context: ...\n", "b.py": "class ContextManager: ...\n"},
        {"a.py": "class Context: ...\n", "b.py": "make_x = lambda: 1\n", "c.py": "def make_x(): ...\n"},
    ],
)
def test_a_single_definition_is_silent(rule: Rule, tree: Tree) -> None:
    check_silent(rule, tree)


@pytest.mark.parametrize(
    ("home", "tree"),
    [
        ("b", {"a.py": "class Context: ...  #! definition\n", "b.py": "class Context: ...\n"}),
        ("b", {"a.py": "class Context: ...  #! definition\n", "b/__init__.py": "class Context: ...\n"}),
        ("z", {"a.py": "class Context: ...\n", "b.py": "class Context: ...  #! definition\n"}),
    ],
)
def test_the_canonical_module_is_spared(rule: Rule, home: str, tree: Tree) -> None:
    other = make_rule("canonical-import", names={"Context": home}).spec
    plan = replace(rule.plan, rules=(rule.spec, other))
    check_hits(DuplicateDefinition(rule.spec, plan), tree)


def test_a_finding_names_the_other_definition(rule: Rule) -> None:
    tree = {"a.py": "class Context: ...\n", "pkg/b.py": "\nclass Context:\n    pass\n"}
    (hit,) = find(rule, tree)["pkg/b.py"]
    assert (hit.symbol, hit.message) == ("pkg.b.Context", "Context is also defined in a.py")
    assert (hit.location.line, hit.location.column, hit.location.end_column) == (2, 1, 14)


def test_a_file_that_defines_nothing_listed_is_not_read(rule: Rule) -> None:
    assert not rule.relevance(b"from a import Context\nContext()\nmake_x()\n").is_wanted
    assert rule.relevance(b"async  def\tmake_x(): ...\n").is_wanted
    assert rule.relevance(b"class \\\n  Context: ...\n").is_wanted
