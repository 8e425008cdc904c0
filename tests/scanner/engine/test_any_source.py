"""Whatever a file holds costs that file alone, is listed with its reason, and is never clean by accident."""

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from scanner import FileResult, RepoPath, Walker, decode_path, encode_path, open_repository, read_plan
from scanner.engine import worker
from scanner.engine.analyzer import Analyzer
from scanner.git.batch import Missing
from tests.scanner.gitdir import GitDir
from tests.scanner.history import LINK, SUBMODULE, Commit, Entry, write_history

pytestmark = pytest.mark.slow

PLAN = read_plan(
    """
version: 1
name: Old
rules: [{id: old, kind: deprecated-symbol, symbols: [lib.get_old]}]
""",
    "plan.yaml",
)
USE = "import lib\nlib.get_old()\n"
PYTHON_2 = [
    *(
        "print 'x'\n",
        "exec 'x' in d\n",
        "raise E, 'x'\n",
        "x = `y`\n",
        "if a <> b: pass\n",
    ),
    *("x = ur'y'\n", "x = 0777\n", "x = 10L\n", "def f(a, (b, c)): pass\n", "lambda (a, b): a\n"),
]
# What Python 2 wrote, and Python 3.14 reads too, though it means something else.
BOTH = ["print >>f, 'x'\n", "try:\n    pass\nexcept E, e:\n    pass\n"]
PYTHON_3 = [
    *("class A[T = int]: pass\n", "type A[*T = *tuple[int]] = list[T]\n"),
    *("type A[T] = list[T]\n", "class A[T: int]: pass\n", "def f[*T, **P](x: T): ...\n", "x = f'{d['a']}'\n"),
    *(
        "x = f'{\"\\n\".join(a)}'\n",
        "x = f'''{\n  y # why\n}'''\n",
        "x = t'{y}'\n",
        "x = f'{x!r:>{width}}'\n",
    ),
    *("try:\n    pass\nexcept* E:\n    pass\n", "try:\n    pass\nexcept A, B:\n    pass\n"),
    *(
        "match x:\n    case {'a': [1, *_]} if y: pass\n    case A(b=1) | None: pass\n",
        "match = case = type = _ = 1\n",
    ),
    *(
        "with (open(a) as b, open(c) as d): pass\n",
        "@(lambda f: f)\ndef g(): pass\n",
        "x[*y]\n",
        "(x := 1)\n",
    ),
    *("def f(a, /, b, *, c): pass\n", "async def f():\n    return [x async for x in y]\n", "x = 1_000\n"),
]
UNICODE_ESCAPE = b"# coding: unicode_escape\nimport lib\nlib.\\x67et_old()\n"
RAW_UNICODE_ESCAPE = b"# coding: raw_unicode_escape\nimport lib\nlib.\\u0067et_old()\n"
UTF_7 = b"# coding: utf-7\nimport lib\nlib.get+AF8-old()\n"


@pytest.fixture
def look(tmp_path: Path):  # type: ignore[no-untyped-def]
    """The results of a tree at its only commit, by path."""

    def run(tree: dict[Any, Entry]) -> dict[RepoPath, FileResult]:
        shas = write_history(tmp_path / "r.git", [Commit({"good.py": USE, **tree})])
        with open_repository(str(tmp_path / "r.git")) as repository, Walker(repository, PLAN) as walker:
            visit = next(walker.walk(shas))
            found = dict(visit.files)
            assert visit.tally.files == sum(result.skipped is None for result in found.values())
            assert visit.tally.skipped == len(found) - visit.tally.files
        assert found[RepoPath("good.py")].violations, "one bad file must not cost another"
        return found

    return run


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(USE.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(b"# old Mac\r" + USE.replace("\n", "\r").encode(), id="CR alone"),
        pytest.param(b"\xef\xbb\xbf" + USE.encode(), id="byte order mark"),
        pytest.param(USE.replace("\n", "\n\f\n").encode(), id="form feeds"),
        pytest.param(b"# -*- coding: latin-1 -*-\nname = '\xe9'\n" + USE.encode(), id="Latin-1"),
        pytest.param(b"# coding: cp1251\nname = '\xcf'\n" + USE.encode(), id="Cyrillic"),
        pytest.param(UTF_7, id="UTF-7, where the name has other bytes"),
        pytest.param(UNICODE_ESCAPE, id="unicode_escape, which Python runs"),
        pytest.param(RAW_UNICODE_ESCAPE, id="raw_unicode_escape"),
        pytest.param(b"# coding: idna\n" + USE.encode(), id="idna"),
        pytest.param(b"type A[T] = list[T]\ndef f[T](x: T): ...\n" + USE.encode(), id="Python 3.12"),
        pytest.param(USE.encode() + b"x = '" + b"long" * 50_000 + b"'\n", id="a very long line"),
        pytest.param(USE.encode() + b"x = " + b"(" * 200 + b"1" + b")" * 200 + b"\n", id="nesting"),
        pytest.param(USE.encode() + b"x = " + b"1 + " * 20_000 + b"1\n", id="a sum of 20,000 terms"),
    ],
)
def test_a_text_that_python_reads_is_read(look, text: bytes) -> None:  # type: ignore[no-untyped-def]
    result = look({"odd.py": text})["odd.py"]
    assert [finding.role for finding in result.violations] == ["call"]
    assert result.unparsed is None


