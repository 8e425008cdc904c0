"""A file that imports, binds or reads one name thousands of times costs work in proportion to its length."""

import cProfile
import pstats
from collections.abc import Callable

import pytest

from scanner import RepoPath, read_plan
from scanner.engine.analyzer import Analyzer, FileReport

pytestmark = pytest.mark.slow

PLAN = """version: 1
name: All rules
rules:
  - {id: old, kind: deprecated-symbol, symbols: [app.home.get_it]}
  - {id: place, kind: canonical-import, names: {get_it: app.api}}
  - {id: state, kind: shared-state}
  - {id: returned, kind: shared-return}
  - {id: single, kind: singleton}
  - {id: twice, kind: duplicate-definition, names: [get_it]}
  - {id: lacks, kind: missing-argument, callables: [app.home.get_it], argument: x}
"""
TRY = "try:\n    from app.home import get_it\nexcept ImportError:\n    get_it = None\n"
TEXTS: dict[str, Callable[[int], str]] = {
    "one import with the same alias": lambda n: (
        f"from app.home import ({', '.join(['get_it as a'] * n)})\na()\n"
    ),
    "one import with the same name": lambda n: (
        f"from app.home import ({', '.join(['get_it'] * n)})\nget_it()\n"
    ),
    "many imports": lambda n: "from app.home import get_it\n" * n + "get_it()\n",
    "many tries": lambda n: TRY * n + "get_it()\n",
    "many tries of a module": lambda n: (
        "try:\n    import app.home\nexcept ImportError:\n    app = None\n" * n + "app.home.get_it()\n"
    ),
    "many functions": lambda n: "def f():\n    from app.home import get_it\n    get_it()\n" * n,
    "many assignments": lambda n: "from app.home import get_it\n" + "get_it = get_it\n" * n + "get_it()\n",
    "many imports and uses": lambda n: "from app.home import get_it\n" * n + "get_it()\n" * n,
    "one import with many aliases": lambda n: (
        f"from app.home import ({', '.join(f'get_it as a{i}' for i in range(n))})\n"
        + "".join(f"a{i}()\n" for i in range(n))
    ),
    "many quoted annotations": lambda n: "from app.home import get_it\n" + "x: 'get_it'\n" * n,
}


def profiled(text: str) -> tuple[FileReport, pstats.Stats]:
    """Read one file; its report, and the calls that took."""
    analyzer = Analyzer(read_plan(PLAN, "plan.yaml"))
    profile = cProfile.Profile()
    report = profile.runcall(analyzer.analyze, RepoPath("app/x.py"), text.encode())
    return report, pstats.Stats(profile)


def reading(text: str) -> tuple[FileReport, int]:
    """Read one file; its report, and how many calls that took."""
    report, stats = profiled(text)
    return report, int(stats.total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", TEXTS)
def test_twice_the_file_is_twice_the_work(text: str) -> None:
    reading(TEXTS[text](10))  # what is loaded once is loaded now
    _, calls = reading(TEXTS[text](300))
    _, more = reading(TEXTS[text](600))
    assert more < 2.3 * calls


def test_the_text_is_not_searched_for_each_of_many_names() -> None:
    searches = []
    for number in (300, 600):
        _, stats = profiled(TEXTS["one import with many aliases"](number))
        calls = stats.stats.items()  # type: ignore[attr-defined]
        searches.append(sum(found[0] for (_, _, name), found in calls if name == "word_offsets"))
    assert searches[1] - searches[0] < 3 * 300  # two rules look for the 300 more `get_it`


@pytest.mark.parametrize(("text", "number"), [(name, number) for name in TEXTS for number in (1, 3, 5000)])
def test_every_place_is_still_reported(text: str, number: int) -> None:
    report, _ = reading(TEXTS[text](number))
    assert (report.skipped, report.fault) == ("", None)
    found = {rule: len(said.hits) for rule, said in report.rule_reports.items()}
    assert found["old"] == {
        "many tries of a module": 1,
        "many functions": 2 * number,
        "many imports and uses": 2 * number,
        "one import with many aliases": 2 * number,
        "many assignments": number + 2,
    }.get(text, number + 1)
