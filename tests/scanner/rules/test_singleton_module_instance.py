"""Instances built while a module is imported, and values that are none."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

FACTORIES = ("*Factory",)

MODULE_INSTANCE: dict[str, Tree] = {
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
    "deep under a condition that begins with a quote": """
        if "agents" in sys.modules:
            try:
                factory = AgentFactory()  #! module-instance
            except ImportError:
                factory = None
    """,
    "below a text that looks like a function": """
        if DEBUG:
            TEXT = '''
        def f():
            '''
            factory = AgentFactory()  #! module-instance
    """,
    "below what a function builds": """
        def build():
            factory = AgentFactory()
            return factory
        class Agents:
            def build(self):
                factory = AgentFactory()
                return factory
            factory = AgentFactory()  #! class-instance
        factory = AgentFactory()  #! module-instance
    """,
    "taken apart, in a chain": """
        a, b = AgentFactory(), 1  #! module-instance
        [c, d] = [2, AgentFactory()]  #! module-instance
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

NO_MODULE_INSTANCE: dict[str, Tree] = {
    "main": """
        if __name__ == "__main__":
            factory = AgentFactory()  #? module-instance
            factory.run()
    """,
    "a plain function": "factory = make_factory()\nother: AgentFactory = AgentFactory_of(1)",
    "what the factory makes": """
        agent = AgentFactory().create()  #? module-instance
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
    "another class": "runner = FactoryRunner()  #? module-instance",
    "an attribute of something": "app.state.factory = AgentFactory()  #? module-instance",
    "comprehended": "names = [AgentFactory().name for _ in range(3)]",
}


@pytest.mark.parametrize("tree", MODULE_INSTANCE.values(), ids=MODULE_INSTANCE)
def test_reports(tree: Tree) -> None:
    check_hits(make_rule("singleton", names=FACTORIES), tree)


@pytest.mark.parametrize("tree", NO_MODULE_INSTANCE.values(), ids=NO_MODULE_INSTANCE)
def test_stays_silent(tree: Tree) -> None:
    check_silent(make_rule("singleton", names=FACTORIES), tree)
