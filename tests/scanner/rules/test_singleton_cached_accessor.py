"""Accessors whose cache keeps the one instance, and caches that do not."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

FACTORIES = ("*Factory",)

CACHED_ACCESSOR: dict[str, Tree] = {
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

NO_CACHED_ACCESSOR: dict[str, Tree] = {
    "keyed": """
        from functools import lru_cache
        @lru_cache
        def get_factory(name) -> AgentFactory:  #? cached-accessor
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
            def factory(self):  #? cached-accessor
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
        def get_runner():  #? cached-accessor
            return Runner(AgentFactory())
    """,
    "a plain function's value": """
        from functools import cache
        @cache
        def get_factory():  #? cached-accessor
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


@pytest.mark.parametrize("tree", CACHED_ACCESSOR.values(), ids=CACHED_ACCESSOR)
def test_reports(tree: Tree) -> None:
    check_hits(make_rule("singleton", names=FACTORIES), tree)


@pytest.mark.parametrize("tree", NO_CACHED_ACCESSOR.values(), ids=NO_CACHED_ACCESSOR)
def test_stays_silent(tree: Tree) -> None:
    check_silent(make_rule("singleton", names=FACTORIES), tree)
