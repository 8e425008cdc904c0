"""Every shape of a singleton, and what looks like one and is none."""

from collections.abc import Mapping

import pytest
from _pytest.mark import ParameterSet

from tests.scanner.rules.tools import Tree, check_hits, check_silent, find, make_rule

FACTORIES = ("*Factory",)

MODULE_GLOBAL = {
    "lazy accessor": """
        _factory: Optional[AgentFactory] = None  #! module-global
        def get_factory():
            global _factory
            if _factory is None:
                _factory = AgentFactory()
            return _factory
    """,
    "without a hint": """
        _factory = None  #! module-global
        def get_factory():
            global _factory
            if not _factory:
                _factory = AgentFactory(1)
            return _factory
    """,
    "filled by one function, read by another": """
        _factory = None  #! module-global
        async def start():
            global _factory
            _factory = AgentFactory()
        def get_factory():
            return _factory
    """,
    "through a local": """
        _factory = None  #! module-global
        async def get_factory():
            global _factory
            made = AgentFactory()
            await made.connect()
            _factory = made
            return _factory
    """,
    "handed in, by its annotation": """
        _factory = None  #! module-global
        def set_factory(factory: "AgentFactory | None" = None):
            global _factory
            _factory = factory
    """,
    "from a plain function, but the global says of which class": """
        _factory: "Optional[agents.AgentFactory]" = None  #! module-global
        def get_factory():
            global _factory
            _factory = _factory or build()
            return _factory
    """,
    "first named in the function": """
        def get_factory():
            global _factory
            try:
                return _factory
            except NameError:
                _factory = AgentFactory()  #! module-global
            return _factory
    """,
    "bare annotation, several globals, one walrus": """
        _lock = None
        _factory: AgentFactory  #! module-global
        def get_factory():
            global _lock, _factory
            return (_factory := AgentFactory())
    """,
    "in a method, by an alternative constructor": """
        from agents import AgentFactory as Maker
        _factory = None
        _other = None  #! module-global
        class Start:
            @classmethod
            def run(cls):
                global _other
                _other = await_me() if cls else None
                _other, x = Local.build(), 1
        class LocalFactory:
            @classmethod
            def build(cls):
                return cls()
        Local = LocalFactory
        class Other:
            def run(self):
                global _other
                _other = LocalFactory.build()
    """,
    "self, in __init__": """
        _one = None  #! module-global
        class AgentFactory:
            def __init__(self):
                global _one
                _one = self
    """,
    "a conditional, under try": """
        try:
            import agents
        finally:
            _factory = None  #! module-global
        def get(make):
            global _factory
            _factory = agents.AgentFactory[int]() if make else None
    """,
}

NO_MODULE_GLOBAL = {
    "never filled": """
        _factory: Optional[AgentFactory] = None
        def get_factory():
            return _factory
    """,
    "only emptied": """
        _factory: Optional[AgentFactory] = None
        def reset():
            global _factory
            _factory = None
    """,
    "a value from a plain function": """
        _factory = None
        def get_factory():
            global _factory
            if _factory is None:
                _factory = make_factory()
            return _factory
    """,
    "another class": """
        _runner = None
        def get_runner():
            global _runner
            _runner = Runner(AgentFactory())
    """,
    "a local of the same name": """
        factory: Optional[AgentFactory] = None
        def make():
            factory = AgentFactory()
            return factory
    """,
    "a tombstone": """
        _factory: Optional[AgentFactory] = None
        def get_factory():
            '''Gone.'''
            global _factory
            logger.error("gone")
            raise RuntimeError("use create_factory")
            _factory = AgentFactory()
    """,
    "a tombstone on every path": """
        _factory: Optional[AgentFactory] = None
        def get_factory(strict):
            global _factory
            if strict:
                raise RuntimeError
            else:
                raise ValueError
            _factory = AgentFactory()
    """,
    "keyed: that is shared state": """
        _factories: dict[str, AgentFactory] = {}
        def get_factory(name):
            global _factories
            if name not in _factories:
                _factories[name] = AgentFactory()
            return _factories[name]
    """,
    "nonlocal": """
        def outer():
            factory = None
            def get():
                nonlocal factory
                factory = AgentFactory()
            return get
    """,
    "only words": """
        # global _factory; _factory = AgentFactory()
        TEXT = '''
        global _factory
        _factory = AgentFactory()
        '''
    """,
    "a container of a plain function's value": """
        _factories: Dict[str, AgentFactory] = {}
        def fill():
            global _factories
            _factories = load()
    """,
    "the class, not an instance": """
        _type = None
        def set_type():
            global _type
            _type = AgentFactory
    """,
    "a context variable per request": """
        def get(request):
            if request.state.factory is None:
                request.state.factory = AgentFactory()
            return request.state.factory
    """,
    "a function with a capital": """
        _x = None
        def AgentFactory():
            return 1
        def get():
            global _x
            _x = AgentFactory()
    """,
}

