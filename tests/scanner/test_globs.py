"""Path globs and name globs: what each takes, what is refused, and that no pattern backtracks."""

import pytest

from scanner.globs import glob_problem, name_matches, path_matches
from tests.scanner.glob_cases import MATCHING, NOT_MATCHING


@pytest.mark.parametrize(("glob", "path"), MATCHING)
def test_matches(glob: str, path: str) -> None:
    assert glob_problem(glob) == ""
    assert path_matches((glob,), path)


@pytest.mark.parametrize(("glob", "path"), NOT_MATCHING)
def test_does_not_match(glob: str, path: str) -> None:
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
        ("a\\b", "separate folders with a slash"),
        ("./a.py", "relative to the repository's root"),
        ("a/../b", "relative to the repository's root"),
        ("a//b", "relative to the repository's root"),
        ("a**.py", "must be alone"),
        ("a[bc.py", "unclosed"),
        ("[]*", "unclosed or empty"),
        ("a[!].py", "unclosed or empty"),
        ("x[a/b]", "unclosed"),
        ("[]/a.py", "unclosed or empty"),
        ("[z-a].py", "empty or reversed"),
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
def test_no_pattern_backtracks(glob: str) -> None:
    assert not path_matches((glob,), "a/" * 2000 + "a" * 4000)
