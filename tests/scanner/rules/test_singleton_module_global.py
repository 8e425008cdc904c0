"""A global that functions fill and hand out, and globals that are none."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

FACTORIES = ("*Factory",)

MODULE_GLOBAL: dict[str, Tree] = {
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

NO_MODULE_GLOBAL: dict[str, Tree] = {
    "never filled": """
        _factory: Optional[AgentFactory] = None  #? module-global
        def get_factory():
            return _factory
    """,
    "only emptied": """
        _factory: Optional[AgentFactory] = None  #? module-global
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
        _runner = None  #? module-global
        def get_runner():
            global _runner
            _runner = Runner(AgentFactory())
    """,
    "a local of the same name": """
        factory: Optional[AgentFactory] = None  #? module-global
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


@pytest.mark.parametrize("tree", MODULE_GLOBAL.values(), ids=MODULE_GLOBAL)
def test_reports(tree: Tree) -> None:
    check_hits(make_rule("singleton", names=FACTORIES), tree)


@pytest.mark.parametrize("tree", NO_MODULE_GLOBAL.values(), ids=NO_MODULE_GLOBAL)
def test_stays_silent(tree: Tree) -> None:
    check_silent(make_rule("singleton", names=FACTORIES), tree)
