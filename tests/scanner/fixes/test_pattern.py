"""A rule's own `fix`, written in the place of each match."""

import pytest

from scanner.fixes.context import FixContext
from scanner.fixes.kinds.pattern import rewrite
from scanner.fixes.model import Refusal
from scanner.model import RepoPath
from scanner.planfile import PlanError
from scanner.python.source import Source
from tests.scanner.fixes.tables import becomes, stays
from tests.scanner.fixes.trees import plan_of, workspace_of


def rule(pattern: str, fix: str) -> str:
    return f"  - {{id: p, kind: pattern, pattern: {pattern!r}, fix: {fix!r}}}"


FIXED = [
    pytest.param("old()", "new()", "x = old()", "x = new()", id="plain"),
    pytest.param("old($A)", "new($A)", "old( 1 )", "new(1)", id="one"),
    pytest.param("old($A, $B)", "new($B, $A)", "old(a.b, 'c')", "new('c', a.b)", id="two"),
    pytest.param("old($$$ALL)", "new($$$ALL)", "old(1, *b,  c=2)", "new(1, *b,  c=2)", id="many as written"),
    pytest.param("old($$$ALL)", "new($$$ALL)", "old()", "new()", id="many that are none"),
    pytest.param("old($A, $$$B)", "new($A, $$$B)", "old(1)", "new(1)", id="none after a comma"),
    pytest.param("old($A, $$$B)", "new($A, $$$B)", "old(1, 2)", "new(1, 2)", id="one after a comma"),
    pytest.param("old($A, $$$B)", "new(($A, $$$B))", "old(1)", "new((1, ))", id="a tuple keeps its comma"),
    pytest.param("old($A)", "new($A)", "old(old(1))", "new(new(1))", id="one in the other"),
    pytest.param("$A.get_old()", "$A.new", "é = a['é'].get_old().x", "é = a['é'].new.x", id="not ASCII"),
    pytest.param(
        "assertEqual($A, $B)", "assert $A == $B", "assertEqual(1, 2)", "assert 1 == 2", id="a statement"
    ),
    pytest.param(
        "print($A)",
        "log($A)\\nflush()",
        "if x:\n    print(1)",
        "if x:\n    log(1)\n    flush()",
        id="two lines",
    ),
    pytest.param(
        "eq($A, $B)", "assert $A == $B", "eq(x or y, 2)", "assert (x or y) == 2", id="operators kept together"
    ),
    pytest.param("eq($A, $B)", "assert $A == $B", "eq(-1, [1, 2])", "assert (-1) == [1, 2]", id="unary"),
    pytest.param(
        "eq($A, $B)",
        "assert $A == $B",
        "eq(\n    a +\n    b,\n    c)",
        "assert (a +\n    b) == c",
        id="lines",
    ),
    pytest.param(
        "eq($A, $B)", "assert $A == $B", "eq(a(\n    b), c)", "assert a(\n    b) == c", id="lines in brackets"
    ),
    pytest.param("ok($A)", "assert $A", "ok(a or b)", "assert a or b", id="all of an assert"),
    pytest.param(
        "ok($A)", "assert $A", "ok(a or\n   b)", "assert (a or\n   b)", id="all of an assert, two lines"
    ),
    pytest.param("twice($A)", "$A + $A", "x = 2 * twice(y)", "x = 2 * (y + y)", id="the whole kept together"),
    pytest.param("twice($A)", "$A + $A", "f(twice(y))", "f(y + y)", id="no brackets where there are some"),
    pytest.param("same($A)", "$A", "x = same(a + b) * 2", "x = (a + b) * 2", id="brackets of both"),
    pytest.param(
        "old($A)",
        "new($A)",
        "if x:\n    if y: pass\n    elif not old(1) and (\n        old(2)\n    ): pass\n    else: pass",
        "if x:\n    if y: pass\n    elif not new(1) and (\n        new(2)\n    ): pass\n    else: pass",
        id="the condition of an elif",
    ),
    pytest.param(
        "old($A)",
        "new($A)",
        "class C:\n    @old(1)\n    @ (old(2))\n    def f(self): pass",
        "class C:\n    @new(1)\n    @ (new(2))\n    def f(self): pass",
        id="a decorator",
    ),
    pytest.param("$A.old()", "$A.new()", "x = y.old().old()", "x = y.new().new()", id="a chain of matches"),
    pytest.param("call($A)", "new($A)", "call(a or b)", "new(a or b)", id="an argument needs none"),
]
HEAD = "from lib import old, new, log, flush\n"


@pytest.mark.parametrize(("pattern", "fix", "before", "after"), FIXED)
def test_a_match_becomes_the_fix(pattern: str, fix: str, before: str, after: str) -> None:
    plan = plan_of(
        rule(pattern, fix).replace("\\\\n", "\\n").replace("'log($A)\\nflush()'", '"log($A)\\nflush()"')
    )
    becomes(plan, {}, f"{HEAD}{before}\n", f"{HEAD}{after}\n")


STAYS = [
    pytest.param(
        "eq($A, $B)",
        "assert $A == $B",
        "eq(1,  # one\n  2)",
        "a comment would be lost",
        id="comment lost",
    ),
    pytest.param(
        "old()", "new(UTC)", "x = old()", "the fix uses UTC, which nothing in this file binds", id="unbound"
    ),
    pytest.param("old()", "new(", "x = old()", "the result does not compile", id="no Python"),
    pytest.param("old()", "old()", "x = old()", "would change nothing", id="no change"),
    pytest.param("old($A)", "old($A, 1) + old($A)", "x = old(2)", "finding", id="matches itself"),
]


@pytest.mark.parametrize(("pattern", "fix", "text", "reason"), STAYS)
def test_a_fix_that_cannot_be_proven_is_not_shown(pattern: str, fix: str, text: str, reason: str) -> None:
    stays(plan_of(rule(pattern, fix)), {}, f"{HEAD}{text}\n", reason)


def test_without_a_fix_the_rule_says_so() -> None:
    plan = plan_of("  - {id: p, kind: pattern, pattern: old()}")
    stays(plan, {}, "old()\n", "the rule has no fix")


def test_a_whole_rule_has_its_fix_too() -> None:
    plan = plan_of(
        "  - {id: p, kind: pattern, rule: {pattern: 'old($A)', inside: {kind: argument_list}}, fix: new($A)}"
    )
    becomes(plan, {}, f"{HEAD}f(old(1))\nold(1)\n", f"{HEAD}f(new(1))\nold(1)\n")


def test_a_fix_that_asks_for_more_than_the_pattern_takes_is_refused_with_the_plan() -> None:
    with pytest.raises(PlanError, match=r"a `fix` with \$B, which the pattern does not contain"):
        plan_of(rule("old($A)", "new($B)"))


def test_a_finding_that_no_longer_matches_its_code_is_refused() -> None:
    plan, path = plan_of(rule("old($A)", "new($A)")), RepoPath("a.py")
    stale = workspace_of(plan, {path: "x = old(1)\n"}).findings(path)
    workspace = workspace_of(plan, {path: "x = 1\ny = old(2)\n"})
    context = FixContext(workspace, Source(path, b"x = 1\ny = old(2)\n"))
    (outcome,) = rewrite(context, plan.rules[0], stale)
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "the reported code could not be found again"