CLASS_INSTANCE: dict[str, Tree] = {
    "new with a slot": """
        class AgentFactory:
            _instance = None  #! class-instance
            def __new__(cls, *args):
                if cls._instance is None:
                    cls._instance = super().__new__(cls)
                return cls._instance
    """,
    "new without a slot": """
        class AgentFactory(object):
            def __new__(cls):  #! class-instance
                if not hasattr(cls, "instance"):
                    cls.instance = object.__new__(cls)
                return cls.instance
    """,
    "get_instance with an annotated slot, once": """
        class AgentFactory:
            _instance: ClassVar[Optional["AgentFactory"]] = None  #! class-instance
            _lock = Lock()
            def __new__(cls):
                if cls._instance is None:
                    with cls._lock:
                        cls._instance = super(AgentFactory, cls).__new__(cls)
                return cls._instance
            @classmethod
            def get_instance(cls):
                if cls._instance is None:
                    cls._instance = cls()
                return cls._instance
    """,
    "get_instance without a slot": """
        class AgentFactory:
            @classmethod
            def get_instance(cls):  #! class-instance
                if getattr(cls, "_one", None) is None:
                    cls._one = cls()
                return cls._one
    """,
    "static method, by name": """
        class AgentFactory:
            __one = None  #! class-instance
            @staticmethod
            def instance():
                if AgentFactory.__one is None: AgentFactory.__one = AgentFactory()
                return AgentFactory.__one
            def __init__(self):
                AgentFactory.__one = self
    """,
    "through self": """
        class AgentFactory:
            current = None  #! class-instance
            def __init__(self):
                self.__class__.current = self
    """,
    "through type(self)": """
        class AgentFactory:
            current = None  #! class-instance
            def __init__(self):
                type(self).current = self
    """,
    "from a function of the module": """
        class AgentFactory:
            shared = None  #! class-instance
        def get():
            AgentFactory.shared = AgentFactory()
            return AgentFactory.shared
    """,
    "at module level": """
        class AgentFactory:
            pass
        AgentFactory.shared = AgentFactory()  #! class-instance
    """,
    "keyed by the class itself": """
        class AgentFactory:
            _instances = {}  #! class-instance
            def __new__(cls):
                if cls not in cls._instances:
                    cls._instances[cls] = super().__new__(cls)
                return cls._instances[cls]
    """,
    "the Borg": """
        class AgentFactory:
            _shared = {}  #! class-instance
            def __init__(self):
                self.__dict__ = self._shared
    """,
    "the Borg by name": """
        class AgentFactory:
            __shared_state: dict = {}  #! class-instance
            def __new__(cls):
                made = super().__new__(cls)
                made.__dict__ = AgentFactory.__shared_state
                return made
    """,
    "an instance of another class": """
        class Hub:
            factory = AgentFactory()  #! class-instance
            other: Optional[AgentFactory] = None  #! class-instance
            @classmethod
            def start(cls):
                cls.other = AgentFactory()
    """,
    "instances of other classes, in a class method": """
        class TestHub:
            @classmethod
            def setUpClass(cls):
                cls.factory = AgentFactory()  #! class-instance
                cls.other = AgentFactory()  #! class-instance
    """,
    "in a nested class, under if": """
        class Hub:
            class Inner:
                if DEBUG:
                    factory = AgentFactory()  #! class-instance
    """,
    "setattr": """
        class AgentFactory:
            _one = None  #! class-instance
            @classmethod
            def get(cls):
                setattr(cls, "_one", cls())
                return cls._one
    """,
    "through a local": """
        class AgentFactory:
            _one = None  #! class-instance
            @classmethod
            def get(cls):
                made = cls()
                made.start()
                cls._one = made
                return made
    """,
    "in a chain": """
        class AgentFactory:
            _one = None  #! class-instance
            @classmethod
            def get(cls):
                made = cls._one = cls()
                return made
    """,
    "made in another module": {
        "app/factory.py": """
            class AgentFactory:
                _instance = None  #! class-instance
        """,
        "app/start.py": """
            from app.factory import AgentFactory
            def start():
                AgentFactory._instance = AgentFactory()
        """,
    },
    "made in another module, through its package": {
        "app/__init__.py": "from app.factory import AgentFactory",
        "app/factory.py": """
            class AgentFactory:
                _instance: "AgentFactory" = None  #! class-instance
        """,
        "start.py": """
            import app
            app.AgentFactory._instance = app.AgentFactory()
        """,
    },
}

