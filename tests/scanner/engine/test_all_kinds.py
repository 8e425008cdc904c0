"""Every rule kind at once on a real repository: two commits, each line to report is marked in the code.

`#! rule/role` at the end of a line says what is found there after its commit, and nothing else may be.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from scanner import FileResult, RepoPath, Visit, Walker, compare, open_repository, read_plan
from scanner.plan import UNEXPLAINED_IGNORE
from scanner.rules import kinds
from tests.scanner.gitdir import GitDir

PLAN = read_plan(
    """
version: 1
name: Every kind
rules:
  - {id: old, kind: deprecated-symbol, symbols: [shop.core.get_cart]}
  - {id: single, kind: singleton, names: ["*Registry"]}
  - {id: state, kind: shared-state}
  - {id: shared, kind: shared-return, functions: ["create_*"]}
  - {id: context, kind: missing-argument, callables: [".create_order"], argument: user}
  - {id: home, kind: canonical-import, names: {Money: shop.money}}
  - {id: once, kind: duplicate-definition, names: [Tax]}
  - {id: left, kind: deprecation-warning}
  - {id: clock, kind: pattern, pattern: "datetime.utcnow($$$)"}
""",
    "plan.yaml",
)

# Each file has something that looks like a hit and is none.
BEFORE: dict[str, str] = {
    "shop/core.py": """\
def get_cart():  #! old/definition
    return {}

def make_cart(user):
    return {"user": user}
""",
    "shop/views.py": """\
from shop.core import get_cart, make_cart  #! old/import

def show(user):
    # get_cart() is only spoken of here
    return get_cart(), make_cart(user)  #! old/call

def hide(get_cart):
    return get_cart()
""",
    "shop/registry.py": """\
class HandlerRegistry:
    def __init__(self):
        self.handlers = []

_registry = None  #! single/module-global

def registry():
    global _registry
    if _registry is None:
        _registry = HandlerRegistry()
    return _registry

def fresh():
    return HandlerRegistry()
""",
    "shop/state.py": """\
RUNS = {}  #! state/module-state
LIMITS = {"orders": 3}

def start(run):
    RUNS[run.id] = run
    return LIMITS["orders"]
""",
    "shop/makers.py": """\
from shop.pools import Pool

_pool = Pool()

def create_pool():  #! shared/shared-return
    return _pool

def create_list():
    return []
""",
    "shop/orders.py": """\
def place(api, user):
    api.create_order(1)  #! context/absent
    api.create_order(2, user=user)
""",
    "shop/prices.py": """\
from shop.legacy import Money  #! home/import
from shop.money import Money as Cash
""",
    "shop/legacy.py": """\
class Tax:
    pass
""",
    "shop/taxes.py": """\
class Tax:  #! once/definition
    pass

def local():
    class Tax:
        pass
""",
    "shop/warn.py": """\
import warnings

def old():
    warnings.warn("use new", DeprecationWarning)  #! left/warning
    warnings.warn("slow", RuntimeWarning)
""",
    "shop/times.py": """\
from datetime import datetime

NOW = datetime.utcnow()  #! clock/match
THEN = "datetime.utcnow()"
""",
    "shop/ignores.py": """\
from datetime import datetime

A = datetime.utcnow()  # ssot: ignore[clock] because the column has no zone
# ssot: ignore[clock]  #! unexplained-ignore/unexplained-ignore
B = datetime.utcnow()  #! clock/match
""",
}

# The second commit puts the marked places right and breaks others.
AFTER: dict[str, str | None] = {
    "shop/core.py": """\
def get_cart():  #! old/definition
    return {}

def make_cart(user):
    return {"user": user}

CARTS = []  #! state/module-state

def keep(cart):
    CARTS.append(cart)
""",
    "shop/views.py": """\
from shop.core import make_cart

def show(user):
    return make_cart(user)
""",
    "shop/late.py": """\
import shop.core as core

class Late:
    def __init__(self):
        self.cart = core.get_cart()  #! old/stored-call
""",
    "shop/registry.py": """\
