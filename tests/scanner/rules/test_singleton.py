"""Which classes a singleton rule looks at, and what its findings say; each shape has its own file."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, find, make_rule

FACTORIES = ("*Factory",)

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
    "kept on a class that nobody else reads as fields": """
        from abc import ABC
        from typing import Generic, Protocol
        from app.base import Base
        class Store:
            client = Client()  #! class-instance
        class Own(Store, ABC):
            bus = Bus()  #! class-instance
        class Typed(Generic[T], Protocol[T]):
            pool: Pool = Pool()  #! class-instance
        class Outer:
            class Inner:
                pool = Pool()  #! class-instance
    """,
    "kept on a class with a base from elsewhere, under a private name or by a function": """
        from app.base import Base
        class Service(Base):
            _client = Client()  #! class-instance
            pool: Pool | None = None  #! class-instance
            bus = Bus()  #! class-instance
            @classmethod
            def start(cls):
                cls.pool = Pool()
                cls.bus = Bus()
    """,
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
    "fields of records, as any library reads them from a class body": """
        import graphene, factory, django_filters, marshmallow as ma
        from ninja import Field, Schema
        from app.fields import PositiveDecimal, MoneyField, EventProperty
        from app.lists import NonNullList
        from .base import Mutation, Row
        class Asked(Schema):
            limit: int = Field(50, ge=1)
        class Update(Mutation):
            user = graphene.Field(User)
            class Arguments:
                id = graphene.ID(required=True)
                rows = NonNullList(Row)
                price = PositiveDecimal()
        class Orders(django_filters.FilterSet):
            search = django_filters.CharFilter(method="find")
        class UserFactory(factory.Factory):
            name = factory.Sequence(str)
        class Node(Update):
            extra = graphene.String()
        class Form(ma.Schema):
            if WIDE:
                width = ma.fields.Int()
        class Priced:
            price = MoneyField()
            at: EventProperty[int] = EventProperty("at")
    """,
    "what a framework joins its parts with, and reads at start": """
        import argparse, blinker, json
        from asgiref.local import Local
        from django import template
        from django.db import models
        from django.dispatch import Signal
        from prometheus_client import Counter
        import graphene
        from app.errors import TooMany, QuotaError
        register = template.Library()
        saved = Signal()
        told = blinker.Signal()
        current = Local()
        asked = Counter("asked", "Requests")
        encoder = json.JSONEncoder()
        parser = argparse.ArgumentParser()
        OrderManager = models.Manager.from_queryset(OrderQuerySet)
        CodeEnum = graphene.Enum.from_enum(Code)
        FULL = QuotaError("full")
    """,
    "a cached value": """
        from functools import cache
        @cache
        def version() -> str:
            return str(read())
    """,
}


@pytest.mark.parametrize("tree", UNNAMED.values(), ids=UNNAMED)
def test_reports_every_class_without_names(tree: Tree) -> None:
    check_hits(make_rule("singleton"), tree)


@pytest.mark.parametrize("tree", NO_UNNAMED.values(), ids=NO_UNNAMED)
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
    assert [(hit.symbol, hit.scope, hit.location.snippet.partition("  #")[0]) for hit in hits] == [
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
    assert not rule.relevance(code.encode()).is_wanted
    assert not rule.relevance(code.encode()).is_named


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    registry = AgentRegistry()\n",
        "async def f(\n    a,\n):\n    # no more\n\n    registry = (\n        AgentRegistry()\n    )\n",
        "class A:\n    def f(self):\n        class B:\n            registry = AgentRegistry()\n",
        "if __name__ == '__main__':\n    registry = AgentRegistry()\n",
        "def f():\n    AgentRegistry._one = None  # again\n    AgentRegistry.name = 'a'\n",
    ],
)
def test_parses_what_functions_keep_for_themselves_only_where_it_is_no_sound_python(code: str) -> None:
    rule = make_rule("singleton", names=("*Registry",))
    assert not rule.relevance(code.encode()).is_wanted
    assert rule.relevance(code.encode()).is_named
    check_silent(rule, code)


def test_reads_windows_line_ends_from_the_first_line_on() -> None:
    rule = make_rule("singleton", names=FACTORIES)
    hits = find(rule, {"a.py": "factory = AgentFactory()\r\nother = AgentFactory()\r\n"})["a.py"]
    assert [hit.location.line for hit in hits] == [1, 2]


def test_bases_that_share_bases_are_asked_about_once() -> None:
    ladder = [
        f"class A{n}(A{n - 1}, B{n - 1}): pass\nclass B{n}(A{n - 1}, B{n - 1}): pass" for n in range(1, 60)
    ]
    top = "class Top(A59, B59):\n    client = Client()  #! class-instance"
    check_hits(make_rule("singleton"), "\n".join(["class A0: pass", "class B0: pass", *ladder, top]))
