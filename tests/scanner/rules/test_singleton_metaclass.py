"""Classes whose metaclass gives out one instance, and metaclasses that do not."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

FACTORIES = ("*Factory",)

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
    "named as its own base is": """
        from agents import OnceMeta
        class OnceMeta(OnceMeta):
            pass
        class AgentFactory(metaclass=OnceMeta):  #? metaclass
            pass
    """,
    "the metaclass itself": KEEPER.replace("SingletonMeta", "SingletonFactory"),
    "abstract": """
        from abc import ABC, ABCMeta
        class AgentFactory(metaclass=ABCMeta):  #? metaclass
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
        class AgentFactory(metaclass=RegisterMeta):  #? metaclass
            pass
    """,
    "another class": KEEPER
    + """
    class Runner(metaclass=SingletonMeta):  #? metaclass
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
            class AgentFactory(metaclass=OnceMeta):  #? metaclass
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


@pytest.mark.parametrize("tree", METACLASS.values(), ids=METACLASS)
def test_reports(tree: Tree) -> None:
    check_hits(make_rule("singleton", names=FACTORIES), tree)


@pytest.mark.parametrize("tree", NO_METACLASS.values(), ids=NO_METACLASS)
def test_stays_silent(tree: Tree) -> None:
    check_silent(make_rule("singleton", names=FACTORIES), tree)
