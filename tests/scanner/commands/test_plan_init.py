"""`plan init`: the proposed plan is valid, and what it says of the repository is so."""

import subprocess
import sys
from pathlib import Path

import pytest

from scanner.planfile import read_plan
from tests.scanner.gitdir import GitDir

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]
OLD = """\
import warnings
from lib._deprecation import deprecated


@deprecated(since="2", alternative="fresh")
def decorated():
    return 1


def fresh():
    return 1


def warned():
    warnings.warn("Use fresh() instead", category=DeprecationWarning, stacklevel=2)
    return fresh()


def documented():
    \"\"\"Do it.

    .. deprecated:: 1.2
       Use :func:`fresh` instead.
    \"\"\"


def sometimes(old=None):
    if old:
        warnings.warn("old is deprecated", DeprecationWarning)


def about_an_argument(value=None):
    \"\"\"Do it.

    Parameters
    ----------
    value
        .. deprecated:: 1.2
           Use another one.
    \"\"\"


def unused():
    warnings.warn("unused is deprecated", DeprecationWarning)


alias = fresh  # backwards compatible alias
"""
NAMES = ("decorated", "warned", "documented", "sometimes", "about_an_argument", "alias")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitDir:
    made = GitDir.create(tmp_path_factory.mktemp("shop") / "shop")
    uses = f"from lib.old import {', '.join(NAMES)}\n" + "".join(f"{name}()\n" for name in NAMES)
    made.commit(
        "Begin",
        {
            "src/lib/__init__.py": "",
            "src/lib/old.py": OLD,
            "src/lib/use.py": uses,
            "src/lib/home.py": "def moved():\n    pass\n",
            "src/lib/compat_home.py": "# This module has moved to lib.home\nfrom lib.home import moved\n",
            "src/lib/other.py": "from lib.compat_home import moved\nimport six\nsix.text_type(moved())\n" * 3,
            "src/lib/time.py": "from datetime import datetime\n\nnow = datetime.utcnow()\n" * 3,
            "src/lib/broken.py": "def deprecated(:\n",
            "src/lib/migrations/0001.py": "x = 1\n",
            "tests/test_old.py": "from lib.old import warned\n",
            "t/__init__.py": "",
            "t/unit/test_a.py": "x = 1\n",
            "t/unit/test_b.py": "x = 1\n",
            "t/unit/helper.py": "x = 1\n",
        },
    )
    return made


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scanner", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=250, check=False)


@pytest.fixture(scope="module")
def draft(repo: GitDir) -> str:
    done = run("plan", "init", repo.path)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def everything(draft: str) -> str:
    """The plan with the candidates that are comments."""
    rules, _, issues = draft.partition("issues:")
    return rules.replace("  # - {", "  - {") + "issues:" + issues


def test_the_plan_suits_the_layout_and_has_a_phase_for_each_candidate(draft: str) -> None:
    plan = read_plan(draft, "draft")
    assert plan.name.endswith(" and 2 more migrations")
    assert " → " in plan.name
    assert plan.compliance_counts == ("production",)
    assert plan.scope.exclude == ("**/migrations/**",)
    assert plan.scope.source_roots == ("src", ".")
    assert plan.category_of("t/unit/helper.py") == "unit"
    assert plan.category_of("src/lib/use.py") == "production"
    assert len(plan.rules) == 3
    assert [phase.rules for phase in plan.issues[0].phases] == [(rule.id,) for rule in plan.rules]


def test_it_proposes_what_the_code_declares_deprecated_and_still_uses(draft: str) -> None:
    rules = read_plan(everything(draft), "draft").rules
    found = {
        name: rule.replacement.symbol if rule.replacement else ""
        for rule in rules
        if rule.kind == "deprecated-symbol"
        for name in rule.options["symbols"]
    }
    assert {name for name in found if name.startswith("six.")} >= {"six.moves", "six.text_type"}
    assert {name: new for name, new in found.items() if not name.startswith("six.")} == {
        "lib.old.decorated": "lib.old.fresh",
        "lib.old.warned": "lib.old.fresh",
        "lib.old.documented": "lib.old.fresh",
        "lib.old.alias": "lib.old.fresh",
        "datetime.datetime.utcnow": "",
    }


def test_it_proposes_a_module_that_only_hands_on_names(draft: str) -> None:
    (rule,) = (r for r in read_plan(everything(draft), "draft").rules if r.kind == "canonical-import")
    assert rule.options["names"] == {"moved": "lib.home"}


def test_the_plan_can_be_used_at_once(repo: GitDir, draft: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    for text in (draft, everything(draft)):
        plan.write_text(text)
        assert run("plan", "check", repo.path, "--plan", plan).returncode == 0
        assert run("scan", repo.path, "--plan", plan).returncode == 0


def test_the_same_revision_gives_the_same_plan(repo: GitDir, draft: str) -> None:
    assert run("plan", "init", repo.path).stdout == draft


def test_a_repository_that_suggests_nothing_is_refused_with_advice(tmp_path: Path) -> None:
    made = GitDir.create(tmp_path / "plain")
    made.commit("Begin", {"src/thing/__init__.py": "", "src/thing/a.py": "x = 1\n"})
    done = run("plan", "init", made.path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "write a rule of your own" in done.stderr


def test_a_repository_without_python_is_refused(tmp_path: Path) -> None:
    made = GitDir.create(tmp_path / "other")
    made.commit("Begin", {"a.txt": "x"})
    done = run("plan", "init", made.path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no Python file" in done.stderr