@pytest.mark.parametrize("text", BOTH + PYTHON_3)
def test_syntax_of_any_supported_python_is_read(look, text: str) -> None:  # type: ignore[no-untyped-def]
    result = look({"odd.py": text + USE})["odd.py"]
    assert [finding.role for finding in result.violations] == ["call"]
    assert result.unparsed is None


@pytest.mark.parametrize("text", PYTHON_2)
def test_older_syntax_is_listed_and_its_findings_count(look, text: str) -> None:  # type: ignore[no-untyped-def]
    result = look({"odd.py": text + USE})["odd.py"]
    assert [finding.role for finding in result.violations] == ["call"]
    assert result.unparsed.line == 1
    assert result.unparsed.reason


def test_brackets_that_no_python_reads_are_listed(look) -> None:  # type: ignore[no-untyped-def]
    text = USE + "x = " + "(" * 2000 + "1" + ")" * 2000 + "\n"
    result = look({"odd.py": text})["odd.py"]
    assert [finding.role for finding in result.violations] == ["call"]
    assert result.unparsed.line == 3
    assert "too deeply nested" in result.unparsed.reason


@pytest.mark.parametrize(
    "name",
    [
        *(
            b"with space.py",
            b"new\nline.py",
            b"no-\xff-utf-8.py",
            b"--option.py",
            b"back\\slash.py",
            b'quote".py',
        ),
        *(
            "é.py".encode(),
            "e\u0301.py".encode(),
            b"d/" * 100 + b"deep.py",
            b"x" * 200 + b".py",
            b" .py",
            b"\t.py",
        ),
        *(b"a/b.py/c.py", b"*.py", b"$(touch x).py", b":(glob)x.py", "\u202egnp.py".encode()),
    ],
)
def test_a_path_of_any_bytes_is_read_and_keeps_them(look, name: bytes) -> None:  # type: ignore[no-untyped-def]
    found = look({name: USE, b"more/" + name: "def broken(:\n    get_old(\n"})
    path, more = decode_path(name), decode_path(b"more/" + name)
    assert [(finding.path, finding.line) for finding in found[path].violations] == [(path, 2)]
    assert encode_path(path) == name
    assert found[more].unparsed.path == more


@pytest.mark.parametrize("packed", [False, True])
def test_a_lost_content_is_skipped_with_its_reason_and_not_counted(tmp_path: Path, packed: bool) -> None:
    made = GitDir.create(tmp_path / "r")
    sha = made.commit("Begin", {"good.py": USE, "lost.py": f"# lost\n{USE}"})
    blob = made.git("rev-parse", "HEAD:lost.py")
    if packed:  # a clone that left out what is large, as partial clones do
        made.git("config", "uploadpack.allowFilter", "true")
        made.git(
            "clone", "-q", "--bare", "--filter=blob:none", f"file://{made.path}", str(tmp_path / "p.git")
        )
    else:
        (made.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with (
        open_repository(str(tmp_path / ("p.git" if packed else "r"))) as repository,
        Walker(repository, PLAN) as walker,
    ):
        visit = next(walker.walk([sha]))
        reason = str(visit.files[RepoPath("lost.py")].skipped)
    assert ("is a partial clone" if packed else "is missing from the repository") in reason
    assert (visit.tally.files, visit.tally.skipped) == ((0, 2) if packed else (1, 1))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(b"def broken(:\n" + USE.encode(), "Expected a parameter", id="syntax"),
        pytest.param(
            b"from os\nimport re\n" + USE.encode(), "Expected `import`", id="an import torn by a line end"
        ),
        pytest.param(
            USE.encode() + b"x = lib.\nget_old()\n", "Expected an identifier", id="an attribute torn so"
        ),
        pytest.param(b"# \xe9\n" + USE.encode(), "not UTF-8", id="bytes that are no UTF-8"),
        pytest.param(b"# coding: klingon\n" + USE.encode(), "unknown", id="unknown encoding"),
    ],
)
def test_a_text_with_syntax_errors_is_listed_and_not_clean(look, text: bytes, reason: str) -> None:  # type: ignore[no-untyped-def]
    result = look({"odd.py": text})["odd.py"]
    assert reason in result.unparsed.reason
    assert result.unparsed.line > 0
    assert result.violations
    assert not result.clean


def test_a_text_that_cannot_be_read_and_hides_its_finding_is_open_all_the_same(look) -> None:  # type: ignore[no-untyped-def]
    result = look({"odd.py": "# get_old\nx = (((\n"})["odd.py"]
    assert result.unparsed
    assert not result.violations
    assert not result.clean