NO_CLASS_INSTANCE: dict[str, Tree] = {
    "never filled": """
        class AgentFactory:
            _instance = None
            def run(self):
                return self._instance
    """,
    "only emptied": """
        class AgentFactory:
            _instance = None
            @classmethod
            def reset(cls):
                cls._instance = None
    """,
    "a new that keeps nothing": """
        class AgentFactory:
            def __new__(cls):
                return super().__new__(cls)
    """,
    "keyed: that is shared state": """
        class AgentFactory:
            _instances = {}
            @classmethod
            def get(cls, name):
                if name not in cls._instances:
                    cls._instances[name] = cls()
                return cls._instances[name]
    """,
    "each object has its own": """
        class Hub:
            def __init__(self):
                self.factory = AgentFactory()
                self._instance = AgentFactory()
    """,
    "the name of a class only": """
        class Hub:
            factory_class = AgentFactory
            factory: AgentFactory = None
    """,
    "a tombstone": """
        class AgentFactory:
            _instance = None
            @classmethod
            def get_instance(cls):
                raise RuntimeError("gone")
                cls._instance = cls()
    """,
    "another class": """
        class Runner:
            _instance = None
            def __new__(cls):
                cls._instance = super().__new__(cls)
                return cls._instance
    """,
    "a value from a plain function": """
        class Hub:
            factory = make_factory()
            @classmethod
            def start(cls):
                cls.factory = make_factory()
    """,
    "only words": '''
        class AgentFactory:
            """
            _instance = None
            cls._instance = cls()
            """
            # _instance = AgentFactory()
    ''',
    "own attributes": """
        class AgentFactory:
            def __init__(self):
                self.__dict__ = {}
                self.me = self
    """,
    "emptied from another module": {
        "app/factory.py": """
            class AgentFactory:
                _instance = None
        """,
        "app/start.py": """
            from app.factory import AgentFactory
            AgentFactory._instance = None
        """,
    },
    "a class of the same name in another module": {
        "app/factory.py": """
            class AgentFactory:
                _instance = None
        """,
        "lib/start.py": """
            from lib.factory import AgentFactory
            AgentFactory._instance = AgentFactory()
        """,
    },
    "a metaclass": """
        class MetaFactory(type):
            _instance = None
            def __call__(cls):
                cls._instance = super().__call__()
                return cls._instance
    """,
    "set on an object of the same spelling": """
        class AgentFactory:
            shared = None
        def f(Agent):
            Agent.shared = AgentFactory()
    """,
}

