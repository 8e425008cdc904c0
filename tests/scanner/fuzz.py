"""Broken files through the whole path of a scan: git, reading children, rules, figures.

`python -m tests.scanner.fuzz FOLDER --minutes 10` mutates the Python files of a folder, plants a use of a
listed name in each and says of which the engine is wrong: a crash, a time-out, a failing rule, or a clean
file that is none. What it finds is written to the folder given by `--keep`.
"""

import argparse
import ast
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import tree_sitter_python
from tree_sitter import Language, Parser

from scanner import FileResult, RepoPath, Walker, open_repository, read_plan
from tests.scanner.history import Commit, write_history

PLAN = read_plan(
    """
version: 1
name: Every kind, as wide as it goes
rules:
  - {id: planted, kind: deprecated-symbol, symbols: [planted_module.get_planted, planted_module._planted]}
  - {id: single, kind: singleton}
  - {id: state, kind: shared-state}
  - {id: shared, kind: shared-return}
  - {id: context, kind: missing-argument, callables: ["*"], argument: planted, only_none: true}
  - {id: home, kind: canonical-import, names: {Context: planted_module.context, Path: planted_module.paths}}
  - {id: once, kind: duplicate-definition, names: ["*"]}
  - {id: left, kind: deprecation-warning}
  - {id: match, kind: pattern, pattern: "isinstance($A, $B)"}
""",
    "plan.yaml",
)
NAME = b"get_planted"
USE = b"import planted_module; planted_module.get_planted()"
_OURS = ("a rule failed on this file", "crashed the process", "took more than", "git did not answer")
NASTY = (
    *(
        b"(",
        b")",
        b"[",
        b"{",
        b'"""',
        b"'''",
        b'"',
        b"'",
        b"\\",
        b"\\\n",
        b"\0",
        b"\f",
        b"\v",
        b"\r",
        b"\r\n",
        b"\xff",
    ),
    *(
        b"#",
        b":",
        b":=",
        b"@",
        b"*",
        b"**",
        b"->",
        b"...",
        b"`",
        b"$",
        b"?",
        b"!",
        b";",
        b"\t",
        b"    ",
        b"\n",
        b"\x1a",
    ),
    *(
        b"lambda: ",
        b"async ",
        b"await ",
        b"yield ",
        b"match x:\n case ",
        b"type X[T] = ",
        b"print ",
        b"exec ",
        b"global ",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xc2\xa0",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
        b"\xf0\x9f\x98\x80",
        b"\xed\xa0\x80",
        b'f"{',
        b"f'''{x!r:{",
        b'rb"',
    ),
    *(
        b"# coding: utf-7\n",
        b"# -*- coding: latin-1 -*-\n",
        b"# coding: utf-16\n",
        b"# coding: rot13\n",
        b"# coding: shift_jis\n",
    ),
    *(
        b"from . import *\n",
        b"from planted_module import *\n",
        b"__all__ = ['get_planted']\n",
        b"import planted_module as Context\n",
    ),
    *(
        b"class A(metaclass=B):\n  _instance = None\n",
        b"def f(a, /, *, b): return None\n",
        b"try:\n  x\nexcept* E:\n  pass\n",
    ),
    *(
        b"# ssot: ignore[planted] because of this\n",
        b"# ssot: ignore[",
        b"def get_planted(): pass\n",
        b"'planted_module.get_planted'",
    ),
    *(
        b"(" * 300,
        b"[" * 3000,
        b"-" * 3000,
        b"not " * 2000,
        b"a." * 3000,
        b"lambda: " * 500,
        b"1 + " * 3000,
        b"{1: " * 500,
    ),
    *(
        b"x if y else " * 800,
        b"\n ".join(b" " * n + b"if x:" for n in range(120)),
        b"f'{" * 200,
        b"@" * 500,
        b"\\\n" * 2000,
    ),
)


