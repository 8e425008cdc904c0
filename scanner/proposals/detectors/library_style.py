"""Proposes newer interfaces of the standard library: built-in generics, and pathlib where it prevails."""

from collections import Counter
from collections.abc import Iterator, Sequence

from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey
from scanner.wording import join_words

LEAST = 3
"""Minimum number of files."""

_GENERICS = ("List", "Dict", "Set", "FrozenSet", "Tuple", "Type", "DefaultDict", "Deque")
_PATHS = ("join", "exists", "dirname", "basename", "isfile", "isdir", "abspath", "splitext", "getsize")
_BUILT_IN = (3, 9)


class Detector:
    """Counts files that use the old interfaces, and those that use the new ones."""

    markers: Sequence[Marker] = (Marker("style:os-path", (b"os.path.",)),)

    def __init__(self) -> None:
        self._generics: Counter[str] = Counter()
        self._paths = self._pathlib = 0

    def read(self, file: PythonFile) -> None:
        if file.is_test:
            return
        self._paths += b"os.path." in file.text
        self._pathlib += any(each.module == "pathlib" for each in file.imports)
        self._generics.update(
            each.name for each in file.imports if each.module == "typing" and each.name in _GENERICS
        )

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        if sum(self._generics.values()) >= LEAST and survey.layout.minimum_python >= _BUILT_IN:
            yield _idea(
                survey,
                "typing-aliases",
                f"typing.{min(self._generics)} and others → built-in generics",
                f"Since Python 3.9, list, dict and others take type arguments; typing has "
                f"{join_words(sorted(self._generics))} only for older versions.",
                [f"typing.{name}" for name in _GENERICS],
            )
        if LEAST <= self._paths < self._pathlib:  # otherwise it is a matter of taste
            yield _idea(
                survey,
                "os-path",
                "os.path → pathlib",
                "Most modules that handle paths use pathlib; these still handle them as strings.",
                [f"os.path.{name}" for name in _PATHS],
            )


def _idea(survey: Survey, name: str, title: str, why: str, symbols: list[str]) -> Idea:
    rule = ProposedRule(
        name, "deprecated-symbol", {"symbols": symbols}, title, "low", fixable=("unused-import",)
    )
    key = f"style:{name}"
    return Idea(key, title, why, Evidence.STYLE, (rule,), past=survey.past.use(key))
