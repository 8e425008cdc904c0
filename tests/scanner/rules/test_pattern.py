"""Patterns and whole rules of ast-grep: what they match, and which are refused with the plan."""

import unicodedata
from typing import Any

import pytest
from ast_grep_py import SgRoot
from hypothesis import given
from hypothesis import strategies as st

from scanner.planfile import read_plan
from scanner.planfile.errors import PlanError
from scanner.proposals.detectors.old_syntax import IDIOMS
from scanner.rules.pattern import Pattern, search_config
from scanner.rules.required_text import required_text
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


_PIECES = st.sampled_from(
    [
        *(
            "self",
            "é",
            "x",
            r"\.",
            r"\(",
            r"\|",
            "%",
            " ",
            ".",
            r"\w",
            r"\d+",
            "[abc]",
            "[^x]",
            "[]|]",
            "[[:alpha:]]",
        ),
        *(
            "(?:Equal|In)",
            "(a)?",
            "(a|b)*",
            "ab*",
            "cd+",
            "e?",
            "f{2}",
            "g{0,1}",
            "h{0}",
            "i*?",
        ),
    ]
)
_REGEXES = st.lists(st.lists(_PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=3).map(
    "|".join
)


@given(regex=_REGEXES, data=st.data())
def test_each_text_that_a_regular_expression_matches_has_what_it_requires(
    regex: str, data: st.DataObject
) -> None:
    required = list(required_text({"regex": regex}))
    text = data.draw(st.from_regex(regex.replace("[[:alpha:]]", "[A-Za-z]")))
    accented = f"{text}\u0301"
    for written in (text, unicodedata.normalize("NFKC", text), unicodedata.normalize("NFKC", accented)):
        assert all(any(part in written.encode() for part in each) for each in required), required


@pytest.mark.parametrize(
    ("regex", "required"),
    [
        (r"^self\.assert(?:Equal|In)$", {b"self.asser"}),
        ("division|generators", {b"divisio", b"generator"}),
        (r"^%$", {b"%"}),
        ("division|x", set()),
        (r"(?i)division", set()),
        (r"\p{Greek}division", set()),
        (r"\x41division", set()),
        ("[a[bc]d]division", set()),
    ],
)
def test_a_regular_expression_requires_its_literal_parts(regex: str, required: set[bytes]) -> None:
    assert set().union(*required_text({"regex": regex})) == required


_RULES: list[dict[str, Any]] = [
    {"rule": {"kind": "binary_operator", "has": {"field": "operator", "regex": "^%$"}}},
    {"rule": {"any": [{"kind": "lambda"}, {"pattern": "$A ** $B"}]}},
    {"rule": {"kind": "call", "has": {"field": "function", "regex": r"^self\.assert(?:Equal|In)$"}}},
    {"rule": {"all": [{"pattern": "from __future__ import $$$N"}, {"regex": "division|generators"}]}},
    {"rule": {"kind": "class_definition", "has": {"field": "superclasses", "regex": r"^\(object\)$"}}},
    {"rule": {"kind": "call", "not": {"has": {"regex": "absent"}}, "inside": {"kind": "for_statement"}}},
    {"rule": {"kind": "identifier", "precedes": {"regex": "^==$"}}},
    {"pattern": "$A is not $B"},
    {"pattern": "$A % $B"},
    {"pattern": "$A @ $B"},
    {"pattern": "$A[$B:$C]"},
    {"pattern": "lambda: $A"},
    {"pattern": "$A == 1"},
]
_CODE = st.lists(
    st.sampled_from(
        [
            *("x = 'a' % b\n", "x %\\\n  y\n", "f = lambda: 1\n", "print 2 ** 3\n", "self.assertEqual(1)\n"),
            *(
                "from __future__ import division\n",
                "class A(object): pass\n",
                "for x in y: f(x)\n",
                "a @ b\n",
            ),
            *(
                "a is  not b\n",
                "a[1:2]\n",
                "b == 1\n",
                "c <> 1\n",
                "class B(\n",
                "if :\n",
                "  x = (\n",
                "for in:\n",
            ),
            *(
                "x = “%”\n",
                "@f\ndef g(): ...\n",
                "'%s' % (\n  # one\n  a)\n",
                "import\n",
                "from x\n",
                "lambda\n",
            ),
        ]
    ),
    max_size=6,
).map("".join)


@given(code=_CODE)
def test_whatever_matches_is_read(code: str) -> None:
    for options in _RULES:
        if SgRoot(code, "python").root().find_all(search_config(options)):
            assert make_rule("pattern", **options).relevance(code.encode()).is_wanted, options
