"""Factories by name that hand out what is kept, and factories that keep their promise."""

import pytest

from tests.scanner.rules.tools import check_hits, check_silent, find, make_rule

NAMES = ("create_*", "make_*", "build_*", "*_factory")

HITS = {
    "a module global": """
        _factory = AgentFactory()
        def create_factory():  #! shared-return
            return _factory
    """,
    "filled under global": """
        _factory = None
        def create_factory():  #! shared-return
            global _factory
            if _factory is None:
                _factory = AgentFactory()
            return _factory
    """,
    "filled by another function": """
        _factory = None
        def set_factory(factory):
            global _factory
            _factory = factory
        def create_factory():  #! shared-return
            return _factory
    """,
    "from a plain function": """
        from app.engines import start
        _engine = start()
        async def create_engine():  #! shared-return
            return _engine
    """,
    "a container": """
        _limits = {"a": 1}
        def build_limits():  #! shared-return
            return _limits
    """,
    "on one path of two": """
        _shared = Engine()
        def create_engine(user=None):  #! shared-return
            if user:
                return Engine(user)
            return _shared
    """,
    "in an expression": """
        _shared = Engine()
        def create_engine(user=None):  #! shared-return
            return Engine(user) if user else (_shared)
        def make_engine(other):  #! shared-return
            return other or _shared
    """,
    "in an expression that begins with a new one": """
        _shared = Engine()
        def create_engine(user=None):  #! shared-return
            return Engine(user) if user else _shared
    """,
    "in brackets over lines": """
        _shared = Engine()
        def create_engine(user=None):  #! shared-return
            return (
                Engine(user)
                if user
                else _shared
            )
    """,
    "kept by a store on the class": """
        class Engine:
            def create_engine(self):  #! shared-return
                return type(self).one
        Engine.one = Engine()
    """,
    "on one line": """
        _shared = Engine()
        def create_engine(): return _shared  #! shared-return
    """,
    "through locals": """
        _shared = Engine()
        def create_engine(user):  #! shared-return
            engine = _shared
            found = engine
            found.user = user
            return found
    """,
    "a class attribute": """
        class Engines:
            _shared = Engine()
            @classmethod
            def create_engine(cls):  #! shared-return
                return cls._shared
            def make_engine(self):  #! shared-return
                return self._shared
        def build_engine():  #! shared-return
            return Engines._shared
    """,
    "a class attribute that is filled": """
        class Engine:
            _one = None
            @classmethod
            def create_engine(cls):  #! shared-return
                if cls._one is None:
                    cls._one = cls()
                return cls._one
    """,
    "cached": """
        from functools import cache
        @cache
        def create_engine():  #! shared-return
            return Engine()
    """,
    "cached by key": """
        from functools import cache, lru_cache
        @lru_cache(maxsize=1)
        def create_engine():  #! shared-return
            return Engine()
        @cache
        def make_engine(url):  #! shared-return
            engine = Engine(url)
            return engine
    """,
    "an attribute of the object, filled lazily": """
        class Engines:
            def __init__(self):
                self._engine = None
            def create_engine(self):  #! shared-return
                if self._engine is None:
                    self._engine = Engine()
                return self._engine
            def make_engine(self):  #! shared-return
                if self._engine is not None:
                    return self._engine
                self._engine = Engine()
                return self._engine
            def build_engine(self):  #! shared-return
                self._engine = self._engine or Engine()
                return self._engine
    """,
    "an attribute of the application": """
        def create_engine(app):  #! shared-return
            if not hasattr(app.state, "engine"):
                app.state.engine = Engine()
            return app.state.engine
    """,
    "items by key": """
        _engines = {}
        def create_engine(user):  #! shared-return
            if user not in _engines:
                _engines[user] = Engine(user)
            return _engines[user]
        def make_engine(user):  #! shared-return
            return _engines.setdefault(user, Engine(user))
        def build_engine(user):  #! shared-return
            engine = _engines.get(user)
            if engine is None:
                engine = _engines[user] = Engine(user)
            return engine
    """,
    "items of the object by key": """
        class Engines:
            def create_engine(self, user):  #! shared-return
                if user in self._engines:
                    return self._engines[user]
                engine = Engine(user)
                self._engines[user] = engine
                return engine
    """,
    "handed on from another function": """
        from typing import cast
        _engine = None
        def get_engine():
            global _engine
            if _engine is None:
                _engine = Engine()
            return _engine
        def create_engine(user):  #! shared-return
            return get_engine()
        def make_engine(user):  #! shared-return
            return cast(Engine, get_engine())
    """,
    "handed on from a method": """
        class Engine:
            _one = None
            @classmethod
            def get_instance(cls):
                if not cls._one:
                    cls._one = Engine()
                return cls._one
            def engine_factory(self):  #! shared-return
                return self.get_instance()
        def create_engine():  #! shared-return
            return Engine.get_instance()
    """,
}

