"""Migrations that have ended are found in the history, and rules list what only earlier commits use."""

from pathlib import Path

import pytest

from scanner.engine.walker import Walker
from scanner.git.repository import open_repository
from scanner.planfile import read_plan
from scanner.proposals import Candidate, Proposal, compose_plan, propose_plan
from scanner.proposals.model import Standing
from tests.scanner.history import Commit, write_history

pytestmark = pytest.mark.slow

USERS = [f"shop/user{number}.py" for number in range(8)]
OLD = "from shop.old import spare, move_file\nimport nose\n\nnose.SkipTest\nmove(spare)\n"
NEW = "from shop.new import move_file\n\nmove(1)\n"
BEGIN = {
    "shop/__init__.py": "",
    "shop/old.py": "def move_file(x):\n    return x\n\n\nspare = 1\n",
    **dict.fromkeys(USERS, OLD),
    "tests/test_old.py": "from shop.old import move_file\n",
}
STEPS = [
    Commit({"shop/new.py": "def move_file(x):\n    return x\n"}),
    *(Commit({path: NEW}) for path in USERS),
    Commit({"shop/old.py": None, "tests/test_old.py": None}),
]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    folder = tmp_path_factory.mktemp("past") / "shop.git"
    shas = write_history(folder, (Commit(BEGIN), *STEPS))
    return str(folder), shas


def proposed(at: str, sha: str) -> Proposal:
    with open_repository(at) as repository:
        return propose_plan(repository, sha)


def by_key(proposal: Proposal) -> dict[str, Candidate]:
    return {each.key: each for each in proposal.candidates}


def test_a_module_that_everybody_left_is_a_finished_migration(history: tuple[str, list[str]]) -> None:
    at, shas = history
    found = by_key(proposed(at, shas[-1]))

    left = found["left:shop.old"]
    assert left.title == "shop.old → shop.new"
    assert left.is_finished
    assert (left.places, left.percent) == (0, 100.0)
    assert left.earlier is not None
    assert (left.earlier.files, left.earlier.commit) == (8, shas[1]), "without the test, as the percentage"
    assert (left.counted, left.replaced_in, left.standing) == (
        ("production",),
        "repository",
        Standing.FINISHED,
    )
    assert left.finished_note == "finished, no use left"
    assert found["python:nose"].is_finished
    assert all(" → " in each.title for each in found.values())
    plan = read_plan(compose_plan(proposed(at, shas[-1]), ["left:shop.old"]), "plan")
    assert (plan.name, plan.target_percent) == (left.title, 100.0)


def test_the_rule_finds_every_place_of_the_past(history: tuple[str, list[str]]) -> None:
    at, shas = history
    proposal = proposed(at, shas[-1])
    plan = read_plan(compose_plan(proposal, ["left:shop.old"]), "plan")

    with open_repository(at) as repository, Walker(repository, plan, None, 1) as walker:
        seen = [
            sorted(
                {
                    f.path
                    for result in visit.files.notable.values()
                    for f in result.violations
                    if f.role == "import"
                }
            )
            for visit in walker.walk(shas)
        ]

    tests = ["tests/test_old.py"]
    everybody = [*USERS, *tests]
    assert seen == [everybody, everybody, *([*USERS[number:], *tests] for number in range(1, 9)), []]


def test_a_migration_under_way_says_how_many_files_there_were(history: tuple[str, list[str]]) -> None:
    at, shas = history
    found = by_key(proposed(at, shas[5]))

    nose = found["python:nose"]
    assert not nose.is_finished
    assert nose.earlier is not None
    assert nose.earlier.files == 8
    assert "left:shop.old" not in found


def test_names_that_only_earlier_commits_import_are_listed(tmp_path: Path) -> None:
    shim = '"""Moved to shop.new; kept for backwards compatibility."""\nfrom shop.new import move, spare\n'
    begin = {
        "shop/__init__.py": "",
        "shop/new.py": "def move(x):\n    return x\n\n\nspare = 1\n",
        "shop/old.py": shim,
        "shop/a.py": "from shop.old import move, spare\nprint(move(spare))\n",
        "shop/b.py": "from shop.old import move\nprint(move(2))\n",
    }
    now = {"shop/a.py": "from shop.old import move\nfrom shop.new import spare\nprint(move(spare))\n"}
    more = [Commit({"shop/c.py": f"x = {number}\n"}) for number in range(3)]
    shas = write_history(tmp_path / "shop.git", (Commit(begin), *more, Commit(now)))

    candidate = by_key(proposed(str(tmp_path / "shop.git"), shas[-1]))["module:shop.old"]

    (rule,) = candidate.rules
    assert rule["names"] == {"move": "shop.new", "spare": "shop.new"}


def test_one_common_name_does_not_say_where_a_module_went(tmp_path: Path) -> None:
    users = [f"shop/u{number}.py" for number in range(8)]
    begin = {"shop/__init__.py": "", "shop/fetcher.py": "def fetch(): ...\n"}
    begin |= dict.fromkeys(users, "from shop.fetcher import fetch\n\nfetch()\n")
    after: dict[str, str | None] = {"shop/fetcher.py": None, "shop/commands.py": "def fetch(): ...\n"}
    after |= dict.fromkeys(users[:2], "from shop.commands import fetch\n\nfetch()\n")
    after |= dict.fromkeys(users[2:], "x = 1\n")
    shas = write_history(tmp_path / "shop.git", (Commit(begin), Commit(after)))
    assert by_key(proposed(str(tmp_path / "shop.git"), shas[-1]))["left:shop.fetcher"].title == (
        "shop.fetcher → removed"
    )
