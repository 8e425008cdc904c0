"""Mutable containers that functions write to, and containers that nobody shares."""

from collections.abc import Mapping

import pytest
from _pytest.mark import ParameterSet

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

MODULE: dict[str, Tree] = {
    "an item": """
        runs = {}  #! module-state
        def start(run):
            runs[run.id] = run
    """,
    "a method that mutates": """
        runs: list[str] = list()  #! module-state
        async def start(run):
            runs.append(run)
    """,
    "a deleted item, in a method": """
        from collections import defaultdict
        runs = defaultdict(list)  #! module-state
        class Engine:
            def stop(self, run):
                del runs[run.id]
    """,
    "deep inside": """
        runs = {"a": {}}  #! module-state
        more = {}  #! module-state
        third = {}  #! module-state
        fourth = {}  #! module-state
        def start(run):
            runs["a"][run.id] = run
            more.setdefault(run.user, []).append(run)
            third.get(run.user).append(run)
            fourth[run.id].state = 1
    """,
    "bound anew under global": """
        runs = []  #! module-state
        def reset():
            global runs
            runs = []
    """,
    "filled by a function": """
        runs = None  #! module-state
        def start():
            global runs
            if runs is None:
                runs = {}
    """,
    "only a function names it": """
        def start():
            global runs
            runs = set()  #! module-state
    """,
    "in place": """
        runs = set()  #! module-state
        def start(more):
            global runs
            runs |= more
    """,
    "under try, from a plain function, by its annotation": """
        try:
            runs: dict[str, int] = load()  #! module-state
        except OSError:
            runs = {}
        def start(run):
            runs.update(run)
    """,
    "in a lambda and in a nested function": """
        runs = []  #! module-state
        more = []  #! module-state
        def outer():
            def inner():
                runs.append(1)
            return lambda: more.append(1)
    """,
    "taken apart": """
        runs = {}  #! module-state
        def start(a):
            runs["a"], b = a, 1
    """,
    "from another module": {
        "app/state.py": "runs = {}  #! module-state\nmore = []  #! module-state\n",
        "app/engine.py": """
            from app.state import runs
            from . import state
            def start(run):
                runs[run.id] = run
                state.more.append(run)
        """,
    },
    "from another module, renamed, through a package": {
        "app/__init__.py": "from app.state import runs",
        "app/state.py": "runs = {}  #! module-state\n",
        "engine.py": """
            from app import runs as all_runs
            def start(run):
                all_runs.pop(run.id)
        """,
    },
}

NOT_MODULE: dict[str, Tree] = {
    "only read": """
        runs = {}  #? module-state
        def start(run):
            return runs[run.id], runs.get(run.id), len(runs), list(runs)
    """,
    "written when the module is imported": """
        runs = {}  #? module-state
        runs["a"] = 1
        for name in "ab":
            runs[name] = 2
    """,
    "a local of the same name": """
        runs = {}
        def start(run):
            runs = {}
            runs[run.id] = run
        def stop(runs):
            runs.append(1)
    """,
    "through another name": """
        runs = {}
        def start(run):
            mine = runs
            mine[run.id] = run
            helper(runs)
    """,
    "no container": """
        runs = Runs()
        count = 0
        names = ("a",)
        frozen = frozenset({1})
        text = "x"
        def start(run):
            global count
            runs[run.id] = run
            count += 1
    """,
    "a field of an object": """
        runs = {}  #? module-state
        class Engine:
            def __init__(self):
                self.runs = {}
            def start(self, run):
                self.runs[run.id] = run
    """,
    "another object's attribute of that name": """
        runs = []  #? module-state
        def start(engine):
            engine.runs.append(1)
    """,
    "only words": """
        runs = {}
        def start(run):
            '''runs[run.id] = run'''
            # runs.append(run)
    """,
    "main": """
        if __name__ == "__main__":
            runs = []
            def start():
                runs.append(1)
    """,
    "its own class of that name": """
        class Counter:
            pass
        runs = Counter()
        def start():
            runs.update(1)
    """,
    "of another module of the same name": {
        "app/state.py": "runs = {}",
        "lib/engine.py": """
            from lib.state import runs
            def start(run):
                runs[run.id] = run
        """,
    },
    "from another module when that is imported": {
        "app/state.py": "runs = {}",
        "app/engine.py": "from app.state import runs\nruns['a'] = 1\n",
    },
    "a nonlocal": """
        def outer():
            runs = []
            def inner():
                nonlocal runs
                runs = []
                runs.append(1)
    """,
}

CLASS: dict[str, Tree] = {
    "an item set through the type": """
        class Engine:
            runs = {}  #! class-state
            others = {}
            def start(self, run):
                type(self).runs[run.id] = run
                type(self).others = run
    """,
    "through self": """
        class Engine:
            runs = {}  #! class-state
            def start(self, run):
                self.runs[run.id] = run
    """,
    "through cls and the class's name": """
        class Engine:
            runs: ClassVar[dict] = {}  #! class-state
            more = []  #! class-state
            third = set()  #! class-state
            @classmethod
            def start(cls, run):
                cls.runs[run.id] = run
            @staticmethod
            def stop(run):
                Engine.more.append(run)
            def other(self):
                type(self).third.add(1)
    """,
    "from a function of the module": """
        class Engine:
            runs = {}  #! class-state
        def start(run):
            Engine.runs[run.id] = run
    """,
    "replaced on the object, written on the class": """
        class Engine:
            runs = {}  #! class-state
            def __init__(self):
                self.runs = {}
                Engine.runs["last"] = self
    """,
    "keyed instances": """
        class Factory:
            _instances = {}  #! class-state
            @classmethod
            def get(cls, key):
                if key not in cls._instances:
                    cls._instances[key] = cls()
                return cls._instances[key]
    """,
    "by a subclass": """
        class Base:
            runs = []  #! class-state
        class Engine(Base):
            def start(self, run):
                self.runs.append(run)
    """,
    "from another module": {
        "app/engine.py": "class Engine:\n    runs = []  #! class-state\n",
        "app/start.py": """
            from app.engine import Engine
            def start(run):
                Engine.runs.append(run)
        """,
    },
    "in a nested class, bound anew": """
        class Engine:
            class State:
                runs = []  #! class-state
                def reset(self):
                    self.__class__.runs += [1]
    """,
}

