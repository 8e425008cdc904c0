"""Functions that are named like factories and hand out nothing that others share."""

import pytest

from scanner.rules.base import Relevance
from tests.scanner.rules.tools import check_silent, make_rule

NAMES = ("create_*", "make_*", "build_*", "*_factory")

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
    "what methods of texts, times and lists return": """
        from app.settings import names, start, title
        _heading = title.strip()
        _started = start.timestamp()
        _lasts = start.offset.total_seconds()
        _place = names.index(title)
        def create_heading():
            return _heading
        def make_started():
            return _started
        def make_lasts():
            return _lasts
        def build_place():
            return _place
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
    "a new object that a global keeps": """
        _engine = None
        def create_engine():
            global _engine
            _engine = Engine()
            return _engine
    """,
    "an attribute of a new object": """
        def create_engine(user):
            made = Engine(user)
            if user:
                made.inner = Inner()
            return made.inner
    """,
}


@pytest.mark.parametrize("code", SILENCES.values(), ids=SILENCES)
def test_is_silent(code: str) -> None:
    check_silent(make_rule("shared-return", functions=NAMES), code)


@pytest.mark.parametrize("method", ["def create_engine(self, user)", "async def create_engine(self, user)"])
def test_a_method_that_returns_a_new_object_needs_no_parse(method: str) -> None:
    text = f"class Engines:\n    {method}:\n        engine = Engine(user)\n        return engine\n"
    rule = make_rule("shared-return", functions=NAMES)
    assert rule.relevance(text.encode()) is Relevance.NAMED
    shared = text.replace("Engine(user)", "self.engines.get(user) or self.engines.setdefault(user, 1)")
    assert rule.relevance(shared.encode()) is Relevance.WANTED
