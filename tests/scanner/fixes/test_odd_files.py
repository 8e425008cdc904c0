"""Files of every sort: what each kind of rule changes is changed, and every other byte is as it was."""

import codecs
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scanner.fixes.tables import APP
from tests.scanner.fixes.trees import plan_of, rewritten

PLAN = plan_of("""
  - id: factory
    kind: deprecated-symbol
    symbols: [app.factory.get_factory]
    replacement: {symbol: app.factory.create_factory, arguments: {user: app.user.User}}
  - {id: home, kind: canonical-import, names: {User: app.user}}
  - {id: agent, kind: missing-argument, callables: [".create"], argument: user, position: 1}
  - {id: left, kind: deprecation-warning}
  - {id: utc, kind: pattern, pattern: "utcnow($$$A)", fix: "now($$$A)"}
""")
TREE = {**APP, "app/old.py": "class User: ...\nother = 1\n"}
HEAD = "import warnings\nfrom lib import utcnow, now\nwarnings.simplefilter('error')\n"

# Before and after; N is another number at each place.
PIECES = {
    "deprecated-symbol": (
        "def goN(user):\n    from app.factory import get_factory\n    return get_factory()\n",
        "def goN(user):\n    from app.factory import create_factory\n    return create_factory(user)\n",
    ),
    "canonical-import": (
        "def whoN():\n    from app.old import (  # they\n        User,  # them\n    )\n    return User\n",
        "def whoN():\n    from app.user import (  # they\n        User,  # them\n    )\n    return User\n",
    ),
    "missing-argument": (
        "def makeN(user):\n    return f.create(\n        'a',  # the name\n    )\n",
        "def makeN(user):\n    return f.create(\n        'a',  # the name\n        user,\n    )\n",
    ),
    "deprecation-warning": (
        "@mark(\n    1,  # one\n)\ndef oldN(x):\n    if x:\n        warnings.warn('x', DeprecationWarning)\n"
        "    return 1\n",
        "@mark(\n    1,  # one\n)\ndef oldN(x):\n    return 1\n",
    ),
    "pattern": ("whenN = [utcnow(  1 , x=2 )  ,  3]\n", "whenN = [now(1 , x=2)  ,  3]\n"),
}

ODD: dict[str, Callable[[str], bytes]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "byte order mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "byte order mark and CRLF": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
    "Latin-1": lambda text: f"# -*- coding: latin-1 -*-\n# é\n{text}x = 'ü'\n".encode("latin-1"),
    "Latin-1 and CRLF": lambda text: f"# -*- coding: latin-1 -*-\n# é\n{text}".replace("\n", "\r\n").encode(
        "latin-1"
    ),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "form feeds": lambda text: f"\f\n# page\n\f{text}\f\n\f# end".encode(),
    "no line end": lambda text: text.rstrip("\n").encode(),
    "blanks at the ends of lines": lambda text: f"x = 1  \t\n\n  \n{text}  \n\t\n".encode(),
    "in a class": lambda text: f"@final\nclass A(  B ,C):  # odd\n\n    y = (1,\n  2)\n\n\n{text}".encode(),
    "semicolons and backslashes": lambda text: f"a = 1; b = \\\n  2 ;\n{text}c = 3;".encode(),
    "texts in three quotes": lambda text: f"'''get_factory()\r\n\tutcnow()'''\n{text}".encode(),
}


@pytest.mark.parametrize("wrap", [pytest.param(wrap, id=name) for name, wrap in ODD.items()])
@pytest.mark.parametrize("kind", PIECES)
def test_an_odd_file_keeps_what_is_odd(kind: str, wrap: Callable[[str], bytes]) -> None:
    before, after = PIECES[kind]
    assert rewritten(PLAN, {**TREE, "app/use.py": wrap(HEAD + before)}, "app/use.py").raw == wrap(
        HEAD + after
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(b"make()\0", id="binary"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n", id="LFS"),
    ],
)
def test_a_file_that_is_no_text_stops_no_rewriting(other: bytes) -> None:
    """Another name of what is deprecated makes every file of the tree be read again."""
    before, after = PIECES["deprecated-symbol"]
    alias = "from app.factory import get_factory as make\n"
    tree: dict[str, str | bytes] = {**TREE, "app/alias.py": alias, "app/other.py": other}
    assert rewritten(PLAN, {**tree, "app/use.py": HEAD + before}, "app/use.py").text == HEAD + after


LETTERS = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x85\f\0"), max_size=12)
FILLERS = st.one_of(
    st.sampled_from(
        [
            "",
            "\f",
            "  ",
            "\t",
            "q = (1,  # one\n      2 ,\n)",
            "@mark\n@mark( 1 )\nclass Odd ( object ) :\n\tz = 1\n\n\ty=2",
            "w = 1 ;  v = 2;",
            "t = '''\n\tget_factory()  \n  '''",
            "if 1 :\n   pass\nelse :\n\t\tpass",
            "u = \\\n   1",
        ]
    ),
    LETTERS.map(lambda text: f"# {text}"),
    LETTERS.map(lambda text: f"s = {text!r}  # {text}"),
)
KINDS = st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    kinds=KINDS,
    fillers=st.lists(FILLERS, min_size=6, max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
    form=st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "cp1252"]),
    last=st.booleans(),
)
def test_every_byte_outside_the_changes_stays(
    kinds: list[str], fillers: list[str], end: str, form: str, last: bool
) -> None:
    cookie = "" if form.startswith("utf") else f"# vim: set fileencoding={form} :\n"
    texts = [f"{cookie}{HEAD}", f"{cookie}{HEAD}"]
    for number, kind in enumerate(kinds):
        for side in (0, 1):
            texts[side] += f"{fillers[number]}\n{PIECES[kind][side].replace('N', str(number))}"
    texts = [f"{text}{fillers[-1]}" + ("\n" if last else "") for text in texts]
    try:
        before, after = (text.replace("\n", end).encode(form) for text in texts)
    except UnicodeError:  # Windows has no such letter
        return
    assert rewritten(PLAN, {**TREE, "app/use.py": before}, "app/use.py").raw == after
