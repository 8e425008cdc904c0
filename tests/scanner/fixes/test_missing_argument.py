"""A missing argument added, or put in the place of a literal None, where it is in reach."""

import pytest

from tests.scanner.fixes.tables import becomes, stays
from tests.scanner.fixes.trees import plan_of

PLAN = plan_of("""
  - {id: agent, kind: missing-argument, callables: [".create"], argument: user, position: 1}
  - {id: bus, kind: missing-argument, callables: ["*.Engine"], argument: bus, only_none: true}
""")
TYPED = plan_of("""
  - id: agent
    kind: missing-argument
    callables: [".create"]
    argument: user
    replacement: {symbol: app.make, arguments: {user: app.user.User}}
""")
ADDED = [
    pytest.param('f.create("a")', 'f.create("a", user)', id="in its place"),
    pytest.param("f.create()", "f.create(user=user)", id="by keyword where its place is not next"),
    pytest.param("f.create(kind=1)", "f.create(kind=1, user=user)", id="after a keyword"),
    pytest.param("f.create('a', kind=1)", "f.create('a', kind=1, user=user)", id="after both"),
    pytest.param("f.create('a',)", "f.create('a', user,)", id="keeps a last comma"),
    pytest.param(
        "f.create(\n        'a',\n    )", "f.create(\n        'a',\n        user,\n    )", id="lines"
    ),
    pytest.param(
        "f.create(\n        'a'  # first\n    )",
        "f.create(\n        'a',  # first\n        user\n    )",
        id="comment",
    ),
    pytest.param("f.create('a').create('b')", "f.create('a', user).create('b', user)", id="chained"),
    pytest.param("f.create(f.create('a'))", "f.create(f.create('a', user), user)", id="one in the other"),
    pytest.param("f.create('a', None)", "f.create('a', user)", id="None in its place"),
    pytest.param("f.create('a', user=None)", "f.create('a', user=user)", id="None by keyword"),
    pytest.param("f.create('a', user = (None))", "f.create('a', user = user)", id="None in brackets"),
    pytest.param(
        "f.create(*(), kind=1, user=None)", "f.create(*(), kind=1, user=user)", id="None after a star"
    ),
    pytest.param("app.Engine(bus=None)", "app.Engine(bus=bus)", id="null collaborator"),
]


@pytest.mark.parametrize(("before", "after"), ADDED)
def test_the_argument_is_given(before: str, after: str) -> None:
    head = "import app\n\n\ndef run(f, user, bus):\n    return "
    becomes(PLAN, {}, f"{head}{before}\n", f"{head}{after}\n")


def test_a_type_that_the_plan_names_finds_it_under_another_name() -> None:
    head = "from app.user import User\n\n\ndef run(f, who: User):\n    "
    becomes(TYPED, {}, f"{head}f.create('a')\n", f"{head}f.create('a', user=who)\n")


OPTIONAL = plan_of(
    "  - {id: log, kind: missing-argument, callables: [.create], argument: log, allow_none: true}"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "def run(f, log=None):\n    f.create('a')\n",
            "def run(f, log=None):\n    f.create('a', log=log)\n",
            id="a default of None",
        ),
        pytest.param(
            "def run(f, log: str | None):\n    f.create('a')\n",
            "def run(f, log: str | None):\n    f.create('a', log=log)\n",
            id="an annotation with None",
        ),
        pytest.param(
            "def run(f):\n    log = None\n    if f:\n        log = f.log\n    f.create('a')\n",
            "def run(f):\n    log = None\n    if f:\n        log = f.log\n    f.create('a', log=log)\n",
            id="a local",
        ),
    ],
)
def test_a_value_that_may_be_none_is_passed_where_the_plan_allows_none(before: str, after: str) -> None:
    becomes(OPTIONAL, {}, before, after)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def run(f):\n    f.create('a')\n", id="nothing"),
        pytest.param(
            "def run(f):\n    if f:\n        log = None\n    f.create('a')\n", id="not always bound"
        ),
        pytest.param("def run(f, *log):\n    f.create('a')\n", id="a splat"),
    ],
)
def test_allow_none_invents_no_value(text: str) -> None:
    stays(OPTIONAL, {}, text, "no log available")


REFUSED = [
    pytest.param("def run(f):\n    f.create('a')\n", "no user available on line 2", id="nothing"),
    pytest.param("def run(f, bus):\n    f.create('a', user=None)\n", "no user available", id="None, nothing"),
    pytest.param(
        "def run(f, user):\n    f.create(x for x in y)\n", "a generator without parentheses", id="generator"
    ),
    pytest.param("f.create('a')\n", "which runs at import time", id="on import"),
    pytest.param(
        "def run(f, user):\n    f.create(\n        'a',  # one\n        # two\n    )\n",
        "a comment would be lost",
        id="a comment behind the last argument",
    ),
    pytest.param(
        "def run(f, user=None):\n    f.create('a')\n", "user (line 1) may be None", id="may be None"
    ),
    pytest.param("import app\ndef run():\n    app.Engine(bus=None)\n", "no bus available", id="collaborator"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_without_it_the_call_stays(text: str, reason: str) -> None:
    stays(PLAN, {}, text, reason)
