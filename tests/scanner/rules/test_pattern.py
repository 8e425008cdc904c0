"""Patterns and whole rules of ast-grep: what they match, and which are refused with the plan."""

from typing import Any

import pytest

from scanner.planfile import read_plan
from scanner.planfile.errors import PlanError
from scanner.proposals.detectors.old_syntax import IDIOMS
from scanner.rules.pattern import Pattern
from tests.scanner.rules.tools import check_hits, check_silent, find, make_rule

UTCNOW = "datetime.utcnow($$$)"


def test_reports_each_match() -> None:
    hits = check_hits(
        make_rule("pattern", pattern=UTCNOW),
        """
        from datetime import datetime
        now = datetime.utcnow()  #! match
        class Clock:
            def read(self):
                return "é", datetime . utcnow(  #! match
                )
        """,
    )["app/views.py"]
    assert [(hit.symbol, hit.scope, hit.location.column) for hit in hits] == [
        ("datetime.utcnow", "", 7),
        ("datetime . utcnow", "Clock.read", 21),
    ]
    assert (hits[1].location.end_line, hits[1].location.end_column) == (7, 10)


def test_finds_a_match_wherever_it_stands_in_a_statement() -> None:
    check_hits(
        make_rule("pattern", pattern=UTCNOW),
        """
        @stamped(datetime.utcnow())  #! match
        def read(at=datetime.utcnow()):  #! match
            if at:
                at = datetime.utcnow(); again = datetime.utcnow()  #! match match
            elif datetime.utcnow() > at:  #! match
                return f"é {datetime.utcnow()}"  #! match
            else:
                late = [x for x in late if x < datetime.utcnow()]  #! match
            match at:
                case Moment() if at < datetime.utcnow():  #! match
                    with opened(datetime.utcnow()) as day:  #! match
                        return lambda: datetime.utcnow(datetime.utcnow())  #! match match
            while datetime.utcnow() < at: pass  #! match
            # datetime.utcnow()
        """,
    )


def test_comments_with_the_words_are_passed_over() -> None:
    rule = make_rule("pattern", pattern=UTCNOW)
    comments = "# now = datetime.utcnow()\n" * 30_000  # the grammar would take 15 s for them
    check_hits(rule, f"now = datetime.utcnow()  #! match\n{comments}now = datetime.utcnow()  #! match\n")


@pytest.mark.parametrize(
    "code",
    [
        "now = datetime.now()",
        "# datetime.utcnow()",
        "text = 'datetime.utcnow()'",
        '"""\ndatetime.utcnow()\n"""',
        "now = datetime.utcnow",
        "now = my.datetime.utcnow()",
    ],
)
def test_stays_silent(code: str) -> None:
    check_silent(make_rule("pattern", pattern=UTCNOW), code)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"kind": "global_statement"}, "def f():\n    global x  #! match\n"),
        (
            {"pattern": "print($$$)", "inside": {"kind": "function_definition", "stopBy": "end"}},
            "print(1)\ndef f():\n    if x:\n        print(2)  #! match\n",
        ),
        (
            {"any": [{"pattern": "eval($A)"}, {"pattern": "exec($A)"}]},
            "eval(a)  #! match\nexec(a)  #! match\nexit(a)\n",
        ),
        ({"pattern": "run($A)", "not": {"pattern": "run(1)"}}, "run(1)\nrun(2)  #! match\n"),
        (
            {"pattern": {"context": "class A:\n  x: int = $V", "selector": "assignment"}},
            "x: int = 3  #! match\n",
        ),
        ({"all": [{"pattern": "f($A)"}, {"regex": "1"}]}, "f(1)  #! match\nf(2)\n"),
    ],
)
def test_takes_whole_rules(rule: dict[str, Any], code: str) -> None:
    check_hits(make_rule("pattern", rule=rule), code)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("f($A, $$$)", "f(1)  #! match\nf(1, 2)  #! match\nf(1,)  #! match\nf()\n"),
        (
            "f(g($A, $$$B), $$$C)",
            "f(g(1))  #! match\nf(g(1), 2)  #! match\nf(g(1, 2))  #! match\nf(1, g(1))\n",
        ),
        ("f($$$A, k=$K, $$$B)", "f(k=1)  #! match\nf(1, k=1)  #! match\nf(k=1, m=2)  #! match\nf(m=2)\n"),
        ("[$A, $$$]", "a = [1]  #! match\nb = [1, 2]  #! match\nc = []\n"),
        ("($A, $$$)", "a = (1)\nb = (1, 2)  #! match\n"),
    ],
)
def test_any_number_includes_none_after_a_comma(pattern: str, code: str) -> None:
    check_hits(make_rule("pattern", pattern=pattern), code)