KEEPER = """
    class SingletonMeta(type):
        _instances = {}
        def __call__(cls, *args, **kwargs):
            if cls not in cls._instances:
                cls._instances[cls] = super().__call__(*args, **kwargs)
            return cls._instances[cls]
"""

METACLASS: dict[str, Tree] = {
    "of this file": KEEPER
    + """
    class AgentFactory(metaclass=SingletonMeta):  #! metaclass
        pass
    """,
    "with one slot": """
        class OnceMeta(ABCMeta):
            def __init__(cls, *args):
                super().__init__(*args)
                cls._one = None
            def __call__(cls):
                if cls._one is None:
                    cls._one = super().__call__()
                return cls._one
        @final
        class AgentFactory(Base, metaclass=OnceMeta):  #! metaclass
            pass
    """,
    "by a base": KEEPER
    + """
    class Base(metaclass=SingletonMeta):
        pass
    class AgentFactory(Base):  #! metaclass
        pass
    """,
    "of another module": {
        "app/meta.py": KEEPER.replace("SingletonMeta", "OnceMeta"),
        "app/factory.py": """
            from app.meta import OnceMeta
            class AgentFactory(metaclass=OnceMeta):  #! metaclass
                pass
        """,
    },
    "of another module, relative and dotted": {
        "app/meta.py": KEEPER.replace("SingletonMeta", "OnceMeta"),
        "app/factory.py": """
            from . import meta
            class AgentFactory(metaclass=meta.OnceMeta):  #! metaclass
                pass
        """,
    },
    "of a library, by its name": """
        from patterns import Singleton
        class AgentFactory(metaclass=Singleton):  #! metaclass
            pass
    """,
    "by a base of another module": {
        "app/meta.py": KEEPER
        + """
    class Singleton(metaclass=SingletonMeta):
        pass
    """,
        "app/factory.py": """
            from app.meta import Singleton
            class AgentFactory(Singleton):  #! metaclass
                pass
        """,
    },
    "the old spellings": """
        from six import with_metaclass
        from patterns import SingletonMeta
        class AgentFactory(with_metaclass(SingletonMeta, object)):  #! metaclass
            pass
        class OtherFactory(object):  #! metaclass
            __metaclass__ = SingletonMeta
    """,
}

NO_METACLASS: dict[str, Tree] = {
    "the metaclass itself": KEEPER.replace("SingletonMeta", "SingletonFactory"),
    "abstract": """
        from abc import ABC, ABCMeta
        class AgentFactory(metaclass=ABCMeta):
            pass
        class OtherFactory(ABC):
            pass
    """,
    "a metaclass that only registers": """
        class RegisterMeta(type):
            def __new__(mcs, name, bases, space):
                cls = super().__new__(mcs, name, bases, space)
                REGISTRY[name] = cls
                return cls
        class AgentFactory(metaclass=RegisterMeta):
            pass
    """,
    "another class": KEEPER
    + """
    class Runner(metaclass=SingletonMeta):
        factory_class = AgentFactory
    """,
    "a metaclass of another module that keeps nothing": {
        "app/meta.py": """
            class OnceMeta(type):
                def __call__(cls):
                    return super().__call__()
        """,
        "app/factory.py": """
            from app.meta import OnceMeta
            class AgentFactory(metaclass=OnceMeta):
                pass
        """,
    },
    "a tombstone": """
        class OnceMeta(type):
            def __call__(cls):
                raise TypeError("no instances")
                cls._one = super().__call__()
        class AgentFactory(metaclass=OnceMeta):
            pass
    """,
    "a keyword of a call": """
        AgentFactory(metaclass=SingletonMeta)
    """,
}

