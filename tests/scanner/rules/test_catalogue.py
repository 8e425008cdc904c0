"""The catalogue polices itself: every kind is documented, tested with hits and silences, and listed."""

import importlib
import inspect
import re
from collections import Counter
from pathlib import Path
from pkgutil import iter_modules

import pytest

from scanner import rules
from scanner.planfile.rules import format_kinds
from scanner.rules import kinds
from scanner.rules.base import Rule

PROJECT = Path(__file__).parents[3]
KINDS = sorted(kinds(), key=lambda kind: kind.kind)
SHARED = {"base", "facts", "required_text", "symbols", "text_patterns"}
HITS = SILENCES = 3
CASES = 150


def test_every_module_of_the_folder_is_one_kind_and_has_its_name() -> None:
    modules = {module.name for module in iter_modules(rules.__path__)} - SHARED
    assert [kind.kind for kind in KINDS] == sorted(name.replace("_", "-") for name in modules)


def test_every_kind_is_one_that_the_plan_format_names() -> None:
    assert {kind.kind for kind in KINDS} <= set(format_kinds())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_the_documentation_has_a_reason_a_hit_and_a_silence(kind: type[Rule]) -> None:
    words = kind.documentation()
    assert re.fullmatch(r"[A-Z].{10,80}\.", (kind.__doc__ or "").splitlines()[0]), (
        "the class says what is wrong"
    )
    summary, _, rest = words.partition("\n\n")
    assert summary.endswith("."), "one paragraph that says what"
    assert len(rest.split("\n\n")[0]) > 60, "one that says why"
    assert re.search(r"^Reported\b", words, re.MULTILINE), "an example of a hit"
    assert re.search(r"^Not reported\b", words, re.MULTILINE), "an example that is not reported"
    assert re.search(r"^    \S", words, re.MULTILINE), "the example is code"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_role_has_hits_and_silences(kind: type[Rule]) -> None:
    hits, decoys = _marks(kind, "!"), _marks(kind, "?")
    if len(kind.roles) == 1:  # every case of silence is one of its only role
        decoys[kind.roles[0]] = _cases(kind, "check_silent(")
    for role in kind.roles:
        assert hits[role] >= HITS, f"{kind.kind} has {hits[role]} hits of {role}"
        assert decoys[role] >= SILENCES, f"{kind.kind} has {decoys[role]} silences that look like {role}"


def _marks(kind: type[Rule], sign: str) -> Counter[str]:
    """How often the tests of a kind name each role behind `#!` (a hit) or `#?` (a decoy)."""
    texts = (file.read_text() for file in _files(kind))
    return Counter(
        role
        for text in texts
        for match in re.finditer(rf"#{re.escape(sign)} ([a-z -]+)", text)
        for role in match.group(1).split()
    )


def test_the_corpus_is_large_and_at_least_half_of_it_silent() -> None:
    hits = sum(_cases(kind, "check_hits(") for kind in KINDS)
    silences = sum(_cases(kind, "check_silent(") for kind in KINDS)
    assert hits + silences >= CASES
    assert silences >= hits, f"{hits} cases with hits, {silences} without"


def _files(kind: type[Rule]) -> list[Path]:
    """The files that test a kind, by topic where there are several."""
    return sorted((PROJECT / "tests" / "scanner" / "rules").glob(f"test_{kind.kind.replace('-', '_')}*.py"))


def _cases(kind: type[Rule], verb: str) -> int:
    """How many cases the tests of a kind give to a check."""
    found = 0
    for file in _files(kind):
        name = f"tests.scanner.rules.{file.stem}"
        tests = (
            value for key, value in vars(importlib.import_module(name)).items() if key.startswith("test_")
        )
        for value in tests:
            if hasattr(value, "hypothesis"):  # a law, not a case
                continue
            if verb in inspect.getsource(value):
                marks = [mark for mark in getattr(value, "pytestmark", []) if mark.name == "parametrize"]
                found += max((len(mark.args[1]) for mark in marks), default=1)
    return found
