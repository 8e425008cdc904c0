"""What must not be rewritten blindly comes with a guide that speaks of the file's own names."""

import pytest

from tests.scanner.fixes.tables import code
from tests.scanner.fixes.trees import Outcome, plan_of, rewritten

PLAN = plan_of("""
  - {id: one, kind: singleton}
  - {id: state, kind: shared-state}
  - {id: shared, kind: shared-return, functions: ["create_*"]}
  - {id: twice, kind: duplicate-definition, names: [Engine]}
""")
ENGINE = code("""
    class Engine:
        runs = {}

        def start(self, run):
            self.runs[run.id] = run


    _engine = None


    def create_engine():
        global _engine
        if _engine is None:
            _engine = Engine()
        return _engine


    def handle(run):
        create_engine().start(run)
""")
CALLER = "from app.engine import create_engine\n\n\ndef page():\n    return create_engine()\n"


@pytest.fixture
def found() -> Outcome:
    return rewritten(PLAN, {"app/engine.py": ENGINE, "app/pages.py": CALLER}, "app/engine.py")


def words(found: Outcome, rule: str) -> str:
    return "\n".join(
        line for guide in found.guides if guide.rule == rule for line in (guide.title, *guide.steps)
    )


def test_a_guide_changes_and_refuses_nothing(found: Outcome) -> None:
    assert found.text == ENGINE
    assert not found.refused
    assert {(guide.rule, guide.line) for guide in found.guides} == {("one", 8), ("state", 2), ("shared", 11)}


def test_a_singleton_says_who_is_given_it_and_who_follows(found: Outcome) -> None:
    said = words(found, "one")
    assert "A module stores one _engine for all users" in said
    assert "Pass the object to create_engine as a parameter instead of _engine (line 8)." in said
    assert "handle (line 19)" in said
    assert "app/pages.py" in said


def test_shared_state_says_where_it_belongs(found: Outcome) -> None:
    said = words(found, "state")
    assert "Make runs an attribute of each Engine: assign self.runs in __init__" in said
    assert "Engine.start" in said


def test_a_shared_return_says_who_shares_today(found: Outcome) -> None:
    said = words(found, "shared")
    assert "create_engine promises a new object but returns a shared one" in said
    assert "app/pages.py" in said


SHAPES = [
    pytest.param(
        "class A:\n    _instance = None\n\n    @classmethod\n    def get_instance(cls):\n"
        "        if cls._instance is None:\n            cls._instance = cls()\n"
        "        return cls._instance\n",
        "class-instance",
        "Remove _instance from the class A",
        id="class",
    ),
    pytest.param(
        "class M(type):\n    _all = {}\n\n    def __call__(cls, *a):\n        if cls not in cls._all:\n"
        "            cls._all[cls] = super().__call__(*a)\n        return cls._all[cls]\n\n\n"
        "class A(metaclass=M):\n    pass\n",
        "metaclass",
        "Remove the metaclass from A",
        id="metaclass",
    ),
    pytest.param(
        "from functools import cache\n\n\nclass A:\n    pass\n\n\n@cache\ndef get_a():\n    return A()\n",
        "cached-accessor",
        "Remove the cache from get_a",
        id="cache",
    ),
    pytest.param(
        "class A:\n    pass\n\n\nthe_a = A()\n",
        "module-instance",
        "Importing the module builds one the_a",
        id="module",
    ),
]


@pytest.mark.parametrize(("text", "role", "said"), SHAPES)
def test_each_shape_of_a_singleton_has_its_guide(text: str, role: str, said: str) -> None:
    found = rewritten(PLAN, {"app/a.py": text}, "app/a.py")
    guides = [guide for guide in found.guides if guide.role == role]
    assert guides
    assert said in "\n".join((guides[0].title, *guides[0].steps))


def test_two_definitions_are_for_a_person_to_choose_from() -> None:
    found = rewritten(PLAN, {"a.py": "class Engine: ...\n", "b.py": "class Engine: ...\n"}, "b.py")
    assert found.reasons == [
        "1: choose one definition to keep, migrate users of the others, then delete those"
    ]
