"""What the tables share: a small application, and two ways to say what becomes of a text."""

from collections.abc import Mapping
from textwrap import dedent

from scanner.plan import Plan
from tests.scanner.fixes.trees import Outcome, plan_of, rewritten

USER = "class User:\n    @classmethod\n    def of(cls, request): ...\n"
FACTORY = """
from app.user import User

_factory = None


def get_factory():
    global _factory
    if _factory is None:
        _factory = object()
    return _factory


async def configure(bus=None):
    return get_factory()


def create_factory(user: User, bus=None):
    return object()
"""
APP = {"app/__init__.py": "", "app/user.py": USER, "app/factory.py": FACTORY}
FACTORY_PLAN = plan_of("""
  - id: factory
    kind: deprecated-symbol
    symbols: [app.factory.get_factory, app.factory.configure, app.factory._factory]
    replacement: {symbol: app.factory.create_factory, arguments: {user: app.user.User}}
""")
OLD = "from app.factory import get_factory\nfrom app.user import User\n"
NEW = "from app.factory import create_factory\nfrom app.user import User\n"


def code(text: str) -> str:
    """A text from a table, without the indentation that it has there."""
    return dedent(text).lstrip("\n")


def becomes(
    plan: Plan, tree: Mapping[str, str], before: str, after: str, path: str = "app/use.py"
) -> Outcome:
    """A text in a tree is rewritten to another one, and nothing of it is refused."""
    found = rewritten(plan, {**tree, path: before}, path)
    assert found.text == after
    assert not found.reasons
    assert not found.left
    return found


def stays(plan: Plan, tree: Mapping[str, str], before: str, reason: str, path: str = "app/use.py") -> Outcome:
    """A text in a tree is left as it is, for a reason that names its line."""
    found = rewritten(plan, {**tree, path: before}, path)
    assert found.text == before
    assert any(reason in said for said in found.reasons), found.reasons
    assert found.left
    return found
