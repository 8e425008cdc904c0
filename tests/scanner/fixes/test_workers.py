"""A file that breaks or stalls the rewriting costs itself alone."""

import os
import signal

import pytest

from scanner.engine import worker
from scanner.fixes import workers
from scanner.fixes.model import Rewrite, Selection
from scanner.fixes.rounds import rewrite_in
from scanner.fixes.series import fix_all
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath
from tests.scanner.fixes.tables import APP, FACTORY_PLAN
from tests.scanner.fixes.trees import workspace_of

pytestmark = pytest.mark.slow

USE = "from app.factory import get_factory\n\n\ndef run(user):\n    return get_factory()\n"


@pytest.fixture
def workspace() -> Workspace:
    return workspace_of(FACTORY_PLAN, {**APP, "app/a.py": USE, "app/bad.py": USE, "app/c.py": USE})


@pytest.mark.parametrize("harm", ["kill", "stall", "raise"])
def test_the_others_are_rewritten(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    def harmful(workspace: Workspace, path: RepoPath, selection: Selection) -> Rewrite:
        if path == "app/bad.py":
            if harm == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            while harm == "stall":
                pass
            raise ValueError("odd")
        return rewrite_in(workspace, path, selection)

    monkeypatch.setattr(workers, "rewrite_in", harmful)
    monkeypatch.setattr(worker, "_SECONDS_PER_FILE", 1.0)
    results = {str(result.path): result for result in fix_all(workspace, Selection())}
    assert results["app/a.py"].changed
    assert results["app/c.py"].changed
    bad = results["app/bad.py"]
    assert not bad.changed
    words = {
        "kill": "the file crashed the process that was reading it",
        "stall": "the file took more than 1 seconds of CPU time",
        "raise": "the file caused an internal error: ValueError: odd",
    }
    assert {refusal.reason for refusal in bad.refused} == {words[harm]}
    assert workspace.content(RepoPath("app/a.py")) == results["app/a.py"].after


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = " + "(" * 3000 + "1" + ")" * 3000 + "\n", id="nesting"),
        pytest.param("x = " + "1 + " * 20_000 + "1\n", id="a long sum"),
        pytest.param("x = '" + "long" * 50_000 + "'\n", id="a long line"),
    ],
)
def test_hostile_code_does_not_stop_the_command(text: str) -> None:
    workspace = workspace_of(FACTORY_PLAN, {**APP, "app/a.py": USE, "app/bad.py": USE + text})
    results = {str(result.path): result for result in fix_all(workspace, Selection())}
    assert results["app/a.py"].changed
    bad = results["app/bad.py"]
    assert bad.changed or bad.refused