SILENCES = {
    "a new object": """
        def create_engine(user):
            return Engine(user)
    """,
    "a new object that is noted": """
        _engines = {}
        class Engines:
            def create_engine(self, user):
                engine = Engine(user)
                self._engines[user] = engine
                _engines[user] = engine
                return engine
            def make_engine(self, user):
                self._engine = Engine(user)
                return self._engine
            def build_engine(self, user):
                self._engines[user] = Engine(user)
                return self._engines[user]
    """,
    "another name": """
        _engine = Engine()
        def get_engine():
            return _engine
    """,
    "constants": """
        import os
        PREFIX, LIMIT, NAMES = "a", 3, ("a", "b")
        HOME = os.environ["HOME"]
        VERSION = read_version()
        def make_prefix():
            return PREFIX
        def make_limit():
            return LIMIT
        def make_names():
            return NAMES
        def make_home():
            return HOME
        def make_version():
            return VERSION
    """,
    "classes and functions": """
        class Engine:
            kind = dict
            def start(self): ...
        Kind = Engine
        def create_class():
            return Engine
        def create_kind():
            return Kind
        def create_starter():
            return create_class
        def make_kind():
            return Engine.kind
    """,
    "values": """
        import logging
        import re
        from pathlib import Path
        log = logging.getLogger(__name__)
        word = re.compile("a")
        root = Path("a")
        def create_logger():
            return log
        def make_pattern():
            return word
        def build_root():
            return root
    """,
    "members and frozen objects": """
        from dataclasses import dataclass
        from enum import Enum
        class Colour(Enum):
            RED = 1
        @dataclass(frozen=True)
        class Limit:
            most: int
        _limit = Limit(3)
        def create_colour():
            return Colour.RED
        def create_limit():
            return _limit
    """,
    "yield": """
        _engine = Engine()
        def create_engine():
            yield _engine
    """,
    "a copy": """
        from copy import deepcopy
        _limits = {"a": 1}
        def create_limits():
            return dict(_limits)
        def make_limits():
            return _limits.copy()
        def build_limits():
            limits = _limits
            limits = deepcopy(limits)
            return limits
    """,
    "a local of the same name": """
        engine = Engine()
        def create_engine():
            engine = Engine()
            return engine
        def make_engine(engine):
            return engine
    """,
    "a global that nothing fills": """
        _engine = None
        def create_engine():
            return _engine
    """,
    "what an object was given": """
        class Engines:
            shared = Engine()
            def __init__(self, engine):
                self.engine = engine
                self.shared = Engine()
            def create_engine(self):
                return self.engine
            def make_engine(self):
                return self.shared
    """,
    "a builder": """
        class Builder:
            def build_name(self, name):
                self.name = name
                return self
    """,
    "types by name": """
        KINDS = {"a": Engine}
        def create_engine(kind):
            return KINDS[kind]()
        def create_kind(kind):
            return KINDS[kind]
    """,
    "a cached value": """
        from functools import lru_cache
        @lru_cache
        def make_word(text) -> str:
            return text.lower()
        @lru_cache
        def create_pattern(text):
            return re.compile(text)
    """,
    "an inner function's return": """
        _engine = Engine()
        def create_getter():
            def get():
                return _engine
            return get
        def make_getter():
            return lambda: _engine
    """,
    "a promise of a constant": """
        _name = find_name()
        def make_name() -> "str | None":
            return _name
    """,
    "comments and docstrings": '''
        _engine = Engine()
        def create_engine():
            """Once this did return _engine."""
            # return _engine
            return Engine()
    ''',
    "a tombstone": """
        _engine = Engine()
        def create_engine():
            raise RuntimeError("use Engine(user)")
    """,
    "an attribute of a new object": """
        def create_engine(user):
            made = Engine(user)
            if user:
                made.inner = Inner()
            return made.inner
    """,
}


@pytest.mark.parametrize("code", HITS.values(), ids=HITS)
def test_finds(code: str) -> None:
    check_hits(make_rule("shared-return", functions=NAMES), code)


@pytest.mark.parametrize("code", HITS.values(), ids=HITS)
def test_wants_what_it_finds(code: str) -> None:
    unmarked = code.replace("#! shared-return", "")  # the mark has the word that is looked for
    assert make_rule("shared-return", functions=NAMES).wants(unmarked.encode())


@pytest.mark.parametrize("code", SILENCES.values(), ids=SILENCES)
def test_is_silent(code: str) -> None:
    check_silent(make_rule("shared-return", functions=NAMES), code)


def test_without_globs_every_function_counts() -> None:
    check_hits(
        make_rule("shared-return"),
        """
        _engine = Engine()
        def engine():  #! shared-return
            return _engine
        """,
    )


def test_a_dotted_glob_takes_the_full_name() -> None:
    check_hits(
        make_rule("shared-return", functions=("*.Engines.create",)),
        """
        _engine = Engine()
        class Engines:
            def create(self):  #! shared-return
                return _engine
        def create():
            return _engine
        """,
    )


def test_the_place_is_the_def_line_and_the_symbol_the_full_name() -> None:
    code = """
        _engine = Engine()
        class Engines:
            @staticmethod
            async def create_engine(
                user,
            ):
                return _engine
    """
    (hit,) = find(make_rule("shared-return", functions=NAMES), code)["app/views.py"]
    assert (hit.place.line, hit.symbol, hit.scope) == (5, "app.views.Engines.create_engine", "Engines")


def test_files_without_such_a_function_are_not_parsed() -> None:
    rule = make_rule("shared-return", functions=NAMES)
    assert not rule.wants(b"_engine = Engine()\n\ndef get_engine():\n    return _engine\n")
    assert not rule.wants(b"def create_engine():\n    pass\n\ndef get_engine():\n    return _engine\n")
    assert not rule.wants(b"def create_engine():\n    return Engine()\n")
    assert not rule.wants(b"def create_engine():\n    return _engine\n")
    assert rule.wants(b"_engine = Engine()\n\ndef create_engine():\n    return _engine\n")