NOT_CLASS: dict[str, Tree] = {
    "replaced in __init__": """
        class Engine:
            runs = {}  #? class-state
            def __init__(self):
                self.runs = {}
            def start(self, run):
                self.runs[run.id] = run
    """,
    "replaced before each test": """
        class TestEngine:
            runs = []
            def setUp(self):
                self.runs = []
            def test(self):
                self.runs.append(1)
    """,
    "only read": """
        class Engine:
            names = ["a"]  #? class-state
            def start(self):
                return self.names[0], list(self.names)
    """,
    "declared for each object": """
        import attr
        @dataclass
        class Engine:
            runs: list[str] = field(default_factory=list)
            calls: list[str] = attr.Factory(list)
            rows: list[str] = JSONField(default=list)
            def start(self, run):
                self.runs.append(run), self.calls.append(run), self.rows.append(run)
        class Model(BaseModel):
            runs: list[str] = []
            def start(self, run):
                self.runs.append(run)
    """,
    "on another class of the file": """
        class Engine:
            runs = []  #? class-state
        class Other:
            def __init__(self):
                self.runs = []
            def start(self, run):
                self.runs.append(run)
    """,
    "only an annotation": """
        class Engine:
            runs: dict[str, int]  #? class-state
            def start(self, run):
                self.runs[run.id] = 1
    """,
    "a slot and a tuple": """
        class Engine:
            __slots__ = ["runs"]
            names = ("a",)
            def start(self, run):
                self.names += ("b",)
    """,
}


def _cases(*groups: Mapping[str, Tree]) -> list[ParameterSet]:
    return [pytest.param(tree, id=name) for group in groups for name, tree in group.items()]


@pytest.mark.parametrize("tree", _cases(MODULE, CLASS))
def test_reports(tree: Tree) -> None:
    check_hits(make_rule("shared-state"), tree)


@pytest.mark.parametrize("tree", _cases(NOT_MODULE, NOT_CLASS))
def test_stays_silent(tree: Tree) -> None:
    check_silent(make_rule("shared-state"), tree)


NAMED: dict[str, Tree] = {
    "one of two": """
        active_runs = {}  #! module-state
        other = {}
        def start(run):
            active_runs[run.id] = other[run.id] = run
    """,
    "on a class": """
        class Engine:
            other = {}
            active_runs = {}  #! class-state
            def start(self, run):
                self.active_runs[run.id] = run
                self.other[run.id] = run
    """,
    "from another module": {
        "app/state.py": "active_runs = {}  #! module-state\n",
        "app/engine.py": """
            import app.state as s
            def start(run):
                s.active_runs[run.id] = run
        """,
    },
    "from another module, renamed": {
        "app/state.py": "active_runs = {}  #! module-state\n",
        "app/engine.py": """
            from app.state import active_runs as every
            def start(run):
                every[run.id] = run
        """,
    },
    "from another module, in a list of several lines": {
        "app/state.py": "active_runs = {}  #! module-state\nother = 1\n",
        "app/engine.py": """
            from app.state import (
                other,  # (a number)
                active_runs,
            )
            def start(run):
                active_runs[run.id] = other
        """,
        "app/views.py": """
            from app.state import other, \\
                active_runs as every
            def stop(run):
                del every[run.id]
        """,
    },
}


@pytest.mark.parametrize("tree", _cases(NAMED))
@pytest.mark.parametrize("glob", ["active_runs", "active_*", "app.*.active_runs"])
def test_reports_the_names_alone(tree: Tree, glob: str) -> None:
    check_hits(make_rule("shared-state", names=(glob,)), tree)


@pytest.mark.parametrize("tree", _cases(MODULE, CLASS))
def test_leaves_other_names(tree: Tree) -> None:
    files = tree if isinstance(tree, Mapping) else {"app/views.py": tree}
    unmarked = {path: code.replace("#!", "#") for path, code in files.items()}
    check_silent(make_rule("shared-state", names=("active_runs", "lib.*")), unmarked)


def test_says_what_and_where() -> None:
    code = """
        class Engine:
            runs = {}  #! class-state
            def start(self, run):
                self.runs[run.id] = run
    """
    (hit,) = check_hits(make_rule("shared-state"), code)["app/views.py"]
    assert (hit.symbol, hit.scope, hit.location.column) == ("app.views.Engine.runs", "Engine", 5)


def test_does_not_parse_texts_without_the_names() -> None:
    rule = make_rule("shared-state", names=("active_runs",))
    assert not rule.relevance(b"runs = {}\ndef f():\n    runs[1] = 2\n").is_wanted
    assert not rule.relevance(b"class A:\n    def f(self):\n        return self.active_runs\n").is_wanted


def test_code_that_somebody_commented_out_declares_nothing() -> None:
    commented = "#     global active_runs\n" * 120
    code = "active_runs = {}  #! module-state\ndef start(run):\n    active_runs[run] = run\n"
    check_hits(make_rule("shared-state"), code + commented)
