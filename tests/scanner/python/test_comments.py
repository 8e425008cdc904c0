"""Long runs of comments are passed over, and nothing else of a file changes by it."""

from scanner.engine.suppressions import read_suppressions
from scanner.python.comments import MARK, blank_runs
from scanner.python.source import Source

RUN = "".join(f"{' ' * (number % 13)}# was: call_{number}('é')\n" for number in range(300))


def test_a_megabyte_of_comments_is_read() -> None:
    source = Source("a.py", (RUN * 100 + "\nx = 1\n").encode())
    assert source.fault is None
    assert [node.start_point.row for node in source.words("x")] == [30_001]


def test_text_around_comments_keeps_its_position() -> None:
    text = f"def f():\n    a = 1\n{RUN}\n    return a\n\n\nb = '''\n{RUN}'''\n".encode()
    source = Source("a.py", text)
    assert source.fault is None
    assert source.data == text
    assert [source.scope(node) for node in source.words("a")] == ["f", "f"]
    (string,) = (
        node for node in source.root.children[-1].named_children[0].named_children if node.type == "string"
    )
    assert "call_299('é')" in source.text(string)


def test_short_runs_are_left_alone() -> None:
    text = b"x = 1\n" + b"# one\n" * 90
    assert blank_runs(text) is text


def test_a_suppression_in_a_run_still_counts() -> None:
    text = f"{RUN}# ssot: ignore[old] because it stays\nx = 1\n".encode()
    assert MARK in blank_runs(text)
    suppressions, unexplained = read_suppressions(Source("a.py", text), {"old"})
    assert [(s.first, s.last) for s in suppressions] == [(302, 302)]
    assert not unexplained
