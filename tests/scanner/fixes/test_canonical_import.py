"""A listed name imported from its own module instead."""

import pytest

from tests.scanner.fixes.tables import becomes, stays
from tests.scanner.fixes.trees import plan_of

PLAN = plan_of("  - {id: home, kind: canonical-import, names: {User: app.user, Role: app.user}}")
TREE = {
    "app/__init__.py": "",
    "app/user.py": "class User: ...\nclass Role: ...\nclass Team: ...\n",
}
TREE = {**TREE, "app/old.py": "class User: ...\nclass Role: ...\nother = 1\n"}
MOVED = [
    pytest.param("from app.old import User", "from app.user import User", id="alone"),
    pytest.param("from .old import User", "from app.user import User", id="relative"),
    pytest.param("from app.old import User as U", "from app.user import User as U", id="alias"),
    pytest.param("from app.old import User  # noqa", "from app.user import User  # noqa", id="comment"),
    pytest.param(
        "from app.old import (\n    User,\n)", "from app.user import (\n    User,\n)", id="brackets"
    ),
    pytest.param(
        "from app.old import other, User", "from app.old import other\nfrom app.user import User", id="split"
    ),
    pytest.param(
        "from app.old import User as U, other",
        "from app.old import other\nfrom app.user import User as U",
        id="split, alias",
    ),
    pytest.param(
        "from app.old import Role, User", "from app.user import Role, User", id="both, of one statement"
    ),
    pytest.param(
        "from app.user import Team\nfrom app.old import User", "from app.user import Team, User", id="merged"
    ),
    pytest.param(
        "from app.old import User\nfrom app.user import Team",
        "from app.user import Team, User",
        id="merged, later",
    ),
    pytest.param(
        "from app.user import (\n    Team,  # of them\n)\nfrom app.old import User",
        "from app.user import (\n    Team,  # of them\n    User,\n)",
        id="merged into brackets",
    ),
    pytest.param(
        "from app.user import User\nfrom app.old import User", "from app.user import User", id="there already"
    ),
    pytest.param(
        "def f():\n    from app.old import User",
        "def f():\n    from app.user import User",
        id="in a function",
    ),
    pytest.param("if x: from app.old import User", "if x: from app.user import User", id="on one line"),
    pytest.param("from app.old import User; x = 1", "from app.user import User; x = 1", id="semicolon"),
    pytest.param(
        "from app.old import other, User; x = 1",
        "from app.old import other; from app.user import User; x = 1",
        id="semicolon, split",
    ),
]


@pytest.mark.parametrize(("before", "after"), MOVED)
def test_an_import_is_moved(before: str, after: str) -> None:
    found = becomes(PLAN, TREE, f"{before}\n", f"{after}\n")
    assert found.raw.endswith(b"\n")


def test_the_last_line_may_end_without_a_line_end() -> None:
    becomes(
        PLAN, TREE, "from app.old import other, User", "from app.old import other\nfrom app.user import User"
    )


REFUSED = [
    pytest.param(
        "try:\n    from app.old import User\nexcept ImportError:\n    User = None\n",
        "has a second binding",
        id="fallback",
    ),
    pytest.param(
        "from app.old import User\nclass User: ...\n", "has a second binding on line 2", id="own class"
    ),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_a_name_bound_in_two_ways_stays(text: str, reason: str) -> None:
    stays(PLAN, TREE, text, reason)


def test_a_module_without_the_name_is_waited_for() -> None:
    tree = {**TREE, "app/user.py": "class Role: ...\n"}
    stays(PLAN, tree, "from app.old import User\n", "app.user does not define User yet")


@pytest.mark.parametrize(
    "user",
    [
        pytest.param("import app.use\nclass User: ...\n", id="directly"),
        pytest.param("from app import use\nclass User: ...\n", id="from its package"),
        pytest.param("import app.step\nclass User: ...\n", id="by way of another"),
    ],
)
def test_an_import_that_would_run_in_a_circle_stays(user: str) -> None:
    tree = {**TREE, "app/user.py": user, "app/step.py": "from app.use import x\n"}
    stays(PLAN, tree, "from app.old import User\n", "would create an import cycle")


def test_an_import_inside_a_function_of_the_module_is_no_circle() -> None:
    tree = {**TREE, "app/user.py": "class User: ...\ndef f():\n    import app.use\n"}
    becomes(PLAN, tree, "from app.old import User\n", "from app.user import User\n")