@pytest.mark.parametrize(
    ("idiom", "code"),
    [
        (
            "str-format",
            """
            a = '{}'.format(x)  #! match
            b = f'{x} {{}}'.format(y)  #! match
            c = '{} ' '{}'.format(x, y)  #! match
            d = ('{} ' '{}').format(x, y)  #! match
            e = ('{}').format(x)  #! match
            f = (  #! match
                # The two parts of a sentence.
                '{} '
                r'{}'
            ).format(x, y)
            g = ('{}' + y).format(x)
            h = template.format(x)
            i = ('{}',).format(x)
            j = ('{}' if x else '{} ').format(x)
            k = text('{}').format(x)
            l = '{}'.formatted(x)
            """,
        ),
        (
            "percent-format",
            """
            a = '%s' % x  #! match
            b = f'{x} %s' % y  #! match
            c = '%s ' '%s' % (x, y)  #! match
            d = ('%s ' u'%s') % (x, y)  #! match
            e = (  #! match
                '%s '
                '%s') % (x, y)
            f = b'%s' % x
            g = (Rb'%s ' b'%s') % (x, y)
            h = (
                b'%s '
            ) % x
            i = x % '%s'
            j = ('%s' + y) % x
            """,
        ),
    ],
)
def test_finds_formatted_text_in_several_parts_and_in_parentheses(idiom: str, code: str) -> None:
    options = next(each.options for each in IDIOMS if each.id == idiom)
    check_hits(make_rule("pattern", **options), code)


@pytest.mark.parametrize(
    ("code", "symbol"),
    [
        ("'{} of'.format(x)", "'{} of'.format"),
        ("('{} ' 'of').format(x)", "'{} ' 'of'.format"),
        ("(\n    '{} '\n    'of'\n).format(x)", "'{} '"),
        ("'{} (of)'.format(x)", "'{} "),
    ],
)
def test_a_match_is_about_its_beginning(code: str, symbol: str) -> None:
    rule = make_rule("pattern", rule={"kind": "call"})
    assert [hit.symbol for hit in find(rule, code)["app/views.py"]] == [symbol]


def test_reads_a_file_that_does_not_parse() -> None:
    check_hits(make_rule("pattern", pattern="old($$$)"), "old(1)  #! match\ndef broken(:\n    pass\n")


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        (UTCNOW, b"from datetime import datetime", False),
        (UTCNOW, b"datetime.utcnow()", True),
        ("$A.set($B, $LONG_NAME)", b"offset", True),
        ("$A.set($B)", b"get", False),
    ],
)
def test_parses_only_texts_with_all_words(pattern: str, text: bytes, wanted: bool) -> None:
    assert make_rule("pattern", pattern=pattern).relevance(text).is_wanted is wanted


def test_a_rule_without_words_wants_every_text_but_names_none() -> None:
    rule = make_rule("pattern", rule={"kind": "call"})
    assert rule.relevance(b"").is_wanted
    assert not rule.relevance(b"call").is_named


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "needs either"),
        ({"pattern": "f()", "rule": {"kind": "call"}}, "needs either"),
        ({"rule": {}}, "empty `rule`"),
        ({"pattern": ""}, "No AST root"),
        ({"pattern": "a b"}, "Multiple AST nodes"),
        ({"pattern": "f("}, "does not parse as Python: 'f('"),
        ({"pattern": "1 +"}, "does not parse as Python"),
        ({"rule": {"kind": "no_such_kind"}}, "Kind `no_such_kind` is invalid"),
        ({"rule": {"patern": "f()"}}, "unknown field `patern`"),
        ({"rule": {"regex": "("}}, "ast-grep rejects"),
        ({"rule": {"matches": "other"}}, "`other` is not defined"),
        ({"rule": {"pattern": 3}}, "ast-grep rejects"),
    ],
)
def test_refuses_what_ast_grep_does_not_take(options: dict[str, Any], words: str) -> None:
    assert words in Pattern.problem(options)


def test_the_plan_names_the_line_of_a_pattern_that_is_refused() -> None:
    plan = """
version: 1
name: P
rules:
  - {id: a, kind: pattern, pattern: 'f($A)'}
  - {id: b, kind: pattern, pattern: 'f('}
"""
    with pytest.raises(PlanError, match=r"plan.yaml:6.*does not parse as Python: 'f\('"):
        read_plan(plan, "plan.yaml", {"pattern": Pattern})
