"""What a proof asks of a new text: that it compiles, brings nothing, and fixes what it set out to fix."""

import pytest

from scanner.fixes.proof import UnprovenError, prove
from scanner.fixes.text_edits import Edit
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath
from tests.scanner.fixes.trees import plan_of, workspace_of

PLAN = plan_of("""  - {id: eval, kind: pattern, pattern: "eval($X)", message: Parse it}
  - {id: run, kind: pattern, pattern: "run($X)", message: Call it}""")
PATH = RepoPath("app/a.py")
TEXT = "eval(1)\neval(2)\nrun(3)  # ssot: ignore[run] because measured\n"


@pytest.fixture
def workspace() -> Workspace:
    return workspace_of(PLAN, {PATH: TEXT})


def replaced(workspace: Workspace, old: str, new: str) -> list[str]:
    """The rules of the findings that are gone, after one piece of the text was exchanged on purpose."""
    aims = [finding for finding in workspace.findings(PATH) if finding.rule == "eval"]
    begin = TEXT.index(old)
    edits = [Edit(begin, begin + len(old), new.encode())]
    content = TEXT.replace(old, new).encode()
    return [finding.rule for finding in prove(workspace, PATH, content, aims, edits=edits, skip=edits)]


def test_a_text_with_one_finding_less_is_proven(workspace: Workspace) -> None:
    assert replaced(workspace, "eval(2)", "2") == ["eval"]
    assert workspace.content(PATH) == TEXT.replace("eval(2)", "2").encode()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("eval(2)", "2\nrun(4)", "would introduce a new finding: app/a.py:3 run/match"),
        ("eval(2)\nrun(3)  # ssot: ignore[run] because measured", "2\nrun(3)", "introduce a new finding"),
        ("eval(2)", "eval(2)  # checked", "would fix none of the findings"),
        ("run(3)", "3", "would fix none of the findings"),
        ("eval(2)", "eval(", "does not compile"),
    ],
)
def test_any_other_text_is_refused_and_leaves_no_trace(
    workspace: Workspace, old: str, new: str, words: str
) -> None:
    with pytest.raises(UnprovenError, match=words):
        replaced(workspace, old, new)
    assert workspace.content(PATH) == TEXT.encode()
    assert not workspace.changed
    assert len(workspace.findings(PATH)) == 3