def test_a_broken_text_that_names_it_is_open_though_no_rule_would_have_read_it() -> None:
    rules = (
        "version: 1\nname: Homes\nrules: [{id: home, kind: canonical-import, names: {Context: lib.context}}]"
    )
    report = Analyzer(read_plan(rules, "plan.yaml")).analyze(
        RepoPath("odd.py"), b"def broken(:\n    Context()\n"
    )
    assert report.fault
    assert report.tainted


def test_a_broken_text_without_the_plans_names_is_clean(look) -> None:  # type: ignore[no-untyped-def]
    assert look({"odd.py": "def broken(:\n"})["odd.py"].clean


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(b"get_old\0", "binary", id="NUL"),
        pytest.param(USE.encode("utf-16"), "UTF-16", id="UTF-16"),
        pytest.param(b"#" * 1_000_001, "more than the limit of 1,000,000", id="large"),
        pytest.param(
            b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n",
            "Git LFS pointer",
            id="LFS",
        ),
    ],
)
def test_a_file_that_is_not_text_is_skipped_with_its_reason(look, text: bytes, reason: str) -> None:  # type: ignore[no-untyped-def]
    result = look({"odd.py": text})["odd.py"]
    assert reason in result.skipped.reason


def test_links_and_submodules_are_no_files(look) -> None:  # type: ignore[no-untyped-def]
    tree = {"link.py": (LINK, b"/etc/passwd"), "sub.py": (SUBMODULE, b"1" * 40)}
    assert set(look(tree)) == {"good.py"}


def test_a_parser_bomb_is_listed_as_unparsed(look) -> None:  # type: ignore[no-untyped-def]
    result = look({"bomb.py": b"get_old " + random.Random(8).randbytes(400_000).replace(b"\0", b"\1")})[
        "bomb.py"
    ]
    assert result.unparsed
    assert not result.clean


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_kills_its_reader_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    read = Analyzer.analyze

    def killed_by_some(self: Analyzer, path: RepoPath, content: bytes | Missing):  # type: ignore[no-untyped-def]
        if path.startswith("bad"):
            os.kill(os.getpid(), signal.SIGKILL)
        return read(self, path, content)

    monkeypatch.setattr(Analyzer, "analyze", killed_by_some)
    tree = {f"{name}{number}.py": f"# {number}\n{USE}" for name in ("bad", "good") for number in range(150)}
    tree = {path: text for path, text in tree.items() if path[:3] != "bad" or path in ("bad3.py", "bad70.py")}
    more = {f"plain{number}.py": f"x = {number}\n" for number in range(200)}
    shas = write_history(tmp_path / "r.git", [Commit({**tree, **more})])
    with (
        open_repository(str(tmp_path / "r.git")) as repository,
        Walker(repository, PLAN, processes=processes) as walker,
    ):
        visit = next(walker.walk(shas))
        assert {path for path, result in visit.files.items() if result.unparsed} == {"bad3.py", "bad70.py"}
        assert visit.tally.violations == 150
        assert visit.tally.files_with_violations == 150
        assert visit.tally.clean == 200


def test_a_file_that_takes_too_long_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Analyzer.analyze

    def endless_for_one(self: Analyzer, path: RepoPath, content: bytes | Missing):  # type: ignore[no-untyped-def]
        while path == "bad.py":
            pass
        return read(self, path, content)

    monkeypatch.setattr(Analyzer, "analyze", endless_for_one)
    monkeypatch.setattr(worker, "_SECONDS_PER_FILE", 1.0)
    shas = write_history(tmp_path / "r.git", [Commit({"bad.py": USE, "good.py": USE})])
    with open_repository(str(tmp_path / "r.git")) as repository, Walker(repository, PLAN) as walker:
        files = next(walker.walk(shas)).files
        assert files[RepoPath("good.py")].violations
        assert "took more than 1 second" in str(files[RepoPath("bad.py")].unparsed)
        assert not files[RepoPath("bad.py")].clean


def test_a_rule_that_stumbles_costs_its_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Analyzer.analyze

    def stumbling(self: Analyzer, path: RepoPath, content: bytes | Missing):  # type: ignore[no-untyped-def]
        if path == "bad.py":
            raise RecursionError("too deep")
        return read(self, path, content)

    monkeypatch.setattr(Analyzer, "analyze", stumbling)
    shas = write_history(tmp_path / "r.git", [Commit({"bad.py": USE, "good.py": USE})])
    with open_repository(str(tmp_path / "r.git")) as repository, Walker(repository, PLAN) as walker:
        files = next(walker.walk(shas)).files
        assert files[RepoPath("good.py")].violations
        assert "too deep" in str(files[RepoPath("bad.py")].unparsed)
        assert not files[RepoPath("bad.py")].clean