CACHED_ACCESSOR = {
    "bare": """
        from functools import lru_cache
        @lru_cache
        def get_factory():  #! cached-accessor
            return AgentFactory()
    """,
    "called, dotted, with other decorators": """
        import functools
        @inject
        @functools.lru_cache(maxsize=None)
        @traced("x")
        def get_factory() -> AgentFactory:  #! cached-accessor
            return build()
    """,
    "cache, renamed, async": """
        from functools import cache as once
        @once
        async def get_factory():  #! cached-accessor
            made = AgentFactory()
            await made.start()
            return made
    """,
    "class and static methods": """
        from functools import cache
        class Hub:
            @classmethod
            @cache
            def factory(cls):  #! cached-accessor
                return AgentFactory()
            @staticmethod
            @cache
            def other():  #! cached-accessor
                return AgentFactory()
    """,
    "one of several returns": """
        from functools import cache
        @cache
        def get_factory():  #! cached-accessor
            if DEBUG:
                return None
            return AgentFactory()
    """,
}

NO_CACHED_ACCESSOR = {
    "keyed": """
        from functools import lru_cache
        @lru_cache
        def get_factory(name) -> AgentFactory:
            return AgentFactory(name)
    """,
    "keyed by a default": """
        from functools import lru_cache
        @lru_cache(maxsize=1)
        def get_factory(name="x", *rest):
            return AgentFactory(name)
    """,
    "a method": """
        from functools import cache, cached_property
        class Hub:
            @cache
            def factory(self):
                return AgentFactory()
            @cached_property
            def other(self):
                return AgentFactory()
    """,
    "not cached": """
        import functools
        def cache_factory():
            return AgentFactory()
        @functools.wraps(cache_factory)
        def get_factory():
            return AgentFactory()
    """,
    "someone else's cache": """
        import functools
        from django.views import cache
        @cache
        def get_factory():
            return AgentFactory()
    """,
    "another class": """
        from functools import cache
        @cache
        def get_runner():
            return Runner(AgentFactory())
    """,
    "a plain function's value": """
        from functools import cache
        @cache
        def get_factory():
            return make_factory()
    """,
    "a tombstone": """
        from functools import cache
        @cache
        def get_factory() -> AgentFactory:
            raise RuntimeError
    """,
    "inside a function": """
        from functools import cache
        def request():
            @cache
            def get_factory():
                return AgentFactory()
            return get_factory()
    """,
    "what an inner function returns": """
        from functools import cache
        @cache
        def make():
            def inner():
                return AgentFactory()
            return inner
    """,
}

MODULE_INSTANCE = {
    "plain": "factory = AgentFactory()  #! module-instance",
    "annotated, dotted, imported": """
        import agents.factory as f
        factory: f.AgentFactory = f.AgentFactory(1)  #! module-instance
    """,
    "over lines": """
        factory = (  #! module-instance
            AgentFactory(1)
            if DEBUG
            else None
        )
    """,
    "under if and try": """
        if DEBUG:
            factory = None
        else:
            try:
                factory = AgentFactory()  #! module-instance
            except ImportError:
                factory = None
    """,
    "taken apart, in a chain": """
        a, b = AgentFactory(), 1  #! module-instance
        c = d = AgentFactory()  #! module-instance module-instance
    """,
    "by a class method of the same class": """
        class AgentFactory:
            @classmethod
            def build(cls) -> "AgentFactory":
                return load(cls)
        factory = AgentFactory.build()  #! module-instance
        other = OtherFactory.from_env()  #! module-instance
    """,
    "with another name for it": """
        factory = AgentFactory()  #! module-instance
        old_name = factory
    """,
    "also filled again": """
        factory = AgentFactory()  #! module-instance
        def reset():
            global factory
            factory = AgentFactory()
    """,
    "a class with a small letter, renamed": """
        from agents import AgentFactory as make
        factory = make()  #! module-instance
    """,
}

