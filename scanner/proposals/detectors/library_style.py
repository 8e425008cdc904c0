"""Proposes newer interfaces of the standard library: built-in generics and pathlib."""

from collections import Counter
from collections.abc import Iterator

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
    """Counts files that use the old interfaces."""

    def __init__(self) -> None:
        self._generics: Counter[str] = Counter()
        self._paths = 0

    def read(self, file: PythonFile) -> None:
        if file.is_test:
            return
        self._paths += b"os.path." in file.text
        self._generics.update(
            each.name for each in file.imports if each.module == "typing" and each.name in _GENERICS
        )

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        if sum(self._generics.values()) >= LEAST and survey.layout.minimum_python >= _BUILT_IN:
            names = sorted(self._generics)
            yield _idea(
                "typing-aliases",
                f"typing.{names[0]} and others → built-in generics",
                f"Since Python 3.9, list, dict and others take type arguments; typing has "
                f"{join_words(names)} only for older versions.",
                [f"typing.{name}" for name in names],
            )
        if self._paths >= LEAST:
            yield _idea(
                "os-path",
                "os.path → pathlib",
                "Paths are handled as strings with os.path; pathlib has methods for them.",
                [f"os.path.{name}" for name in _PATHS],
            )


def _idea(name: str, title: str, why: str, symbols: list[str]) -> Idea:
    rule = ProposedRule(
        name, "deprecated-symbol", {"symbols": symbols}, title, "low", fixable=("unused-import",)
    )
    return Idea(f"style:{name}", title, why, Evidence.STYLE, (rule,))
