"""The code in the demonstration is code: it imports, its own tests pass, and only then do they fail."""

import ast
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.demo.conftest import Repository

pytestmark = pytest.mark.slow

IMPORT_ALL = """
import importlib, pathlib, sys
sys.dont_write_bytecode = True
root = pathlib.Path(".")
for path in sorted(root.glob("netra_backend/app/**/*.py")):
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    try:
        importlib.import_module(name)
    except SyntaxError:
        print(path)
foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print("foreign:", sorted(foreign - {"netra_backend", "sitecustomize", "__main__"}))
"""
BROKEN = "netra_backend/app/cache/completion_cache.py"


def broken_revision(demo: Repository) -> str:
    return demo.git("log", "--format=%H", "--grep=limits of completions from the llm branch").strip()


@pytest.mark.parametrize("moment", ["baseline", "status-1274", "broken", "main"])
def test_every_production_module_imports_without_packages(
    demo: Repository, tmp_path: Path, moment: str
) -> None:
    revision = broken_revision(demo) if moment == "broken" else moment
    folder = demo.check_out(revision, tmp_path / "files")
    done = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT_ALL], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    expected = [BROKEN, "foreign: []"] if moment == "broken" else ["foreign: []"]
    assert done.stdout.splitlines() == expected


def test_every_file_parses_but_one_for_a_while(demo: Repository, tmp_path: Path) -> None:
    folder = demo.check_out(broken_revision(demo), tmp_path / "files")
    bad = []
    for path in folder.rglob("*.py"):
        try:
            ast.parse(path.read_text())
        except SyntaxError:
            bad.append(str(path.relative_to(folder)))
    assert bad == [BROKEN]


def own_tests(folder: Path, *paths: str) -> dict[str, int]:
    """Passed and failed of the demonstration's own tests."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:django",
        "-c",
        "/dev/null",
    ]
    done = subprocess.run(
        [*command, "--rootdir", str(folder), *paths], cwd=folder, capture_output=True, text=True, check=False
    )
    words = done.stdout.splitlines()[-1].replace(",", "").split()
    outcomes = {"passed", "failed", "error", "errors", "skipped"}
    return {word: int(count) for count, word in pairwise(words) if word in outcomes}


def test_all_of_its_tests_pass_at_the_status(demo: Repository, tmp_path: Path) -> None:
    counts = own_tests(demo.check_out("status-1274", tmp_path / "files"), ".")
    assert counts.keys() == {"passed"}
    assert counts["passed"] > 800


@pytest.mark.parametrize(
    ("suite", "count"),
    [("tests/mission_critical", 169), ("tests/singleton_removal", 15), ("tests/websocket_events", 21)],
)
def test_suites_have_as_many_tests_as_the_plan_asks_for(
    demo: Repository, tmp_path: Path, suite: str, count: int
) -> None:
    assert own_tests(demo.check_out("main", tmp_path / "files"), suite) == {"passed": count}


def test_the_eight_proofs_pass_before_and_fail_after(demo: Repository, tmp_path: Path) -> None:
    proofs = "tests/unit/agents/test_agent_instance_factory_ssot_violations.py"
    assert own_tests(demo.check_out("status-1274", tmp_path / "before"), proofs) == {"passed": 8}
    assert own_tests(demo.check_out("main", tmp_path / "after"), proofs) == {"failed": 8}