NO_MODULE_INSTANCE = {
    "main": """
        if __name__ == "__main__":
            factory = AgentFactory()
            factory.run()
    """,
    "a plain function": "factory = make_factory()\nother: AgentFactory = AgentFactory_of(1)",
    "what the factory makes": """
        agent = AgentFactory().create()
        other = AgentFactory.create_agent()
    """,
    "in a function": """
        def request():
            factory = AgentFactory()
            return factory
    """,
    "an argument": "run(AgentFactory())\nrunner = Runner(AgentFactory())",
    "a container": "factories = {'a': AgentFactory()}\nmore = [AgentFactory()]",
    "another name for what one function keeps": """
        from agents import factory
        def set_up(factory: AgentFactory):
            other = factory
        renamed = factory
    """,
    "the class": "factory = AgentFactory\nmake = lambda: AgentFactory()",
    "a function with a capital": """
        def AgentFactory():
            return 1
        factory = AgentFactory()
    """,
    "a comment and a string": """
        # factory = AgentFactory()
        TEXT = \"\"\"
        factory = AgentFactory()
        \"\"\"
    """,
    "another class": "runner = FactoryRunner()",
    "an attribute of something": "app.state.factory = AgentFactory()",
    "comprehended": "names = [AgentFactory().name for _ in range(3)]",
}


def _cases(*groups: Mapping[str, Tree]) -> list[ParameterSet]:
    return [pytest.param(tree, id=name) for group in groups for name, tree in group.items()]


@pytest.mark.parametrize(
    "tree", _cases(MODULE_GLOBAL, CLASS_INSTANCE, METACLASS, CACHED_ACCESSOR, MODULE_INSTANCE)
)
def test_reports(tree: Tree) -> None:
    check_hits(make_rule("singleton", names=FACTORIES), tree)


@pytest.mark.parametrize(
    "tree",
    _cases(NO_MODULE_GLOBAL, NO_CLASS_INSTANCE, NO_METACLASS, NO_CACHED_ACCESSOR, NO_MODULE_INSTANCE),
)
def test_stays_silent(tree: Tree) -> None:
    check_silent(make_rule("singleton", names=FACTORIES), tree)


UNNAMED: dict[str, Tree] = {
    "any class": """
        app = Flask(__name__)  #! module-instance
        pool = ThreadPoolExecutor()  #! module-instance
        from app.path import Path
        here = Path()  #! module-instance
    """,
    "a dataclass that can change": """
        from dataclasses import dataclass
        @dataclass
        class Settings:
            x: int = 1
        settings = Settings()  #! module-instance
    """,
    "of another module": {
        "app/settings.py": "class Settings:\n    color: Enum",
        "app/start.py": "from app.settings import Settings\nsettings = Settings()  #! module-instance",
    },
}

NO_UNNAMED: dict[str, Tree] = {
    "values of the standard library": """
        import datetime as dt
        from decimal import Decimal
        from pathlib import Path
        from collections import OrderedDict, namedtuple
        ZERO = Decimal("0")
        DAY = dt.timedelta(days=1)
        HERE = Path(__file__).parent
        ROOT = Path("/")
        EMPTY = OrderedDict()
        MISSING = object()
        ERROR = ValueError("x")
    """,
    "typing objects": """
        from typing import TypeVar, NewType, ParamSpec
        import typing as t
        T = TypeVar("T", bound="Base")
        P = ParamSpec("P")
        Key = t.NewType("Key", str)
        Row = t.NamedTuple("Row", [("x", int)])
    """,
    "loggers and locks": """
        import asyncio, logging, threading
        from structlog import BoundLogger
        log = logging.getLogger(__name__)
        plain = logging.Logger("x")
        bound = BoundLogger()
        lock = threading.Lock()
        again: asyncio.Lock = asyncio.Lock()
        local = threading.local()
    """,
    "patterns, enumerations, frozen dataclasses": """
        import re
        from dataclasses import dataclass
        from enum import Enum
        WORD = re.compile("x")
        class Color(str, Enum):
            RED = Shade("red")
        class Shade:
            pass
        @dataclass(frozen=True, slots=True)
        class Limits:
            x: int = 1
        LIMITS = Limits(x=2)
        DEFAULT = Color("red")
    """,
    "frozen in another module, handed on by a package": {
        "app/limits/__init__.py": "from app.limits.values import Limits",
        "app/limits/values.py": """
            from dataclasses import dataclass
            @dataclass(frozen=True)
            class Limits:
                x: int = 1
        """,
        "app/start.py": "from app.limits import Limits\nLIMITS = Limits()",
    },
    "fields of records": """
        from pydantic import Field
        from sqlalchemy import Column, Integer
        class User:
            id = Column(Integer())
            name: str = Field(default="x")
    """,
    "a cached value": """
        from functools import cache
        @cache
        def version() -> str:
            return str(read())
    """,
}


