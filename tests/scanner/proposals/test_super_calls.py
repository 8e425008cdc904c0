"""`super(Class, self)` is only proposed where `super()` means the same."""

from textwrap import indent

import pytest

from scanner.planfile import read_plan
from scanner.proposals.rule_lines import rule_line
from scanner.proposals.super_calls import SUPER_CALL
from scanner.python.source import Source
from scanner.rules.pattern import Pattern

RULE = {"id": "super", "kind": "pattern", "rule": SUPER_CALL, "fix": "super()", "risk": "low", "message": "x"}
PLAN = read_plan(f"version: 1\nname: P\nrules:\n{rule_line(RULE)}\n", "plan")


def lines(text: str) -> list[int]:
    report = Pattern(PLAN.rules[0], PLAN).read(Source("shop/a.py", text.encode()))
    return [hit.location.line for hit in report.hits]


CALL = "super(A, self).run()"
CLS = "super(A, cls).run()"


@pytest.mark.parametrize(
    "method",
    [
        f"def run(self):\n    {CALL}",
        f"async def run(self, x=1, *rest):\n    return {CALL}",
        f"def run(self, /, x):\n    if x:\n        with x as self.y:\n            {CALL}",
        f"def __new__(cls):\n    return {CLS}",
        f"@classmethod\ndef run(cls):\n    return {CLS}",
        f"@property\ndef run(self):\n    return {CALL}",
        f"def run(self):\n    self.x = 1\n    self.a, self.b = f(A=A), self\n    del self.x\n    {CALL}",
    ],
)
def test_the_class_and_the_first_parameter_of_a_method_need_no_mention(method: str) -> None:
    text = f"class A(B):\n{indent(method, '    ')}\n"
    (line,) = lines(text)
    assert "super(A, " in text.splitlines()[line - 1]
    assert lines(f"def f():\n{indent(text, '    ')}") == [line + 1]


@pytest.mark.parametrize(
    "method",
    [
        "def run(self):\n    super(B, self).run()",
        "def run(self, other):\n    super(A, other).run()",
        f"@staticmethod\ndef run(self):\n    {CALL}",
        f"def run(*self):\n    {CALL}",
        f"def run(self, x={CALL}):\n    pass",
        f"def run(self):\n    def inner(self):\n        {CALL}",
        f"def run(self):\n    return lambda: {CALL}",
        f"def run(self):\n    return [{CALL} for x in self]",
        f"def run(self):\n    return {{{CALL} for x in self}}",
        f"def run(self):\n    return {{x: {CALL} for x in self}}",
        f"def run(self):\n    return any({CALL} for x in self)",
        f"def run(self):\n    self = self.copy()\n    {CALL}",
        f"def run(self):\n    self += 1\n    {CALL}",
        f"def run(self):\n    self, x = 1, 2\n    {CALL}",
        f"def run(self):\n    [x, *self] = 1, 2\n    {CALL}",
        f"def run(self):\n    for self in x:\n        {CALL}",
        f"def run(self):\n    with x as self:\n        {CALL}",
        f"def run(self):\n    if (self := x):\n        {CALL}",
        f"def run(self):\n    import self\n    {CALL}",
        f"def run(self):\n    {CALL}\n    del x, self",
        f"def run(self, A):\n    {CALL}",
        f"def run(self):\n    A = self\n    {CALL}",
        f"def run(self):\n    from shop import A\n    {CALL}",
        f"class A(B):\n    def run(self):\n        {CALL}",
    ],
)
def test_what_would_mean_something_else_is_no_match(method: str) -> None:
    assert lines(f"class A(B):\n{indent(method, '    ')}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        f"@other\nclass A(B):\n    def run(self):\n        {CALL}\n",
        f"class A(B):\n    def run(self):\n        {CALL}\n\n\nA = other(A)\n",
        f"A = None\n\n\nclass A(B):\n    def run(self):\n        {CALL}\n",
        f"def run(self):\n    {CALL}\n",
    ],
)
def test_a_class_that_may_be_another_one_is_no_match(text: str) -> None:
    assert lines(text) == []
