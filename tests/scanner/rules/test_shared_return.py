"""Factories by name that hand out what is kept, and factories that keep their promise."""

import pytest

from tests.scanner.rules.tools import check_hits, find, make_rule

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


@pytest.mark.parametrize("code", HITS.values(), ids=HITS)
def test_finds(code: str) -> None:
    check_hits(make_rule("shared-return", functions=NAMES), code)


@pytest.mark.parametrize("code", HITS.values(), ids=HITS)
def test_wants_what_it_finds(code: str) -> None:
    unmarked = code.replace("#! shared-return", "")  # the mark has the word that is looked for
    assert make_rule("shared-return", functions=NAMES).relevance(unmarked.encode()).is_wanted


def test_without_globs_every_function_counts() -> None:
    check_hits(
        make_rule("shared-return"),
        """
        _engine = Engine()
        def engine():  #! shared-return
            return _engine
        class Engines:
            @staticmethod
            def engine():  #! shared-return
                return _engine
            @property
            def own(self):
                return _engine
            @functools.cached_property
            def parts(self):
                return [Part()]
        """,
    )


def test_a_property_counts_once_it_is_named() -> None:
    check_hits(
        make_rule("shared-return", functions=("create_*",)),
        """
        _engine = Engine()
        class Engines:
            @property
            def create_engine(self):  #! shared-return
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
    assert (hit.location.line, hit.symbol, hit.scope) == (5, "app.views.Engines.create_engine", "Engines")


def test_files_without_such_a_function_are_not_parsed() -> None:
    rule = make_rule("shared-return", functions=NAMES)
    assert not rule.relevance(b"_engine = Engine()\n\ndef get_engine():\n    return _engine\n").is_wanted
    assert not rule.relevance(
        b"def create_engine():\n    pass\n\ndef get_engine():\n    return _engine\n"
    ).is_wanted
    assert not rule.relevance(b"def create_engine():\n    return Engine()\n").is_wanted
    assert not rule.relevance(b"def create_engine():\n    return _engine\n").is_wanted
    assert rule.relevance(b"_engine = Engine()\n\ndef create_engine():\n    return _engine\n").is_wanted
