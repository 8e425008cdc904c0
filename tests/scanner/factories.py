"""Helpers that several test modules share."""

from hypothesis import strategies as st

from tests.scanner.history import EXECUTABLE, LINK, Commit, Entry

PLAN_TEXT = """
version: 1
name: "Shared factory to own factory"
categories: {test: ["tests/**"]}
rules:
  - id: shared
    kind: deprecated-symbol
    symbols: [app.home.get_it, app.home._it]
    replacement: {symbol: app.home.make_it}
    risk: {call: high, stored-call: critical}
issues:
  - key: "#1"
    title: "All"
    phases:
      - {id: first, title: "Calls", roles: [call]}
      - {id: second, title: "Rest"}
"""

# Texts that speak of each other, so that a change of one file changes what another one's findings are.
TEXTS = (
    "def get_it():\n    return 1\n",
    "from app.home import get_it as take\n",
    "from app.middle import take\n\ndef use():\n    return take()\n",
    "from app.middle import *\n\ndef use():\n    return take()\n",
    "from app import house\n\ndef use():\n    return house.get_it()\n",
    "from app import home as house\nfrom app.a import take as keep\n",
    "print take()\nfrom app.middle import take\n",
    "_it = None\n\ndef get_it():\n    global _it\n    return _it\n",
    "from app.home import get_it\n",
    "from app.home import get_it\nx = get_it()\n",
    "from app.home import *\nget_it()\n",
    "from app.middle import *\n\ndef use():\n    return get_it()\n",
    "from app.middle import get_it\n\nclass A:\n    def __init__(self):\n        self.it = get_it()\n",
    "from app.home import get_it as get_it\n__all__ = ['get_it']\n",
    "import app.home\napp.home.get_it()\napp.home.make_it()\n",
    "x = 'app.home.get_it'\n",
    "from app.home import get_it\ndef broken(:\n    get_it(\n",
    "print('nothing')\n",
    "",
    "get_it\0binary",
    "from app.home import get_it\nx = get_it()  # ssot: ignore[shared] because it waits\n",
    "from app.home import get_it\n# ssot: ignore[shared] because it waits\nx = get_it()\n",
    "from app.home import get_it\nx = get_it()  # ssot: ignore[shared] because of #7\ny = get_it()\n",
    "from app.home import get_it  # ssot: ignore[shared] because it waits\ndef f():\n    get_it()\n",
)


PATHS = (
    "app/home.py",
    "app/middle.py",
    "app/__init__.py",
    "app/a.py",
    "tests/test_a.py",
    "app/a.py/b.py",
    "app/d/e.py",
)


_entries: st.SearchStrategy[Entry] = st.one_of(
    st.sampled_from(TEXTS),
    st.none(),
    st.sampled_from(TEXTS).map(lambda text: (EXECUTABLE, text.encode())),
    st.just((LINK, b"app/home.py")),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Commit]:
    """Commits with adds, edits, deletes, mode changes, links, file and folder swaps, branches, merges."""
    commits: list[Commit] = []
    for number in range(draw(st.integers(2, 8))):
        files = draw(st.dictionaries(st.sampled_from(PATHS), _entries, max_size=4))
        if "app/a.py" in files and files.get("app/a.py/b.py") is not None:
            files["app/a.py"] = None
        parents = None
        if number:
            first = draw(st.integers(max(0, number - 3), number - 1))
            other = draw(st.integers(0, number - 1))
            parents = (first, other) if other != first else (first,)
        commits.append(Commit(files, parents))
    return commits
