"""What is proposed, and what a maintainer would call wrong and is not."""

from pathlib import Path

import pytest

from scanner.git.repository import open_repository
from scanner.model import percent
from scanner.proposals import Candidate, propose_plan
from scanner.proposals.deprecation_marks import marks_in
from scanner.proposals.python_file import PythonFile
from scanner.proposals.wording_of_deprecation import first_sentence, speaks_of_a_part
from tests.scanner.history import Commit, write_history

WARN = 'import warnings\n\n\ndef {name}():\n    warnings.warn("{text}", DeprecationWarning)\n'


def marked(text: str) -> list[str]:
    file = PythonFile("shop/old.py", text.encode(), "shop.old", is_package=False, is_test=False)
    return [each.name for each in marks_in(file)]


@pytest.mark.parametrize(
    "text",
    [
        "1.6\n\n   Combining Poly with non-Poly objects is\n   deprecated. Convert both first.",
        "1.7 Using arguments that aren't subclasses of :class:`Expr` in core operators (Mul) is deprecated.",
        "1.6 ``sympify(obj)`` falls back to ``str(obj)``, but this is deprecated.",
        "1.9 Legacy behavior for matrices",
        "The argument x is deprecated",
    ],
)
def test_a_text_about_a_part_is_recognised(text: str) -> None:
    assert speaks_of_a_part(text)


@pytest.mark.parametrize(
    "text",
    [
        "Using ``load()`` is deprecated. Use read",
        "Calling :func:`load` is deprecated",
        "1.2 Use :func:`read` instead.",
        "Nothing",
    ],
)
def test_a_text_about_the_whole_thing_is_recognised(text: str) -> None:
    assert not speaks_of_a_part(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (WARN.format(name="load", text="Use read() instead"), ["load"]),
        (WARN.format(name="_apply", text="Use X instead"), []),
        (WARN.format(name="read_and_warn", text="Use X instead"), []),
        ("new = 1\nold = new  # deprecated alias\n", ["old"]),
        ("set = set  # obsolete alias, deprecated\n", []),
        ("if x:\n    old = new  # deprecated alias\nelse:\n    old = 1\n", []),
        (
            "try:\n    import a\nexcept ImportError:\n    # deprecated\n    a = object\n",
            [],
        ),
    ],
)
def test_only_what_is_deprecated_itself_is_marked(text: str, names: list[str]) -> None:
    assert marked(text) == names


def proposed(folder: Path, files: dict[str, str]) -> dict[str, Candidate]:
    (sha,) = write_history(folder / "shop.git", (Commit({"shop/__init__.py": "", **files}),))
    with open_repository(str(folder / "shop.git")) as repository:
        return {each.key: each for each in propose_plan(repository, sha).candidates}


POOL = """\
_pool = None


class Pool:
    def __init__(self):
        self.runs = {}

    def run(self, ARGUMENT):
        return self.runs


def get_pool():
    global _pool
    if _pool is None:
        _pool = Pool()
    return _pool


def configure_pool():
    pool = get_pool()
    return pool
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("argument", "evidence", "title"),
    [
        ("user_id", "shared_by_users", "get_pool → one Pool for each user"),
        ("number", "shared_state", "get_pool → one Pool for each caller"),
    ],
)
def test_an_object_that_users_share_is_worse(
    tmp_path: Path, argument: str, evidence: str, title: str
) -> None:
    user = "from shop.pool import get_pool\n\nget_pool().run(1)\n"
    found = proposed(tmp_path, {"shop/pool.py": POOL.replace("ARGUMENT", argument), "shop/a.py": user})

    candidate = found["shared:shop.pool:get_pool"]
    assert (candidate.evidence, candidate.title) == (evidence, title)
    assert candidate.rules[0]["symbols"] == [
        "shop.pool.get_pool",
        "shop.pool.configure_pool",
        "shop.pool._pool",
    ]


@pytest.mark.slow
def test_branches_facades_and_repeats_are_not_proposed(tmp_path: Path) -> None:
    branch = "try:\n    import importlib_metadata\nexcept ImportError:\n    import importlib.metadata\n"
    paths = "import os.path\n\nos.path.join('a', 'b')\nos.path.exists('a')\n"
    deprecate = (
        "from shop.tools import deprecated_name\n\nCode = 1\ndeprecated_name('1.0', __name__, 'Code')\n"
    )
    old = (
        "import warnings\n\nwarnings.warn('shop.old is deprecated', DeprecationWarning)\n\n\n"
        "def load():\n    '''Deprecated: gone soon.'''\n"
    )
    found = proposed(
        tmp_path,
        {
            **{f"shop/branch{number}.py": branch for number in range(4)},
            **{f"shop/paths{number}.py": paths for number in range(4)},
            "shop/names.py": deprecate,
            "shop/uses.py": "from shop.names import Code\n\nprint(Code)\n",
            "shop/old.py": old,
            "shop/more.py": "from shop.old import load\n\nload()\n",
            "shop/quoted.py": "def f(x: 'load') -> 'load': ...\n",
            # Python never imports the first one: the package of that name has taken its place.
            "shop/checks.py": '"Legacy names."\n\nfrom shop.checks import check\n',
            "shop/checks/__init__.py": "def check(): ...\n\n\ndef run(): ...\n",
            "shop/runs.py": "from shop.checks import check, run\n\ncheck()\nrun()\n",
        },
    )

    assert set(found) == {"module:shop.old", "deprecated:shop.names::Code"}
    code = found["deprecated:shop.names::Code"]
    assert (code.counted_files, code.definition_files) == (1, 1)
    assert code.percent == percent(15, 17), "the file that defines it isn't clean, either"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2.0 Use :func:`gross` instead. It is faster.", "since 2.0: Use gross instead."),
        (".. deprecated:: 3.12, Use ``now``.", "since 3.12: Use now."),
        ("4.0rc1", "since 4.0rc1"),
        ("5 things use this. Use others.", "5 things use this."),
    ],
)
def test_a_directives_version_is_told_as_one(text: str, said: str) -> None:
    assert first_sentence(text) == said


def test_the_paragraph_that_speaks_of_deprecation_is_quoted() -> None:
    text = "Helpers for mails\n\nThe module shop.mail is deprecated. Use smtplib."
    assert first_sentence(text) == "The module shop.mail is deprecated."
    assert first_sentence("Helpers for mails.\n\nSee below.") == "Helpers for mails."