class HandlerRegistry:
    _instance = None  #! single/class-instance

    @classmethod
    def get_instance(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance
""",
    "shop/state.py": """\
LIMITS = {"orders": 3}

def start(run):
    return {run.id: run, "limit": LIMITS["orders"]}
""",
    "shop/makers.py": """\
from shop.pools import Pool

_pool = Pool()

def create_pool():
    return Pool()

def create_other():  #! shared/shared-return
    return _pool
""",
    "shop/orders.py": """\
def place(api, user):
    api.create_order(1, user=user)
    api.create_order(2, user=None)  #! context/none
""",
    "shop/prices.py": """\
from shop.money import Money
""",
    "shop/bills.py": """\
from shop.prices import Money  #! home/import
""",
    "shop/legacy.py": None,
    "shop/vat.py": """\
class Tax:  #! once/definition
    pass
""",
    "shop/warn.py": """\
import logging
logger = logging.getLogger(__name__)

def old():
    logger.warning("old() is deprecated")  #! left/warning
    logger.warning("old() is slow")
""",
    "shop/times.py": """\
from datetime import UTC, datetime

NOW = datetime.now(UTC)
""",
    "shop/ignores.py": """\
from datetime import datetime

A = datetime.utcnow()  # ssot: ignore[clock]  #! clock/match unexplained-ignore/unexplained-ignore
# ssot: ignore[clock] because the column has no zone
B = datetime.utcnow()
""",
}
Seen = list[tuple[str, int, str]]


def expected(tree: dict[str, str | None]) -> Seen:
    return sorted(
        (path, number, mark)
        for path, text in tree.items()
        for number, line in enumerate((text or "").splitlines(), 1)
        for mark in line.partition("#! ")[2].split()
    )


def seen(files: dict[RepoPath, FileResult]) -> Seen:
    return sorted((f.path, f.line, f"{f.rule}/{f.role}") for r in files.values() for f in r.violations)


# `shop/taxes.py` is clean in the end, though nobody touched it: no file before it defines the class any more.
TREES: list[dict[str, str | None]] = [{**BEFORE}, {**BEFORE, **AFTER, "shop/taxes.py": None}]


@pytest.fixture
def made(tmp_path: Path) -> tuple[GitDir, list[str]]:
    repository = GitDir.create(tmp_path / "repo")
    shas = [repository.commit("Begin", {**BEFORE}), repository.commit("Mend and break", {**AFTER})]
    return repository, shas


def test_both_commits_have_a_hit_of_every_kind() -> None:
    rules = {spec.id: spec.kind for spec in PLAN.rules} | {UNEXPLAINED_IGNORE: UNEXPLAINED_IGNORE}
    for tree in TREES:
        found = {rules[re.split("/", mark)[0]] for _, _, mark in expected(tree)}
        assert found == {kind.kind for kind in kinds()} | {UNEXPLAINED_IGNORE}


def test_each_commit_shows_exactly_what_is_marked_cold_or_after_the_other(
    made: tuple[GitDir, list[str]],
) -> None:
    repository, shas = made
    with open_repository(str(repository.path)) as opened:
        for order in ((0,), (1,), (0, 1), (1, 0), (0, 1, 0)):
            with Walker(opened, PLAN) as walker:
                for number, visit in zip(order, walker.walk([shas[n] for n in order]), strict=True):
                    assert seen(dict(visit.files)) == expected(TREES[number])
                    assert visit.tally.suppressed == 1
                    assert visit.tally.violations == len(expected(TREES[number]))


def test_the_second_commit_has_separate_fixed_and_new_findings(made: tuple[GitDir, list[str]]) -> None:
    repository, shas = made
    with open_repository(str(repository.path)) as opened, Walker(opened, PLAN) as walker:
        visits: list[Visit] = list(walker.walk(shas))
    comparison = compare(visits[1].difference)
    broken, mended = (Counter(f.rule for f in findings) for findings in (comparison.new, comparison.fixed))
    ours = Counter(spec.id for spec in PLAN.rules)
    # The two findings about times change places in one file and keep their number, and a deprecation warning
    # is logged in the place of another one, so they are moved.
    assert broken == ours - Counter({"clock": 1, "left": 1})
    assert mended == ours + Counter({"old": 1}) - Counter({"left": 1})
    assert {move.after.rule for move in comparison.moved} == {"clock", "left", UNEXPLAINED_IGNORE}
