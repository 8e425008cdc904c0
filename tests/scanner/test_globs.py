"""Path globs and name globs: what each takes, what is refused, and that no pattern is slow."""

from time import perf_counter

import pytest

from scanner.globs import glob_problem, name_matches, path_matches

TAKEN = [
    ("*.py", "a.py"),
    ("**", "a/b"),
    ("**/x", "x"),
    ("**/x", "a/b/x"),
    ("a/**", "a/b/c.py"),
    ("a/**/b.py", "a/b.py"),
    ("a/**/b.py", "a/x/y/b.py"),
    ("**/tests/**", "tests/a.py"),
    ("**/tests/**", "x/tests/y/a.py"),
    ("**/test_*.py", "test_a.py"),
    ("**/a*b*c.py", "x/aZbYbXc.py"),
    ("**/**/a", "a"),
    ("a/*/b", "a/x/b"),
    ("[!a]?.py", "bc.py"),
    ("v[0-9].py", "v7.py"),
    ("**/*.py", "a\nb/c.py"),
    ("[[]x].py", "[x].py"),
]
LEFT = [
    ("*.py", "b/a.py"),
    ("**/x", "ax"),
    ("a/**", "a"),
    ("a/**", "ab/c"),
    ("a/**/b.py", "a/xb.py"),
    ("**/tests/**", "xtests/a.py"),
    ("**/test_*.py", "test_a/b.py"),
    ("a*/b", "a/c/b"),
    ("[!a].py", "a.py"),
    ("[!a]b", "/b"),
    ("a?b", "a/b"),
    ("a.py", "axpy"),
    ("a.py", "a.py\n"),
]


@pytest.mark.parametrize(("glob", "path"), TAKEN)
def test_takes(glob: str, path: str) -> None:
    assert glob_problem(glob) == ""
    assert path_matches((glob,), path)


@pytest.mark.parametrize(("glob", "path"), LEFT)
def test_leaves(glob: str, path: str) -> None:
    assert glob_problem(glob) == ""
    assert not path_matches((glob,), path)


def test_any_of_several_globs_is_enough_and_none_takes_nothing() -> None:
    assert path_matches(("a.py", "b.py"), "b.py")
    assert not path_matches((), "b.py")


@pytest.mark.parametrize(
    ("glob", "words"),
    [
        ("", "empty"),
        ("/a/*.py", "write 'a/*.py'"),
        ("a/", "write 'a/**'"),
        ("a\\b", "separator is a slash"),
        ("./a.py", "from the repository's root"),
        ("a/../b", "from the repository's root"),
        ("a//b", "from the repository's root"),
        ("a**.py", "stands alone"),
        ("a[bc.py", "nothing closes"),
        ("[]/a.py", "empty or runs backwards"),
        ("[z-a].py", "empty or runs backwards"),
    ],
)
def test_a_bad_glob_says_what_to_write(glob: str, words: str) -> None:
    assert words in glob_problem(glob)


def test_a_star_in_a_name_crosses_dots() -> None:
    assert name_matches(("*.Engine",), "a.b.Engine")
    assert name_matches(("create_*", "*Factory"), "AgentFactory")
    assert name_matches(("*",), "anything.at.all")
    assert not name_matches(("*.Engine",), "Engine")
    assert not name_matches(("*Factory",), "FactoryOfThings")
    assert not name_matches((), "x")


@pytest.mark.parametrize("glob", ["**/*" + "a*" * 200 + "b", "**/a/" * 300 + "b", "**/a*/" * 300 + "b"])
def test_no_pattern_is_slow(glob: str) -> None:
    start = perf_counter()
    assert not path_matches((glob,), "a/" * 2000 + "a" * 4000)
    assert perf_counter() - start < 1