@pytest.mark.parametrize("tree", _cases(UNNAMED))
def test_reports_every_class_without_names(tree: Tree) -> None:
    check_hits(make_rule("singleton"), tree)


@pytest.mark.parametrize("tree", _cases(NO_UNNAMED))
def test_spares_values_without_names(tree: Tree) -> None:
    check_silent(make_rule("singleton"), tree)


def test_a_value_counts_once_it_is_named() -> None:
    check_hits(
        make_rule("singleton", names=("Decimal",)),
        "from decimal import Decimal\nX = Decimal(1)  #! module-instance",
    )


@pytest.mark.parametrize(
    "glob", ["AgentFactory", "Agent*", "app.views.*", "*.AgentFactory", "Agent?actory", "[AB]gentFactory"]
)
def test_globs_take_the_class(glob: str) -> None:
    code = "class AgentFactory: pass\nfactory = AgentFactory()  #! module-instance"
    check_hits(make_rule("singleton", names=(glob,)), code)


@pytest.mark.parametrize("glob", ["Factory", "*factory", "other.*", "app.AgentFactory", "app.views"])
def test_globs_leave_the_class(glob: str) -> None:
    check_silent(make_rule("singleton", names=(glob,)), "class AgentFactory: pass\nfactory = AgentFactory()")


def test_says_what_and_where() -> None:
    code = """
        class Hub:
            _one = None  #! class-instance
            @classmethod
            def get_instance(cls):
                cls._one = cls()
                return cls._one
        _hub: Optional[Hub] = None  #! module-global
        def get():
            global _hub
            _hub = Hub()
    """
    hits = check_hits(make_rule("singleton", names=("Hub",)), code)["app/views.py"]
    assert [(hit.symbol, hit.scope, hit.place.snippet.partition("  #")[0]) for hit in hits] == [
        ("app.views.Hub._one", "Hub", "_one = None"),
        ("app.views._hub", "", "_hub: Optional[Hub] = None"),
    ]


def test_reads_what_does_not_parse() -> None:
    check_hits(
        make_rule("singleton", names=FACTORIES),
        """
        factory = AgentFactory()  #! module-instance
        def broken(:
            return
        """,
    )


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\n",
        "def f():\n    factory = AgentFactory()\n",
        "class A:\n    def f(self):\n        self.x = AgentFactory()\n",
    ],
)
def test_does_not_parse_what_cannot_matter(code: str) -> None:
    rule = make_rule("singleton", names=("*Registry",))
    assert not rule.wants(code.encode())


def test_reads_windows_line_ends_from_the_first_line_on() -> None:
    rule = make_rule("singleton", names=FACTORIES)
    hits = find(rule, {"a.py": "factory = AgentFactory()\r\nother = AgentFactory()\r\n"})["a.py"]
    assert [hit.place.line for hit in hits] == [1, 2]
