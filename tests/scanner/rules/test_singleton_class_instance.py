"""An instance that is kept on a class, and attributes that are none."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

FACTORIES = ("*Factory",)

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
            _instance = None  #? class-instance
            def run(self):
                return self._instance
    """,
    "only emptied": """
        class AgentFactory:
            _instance = None
            @classmethod
            def reset(cls):
                cls._instance = None  #? class-instance
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
                self._instance = AgentFactory()  #? class-instance
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
                cls._instance = super().__new__(cls)  #? class-instance
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


@pytest.mark.parametrize("tree", CLASS_INSTANCE.values(), ids=CLASS_INSTANCE)
def test_reports(tree: Tree) -> None:
    check_hits(make_rule("singleton", names=FACTORIES), tree)


@pytest.mark.parametrize("tree", NO_CLASS_INSTANCE.values(), ids=NO_CLASS_INSTANCE)
def test_stays_silent(tree: Tree) -> None:
    check_silent(make_rule("singleton", names=FACTORIES), tree)
