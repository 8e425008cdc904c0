"""Since when a name is defined, along a line that has merges as well as commits of its own."""

from pathlib import Path

import pytest

from scanner import defined_since, open_repository, read_plan
from tests.scanner.history import Commit, write_history

PLAN = """version: 1
name: Steps
rules:
  - {id: old, kind: deprecated-symbol, symbols: [app.home.get_it], risk: high}
"""
HOME, WITH = (
    "def get_it():\n    return 1\n",
    "def get_it():\n    return 1\n\n\ndef make_it():\n    return 2\n",
)


@pytest.mark.parametrize(
    ("history", "since"),
    [
        ([Commit({"app/home.py": HOME}), Commit({"app/home.py": WITH}), Commit({"b.py": "x = 1\n"})], 1),
        # the branch (1) brings the name, the line gets it with the merge (3)
        (
            [
                Commit({"app/home.py": HOME}),
                Commit({"app/home.py": WITH}, parents=(0,)),
                Commit({"b.py": "x = 1\n"}, parents=(0,)),
                Commit({"app/home.py": WITH}, parents=(2, 1)),
                Commit({"app/home.py": f"{WITH}\n# later\n"}),
            ],
            3,
        ),
        ([Commit({"app/home.py": WITH}), Commit({"app/home.py": HOME}), Commit({"app/home.py": WITH})], 2),
        ([Commit({"app/home.py": HOME})], None),
    ],
    ids=["a commit", "a merge", "taken away and brought back", "never"],
)
def test_a_name_is_defined_since_the_commit_of_the_line_that_brought_it(
    tmp_path: Path, history: list[Commit], since: int | None
) -> None:
    shas = write_history(tmp_path / "r.git", history)
    with open_repository(str(tmp_path / "r.git")) as repository:
        found = defined_since(repository, read_plan(PLAN, "a plan"), shas[-1], "app.home.make_it")

    assert found == (None if since is None else shas[since])
