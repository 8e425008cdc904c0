"""Generated programs: what is shown compiles, breaks no rule anew, is stable, leaves the rest alone."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.fixes.model import Rewrite, Selection
from scanner.fixes.rounds import rewrite_in
from scanner.model import RepoPath
from tests.scanner.fixes.tables import APP
from tests.scanner.fixes.trees import plan_of, workspace_of

pytestmark = pytest.mark.slow

PLAN = plan_of("""
  - id: factory
    kind: deprecated-symbol
    symbols: [app.factory.get_factory, app.factory.configure]
    replacement: {symbol: app.factory.create_factory, arguments: {user: app.user.User}}
  - {id: home, kind: canonical-import, names: {User: app.user}}
  - {id: agent, kind: missing-argument, callables: [".create"], argument: user, position: 1}
  - {id: left, kind: deprecation-warning}
  - {id: utc, kind: pattern, pattern: "utcnow($$$A)", fix: "now($$$A)"}
""")
TREE = {**APP, "app/old.py": "class User: ...\nother = 1\n"}
EDGE = "# not to be touched: ünï\t 'quotes' \"both\"  "

NAMES = st.sampled_from(
    ["get_factory", "make", "factory.get_factory", "app.factory.get_factory", "configure"]
)
IMPORTS = st.sampled_from(
    [
        "from app.factory import get_factory",
        "from app.factory import get_factory as make",
        "from app.factory import configure, get_factory",
        "from app.factory import (\n    create_factory,  # new\n    get_factory,  # old\n)",
        "from app.factory import *",
        "from .factory import configure",
        "import app.factory",
        "from app import factory",
        "from app.old import User",
        "from app.old import other, User as U",
        "from app.user import User",
        "import warnings, os",
        "import warnings",
        "from lib import utcnow, now",
        "try:\n    from app.factory import get_factory\nexcept ImportError:\n    get_factory = None",
    ]
)
ARGUMENTS = st.sampled_from(["", "", "", "1", "user", "bus=2", "*a", "**k", "user=None", "user=user", "\n"])


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """Calls of the old and the new, in each other's arguments and in other code."""
    kind = draw(st.integers(0, 8 if depth else 3))
    name, arguments = draw(NAMES), draw(ARGUMENTS)
    inner = draw(expressions(depth - 1)) if depth else "x"
    plain = [f"{name}({arguments})", name, f"f.create('a', {arguments})", f"utcnow({arguments})"]
    nested = [
        f"f.create({inner})",
        f"[{inner} for user in users]",
        f"({inner}, {name}())",
        f"(lambda: {inner})",
        f"utcnow({inner})",
    ]
    return (plain + nested)[kind]


PARAMETERS = st.sampled_from(
    [
        "",
        "self",
        "user",
        "user: User",
        "who: User",
        "user=None",
        "user: User | None",
        "*user",
        "self, user: 'User'",
    ]
)


@st.composite
def statements(draw: st.DrawFn, depth: int = 2) -> list[str]:
    """The lines of one statement."""
    value = draw(expressions())
    kind = draw(st.integers(0, 12 if depth else 7))
    simple = [
        f"made = {value}",
        f"self.made = {value}",
        f"use({value}); other = 1  {EDGE}",
        "if old: warnings.warn('x', DeprecationWarning)",
        "log.info('deprecated')",
        "user = User()",
        "user = None",
        "x = 'app.factory.get_factory'",
    ]
    if kind < len(simple):
        return [simple[kind]]
    body = [line for lines in draw(st.lists(statements(depth - 1), min_size=1, max_size=3)) for line in lines]
    if kind == len(simple) + 1:
        body.append(f"made = await {value}")
    heads = [
        f"def run({draw(PARAMETERS)}):",
        f"async def run({draw(PARAMETERS)}):",
        "class A:",
        "if user is not None:",
        f"for user in {value}:",
    ]
    return [heads[kind - len(simple)], *("    " + line.replace("\n", "\n    ") for line in body)]


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    """A file that compiles, with one kind of line end, with or without a byte order mark."""
    imports = draw(st.lists(IMPORTS, max_size=4))
    body = [line for lines in draw(st.lists(statements(), min_size=1, max_size=4)) for line in lines]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = "\n".join([EDGE, *imports, EDGE, *body, EDGE]) + draw(st.sampled_from(["\n", ""]))
    raw = text.replace("\n", end).encode()
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + raw


def run(raw: bytes) -> tuple[Rewrite, list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """The file rewritten, and what a scan of the tree says before and after."""
    path = RepoPath("app/use.py")
    workspace = workspace_of(PLAN, {**TREE, path: raw})
    before = said_by(workspace_of(PLAN, {**TREE, path: raw}).findings(path))
    result = rewrite_in(workspace, path, Selection())
    after = said_by(workspace_of(PLAN, {**TREE, path: result.after}).findings(path))
    assert said_by(workspace.findings(path)) == after, "the draft is not what a cold scan of its text says"
    return result, before, after


def said_by(findings: tuple[object, ...]) -> list[tuple[str, str, str]]:
    return sorted((f.rule, f.role, f.symbol) for f in findings)  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(programs())
def test_every_result_is_proven(raw: bytes) -> None:
    result, before, after = run(raw)
    if not result.changed:
        return
    compile(result.after, "use.py", "exec")
    assert len(after) < len(before)
    rest = list(before)
    for said in after:  # nothing new: a partly used import may only become less used
        assert said in rest, (before, after)
        rest.remove(said)
    again, _, _ = run(result.after)
    assert not again.changed
    assert result.after.count(EDGE.encode()) == raw.count(EDGE.encode())
    assert (b"\r\n" in raw) == (b"\r\n" in result.after) or b"\n" not in result.after
    assert raw.startswith(b"\xef\xbb\xbf") == result.after.startswith(b"\xef\xbb\xbf")


@settings(max_examples=30, deadline=None)
@given(programs())
def test_every_finding_is_gone_or_refused_with_its_line(raw: bytes) -> None:
    result, _, after = run(raw)
    refused = sorted((refusal.rule, refusal.role, refusal.symbol) for refusal in result.refused)
    assert sorted(set(after)) == sorted(set(refused))
    lines = result.after.count(b"\n") + 1
    assert all(1 <= refusal.line <= lines and refusal.reason for refusal in result.refused)


@settings(max_examples=30, deadline=None)
@given(programs())
def test_no_code_is_lost_that_the_rules_do_not_speak_of(raw: bytes) -> None:
    result, _, _ = run(raw)
    try:
        old, new = ast.parse(raw), ast.parse(result.after)
    except SyntaxError:
        assert not result.changed
        return

    def kept(tree: ast.Module) -> list[str]:
        names = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef))
        assigned = (
            node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in {"made", "other"}
        )
        return sorted([*names, *assigned])

    assert kept(old) == kept(new)
