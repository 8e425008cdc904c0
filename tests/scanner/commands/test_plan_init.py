"""`plan init`: the draft is a valid plan, and what it says of the repository is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.planfile import read_plan
from tests.scanner.gitdir import GitDir

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]
FACTORY = """\
class Factory:
    pass


_factory = None


def get_factory():
    global _factory
    if _factory is None:
        _factory = Factory()
    return _factory


def create_factory():
    return Factory()
"""
USE = "from app.factory import get_factory\n\n\ndef run():\n    return get_factory()\n"
OLD = """\
import warnings
from lib._deprecation import tell
from lib.utils import deprecated


@deprecated(since="2")
def decorated():
    return 1


@deprecated
class Gone:
    pass


def told():
    tell("told")
    return told


def warned():
    warnings.warn("Use other()", category=DeprecationWarning, stacklevel=2)


def alone():
    warnings.warn(PendingDeprecationWarning("Use other()"))


def sometimes(old=None):
    if old:
        warnings.warn("old", DeprecationWarning)
    warnings.warn("slow", RuntimeWarning)
    print("deprecated")
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitDir:
    made = GitDir.create(tmp_path_factory.mktemp("shop") / "shop")
    made.commit(
        "Begin",
        {
            "app/__init__.py": "",
            "app/factory.py": FACTORY,
            "app/a.py": USE,
            "app/b.py": USE,
            "app/2nd-try/old.py": FACTORY,
            "app/migrations/0001.py": "x = 1\n",
            "app/order.py": "class Order:\n    pass\n",
            "app/legacy.py": "class Order:\n    pass\n",
            "app/commands/send.py": "class Command:\n    pass\n",
            "app/commands/load.py": "class Command:\n    pass\n",
            "tests/integration/test_a.py": USE,
            "tests/test_b.py": USE + "\n\nclass Order:\n    pass\n",
        },
    )
    return made


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scanner", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def draft(repo: GitDir) -> str:
    done = run("plan", "init", repo.path)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_draft_is_a_plan_named_after_the_repository(draft: str) -> None:
    plan = read_plan(draft, "draft")
    assert plan.name == "shop"
    assert plan.compliance_counts == ("production",)
    assert plan.scope.exclude == ("**/migrations/**",)


def test_it_has_the_kinds_of_tests_that_the_tree_has(draft: str) -> None:
    plan = read_plan(draft, "draft")
    assert list(plan.categories) == ["integration", "test"]
    assert plan.category_of("tests/integration/test_a.py") == "integration"
    assert plan.category_of("tests/test_b.py") == "test"
    assert plan.category_of("app/a.py") == "production"


def test_it_names_the_singleton_its_accessor_and_its_consumers(draft: str) -> None:
    rule = next(rule for rule in read_plan(draft, "draft").rules if rule.kind == "deprecated-symbol")
    assert rule.id == "get-factory-1"
    assert rule.options["symbols"] == ("app.factory.get_factory", "app.factory._factory")
    assert "# app/factory.py: 8 uses (files: 2 production, 1 integration, 1 test)" in draft


def test_it_names_classes_that_production_defines_twice(draft: str) -> None:
    rule = next(rule for rule in read_plan(draft, "draft").rules if rule.kind == "duplicate-definition")
    assert set(rule.options["names"]) == {"Order", "Factory"}
    assert re.search(r"defined more than once: .*Order \(1 time\)", draft)


def test_the_draft_can_be_used_at_once(repo: GitDir, draft: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(draft)
    assert run("plan", "check", repo.path, "--plan", plan).returncode == 0
    scan = run("scan", repo.path, "--plan", plan)
    assert scan.returncode == 0
    assert "get-factory-1/call" in scan.stdout


def test_public_and_unused_instances_get_no_rule_and_own_deprecations_get_one(tmp_path: Path) -> None:
    made = GitDir.create(tmp_path / "lib")
    made.commit(
        "Begin",
        {
            "lib/signals.py": '__all__ = ["sent"]\nsent = Signal()\nhidden = Signal()\nunused = Signal()\n',
            "lib/old.py": OLD,
            "lib/helpers.py": "from warnings import warn\n",
            "lib/broken.py": "def deprecated(:\n",
            "lib/use.py": "from lib.old import decorated, told, Gone\nfrom lib.signals import hidden, sent\n"
            "import datetime\nprint(decorated(), told(), Gone, sent, hidden, datetime.datetime.utcnow())\n",
            "examples/app.py": "app = App()\nprint(app)\n",
            "t/__init__.py": "",
            "t/unit/test_signals.py": "from lib.signals import hidden\n",
            "t/unit/helper.py": "x = 1\n",
            "t/unit/test_old.py": "x = 1\n",
        },
    )
    draft = run("plan", "init", made.path).stdout
    plan = read_plan(draft, "draft")
    rules = {rule.id: rule.options.get("symbols") for rule in plan.rules}
    assert rules == {
        "deprecated": ("lib.old.Gone", "lib.old.decorated", "lib.old.told"),
        "standard-library": ("datetime.datetime.utcnow",),
        "singletons": None,
        "hidden-1": ("lib.signals.hidden",),
    }
    assert "# deprecated by the code itself and not used: lib.old.alone, lib.old.warned" in draft
    assert "(public API): lib.signals.sent\n" in draft
    assert "datetime.datetime.utcnow  # 1 use; use datetime.datetime.now(datetime.UTC)" in draft
    assert plan.category_of("t/unit/helper.py") == "test"
    assert plan.category_of("examples/app.py") == "example"


def test_a_repository_without_singletons_still_gets_a_plan(tmp_path: Path) -> None:
    made = GitDir.create(tmp_path / "plain")
    made.commit("Begin", {"src/thing/__init__.py": "", "src/thing/a.py": "x = 1\n"})
    plan = read_plan(run("plan", "init", made.path).stdout, "draft")
    assert plan.scope.source_roots == ("src", ".")
    assert [rule.id for rule in plan.rules] == ["singletons"]


def test_a_repository_without_python_is_refused(tmp_path: Path) -> None:
    made = GitDir.create(tmp_path / "other")
    made.commit("Begin", {"a.txt": "x"})
    done = run("plan", "init", made.path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no Python file" in done.stderr