def mutate(chance: random.Random, text: bytes, other: bytes) -> bytes:
    """The text after a few random changes, with a use of a listed name planted at the start of some line."""
    data = bytearray(text)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 5, 20))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(7):
            case 0:
                data[at : at + chance.choice((1, 3, 40, 2000))] = b""
            case 1:
                data[at:at] = chance.randbytes(chance.choice((1, 2, 10)))
            case 2:
                begin = chance.randrange(len(other) + 1)
                data[at:at] = other[begin : begin + chance.choice((10, 200, 3000))]
            case 3:
                del data[at:]
            case _:
                data[at:at] = chance.choice(NASTY)
    starts = [0, *(place + 1 for place, byte in enumerate(data) if byte == 10)]
    at = chance.choice(starts)
    data[at:at] = USE + chance.choice((b"\n", b"\n", b"\r\n", b"\r", b"  # ", b";"))
    return bytes(data[:400_000])


def wrong(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Path and complaint of each file that a scan of them all, in one commit, gets wrong.

    Raises what the scan raises, which it never should.
    """
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        shas = write_history(Path(folder) / "r.git", [Commit(files)])
        with (
            open_repository(f"{folder}/r.git") as repository,
            Walker(repository, PLAN, processes=2) as walker,
        ):
            found = dict(next(walker.walk(shas)).files)
    for path, text in files.items():
        complaint = _complaint(found.get(RepoPath(path)), text)
        if complaint:
            yield path, complaint


def _complaint(result: FileResult | None, text: bytes) -> str:
    if result is None:
        return "is not among the files"
    if result.unparsed and result.unparsed.reason.startswith(_OURS):
        return result.unparsed.reason
    if result.skipped:
        return "" if b"\0" in text else f"skipped: {result.skipped.reason}"
    if any(finding.rule == "planted" for finding in result.findings) or not result.clean:
        return ""
    used = _used(text)
    if used is None:
        return (
            "clean, though Python cannot read it and the planted use is code" if _stands_in_code(text) else ""
        )
    return "clean, though Python sees the planted use" if used else ""


def _stands_in_code(text: bytes) -> bool:
    """Return true if the grammar finds the planted name outside strings and comments."""
    root = Parser(Language(tree_sitter_python.language())).parse(text).root_node
    at = text.find(NAME)
    while at >= 0:
        node = root.descendant_for_byte_range(at, at + len(NAME))
        if node is not None and node.type not in {"string_content", "string", "comment", "escape_sequence"}:
            return True
        at = text.find(NAME, at + 1)
    return False


def _used(text: bytes) -> bool | None:
    """Return true if Python's own parser finds the planted call, or None if it cannot parse the code."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call, ast.Attribute) and call.attr == "get_planted")
    return any(isinstance(call.value, ast.Name) and call.value.id == "planted_module" for call in named)


def batches(chance: random.Random, seeds: list[bytes], size: int) -> Iterator[dict[str, bytes]]:
    """Batches of mutated texts by path, for ever."""
    while True:
        yield {f"m{n}.py": mutate(chance, chance.choice(seeds), chance.choice(seeds)) for n in range(size)}


def read_seeds(folder: Path, bound: int = 60_000) -> list[bytes]:
    """The Python files below a folder, large ones left out."""
    files: Iterable[Path] = sorted(folder.rglob("*.py"))
    return [file.read_bytes() for file in files if file.is_file() and 0 < file.stat().st_size < bound]


def main() -> int:
    """1 where anything was wrong, 0 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.scanner.fuzz", description=__doc__)
    parser.add_argument("folder", type=Path, help="real Python files to begin with")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="where to write what the engine is wrong about")
    options = parser.parse_args()
    seeds = read_seeds(options.folder)
    end = time.monotonic() + 60 * options.minutes
    tried = failed = 0
    for files in batches(random.Random(options.seed), seeds, 200):
        began = time.monotonic()
        for path, complaint in wrong(files):
            failed += 1
            print(f"{tried + int(path[1:-3])}: {complaint}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{tried + int(path[1:-3])}.py").write_bytes(files[path])
        tried += len(files)
        if time.monotonic() - began > 60:
            print(f"{tried}: this batch took {time.monotonic() - began:.0f} s", flush=True)
        if time.monotonic() > end:
            break
    print(f"{tried} files tried, {failed} wrong", flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
